import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { PasswordHasher } from '../src/auth/passwords.js';
import { Mailer } from '../src/common/mail/mailer.js';
import type { UserDto } from '../src/users/dto/user.dto.js';
import { mailTo, openAccount, PASSWORD, settled, tokenIn } from './support/accounts.js';
import { authClient, freshEmail, NEW_PASSWORD } from './support/auth.js';
import { type Answer, Shop } from './support/shop.js';

const MINUTE = 60;

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

describe('registering', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const { post, register, login, account, mailsTo } = authClient(() => shop);

  it('leads by way of the mail to signing in', async () => {
    const email = freshEmail();
    const registered = await register(email.toUpperCase());
    const early = await login(email);
    const verified = await post('verify-email', { token: tokenIn(mailTo(shop, email)) });

    expect(registered.status).toBe(202);
    expect(early.status).toBe(403);
    expect(early.body).toMatchObject({ type: 'http://localhost:3000/problems/email-unverified' });
    expect(verified.status).toBe(204);
    expect((await login(email)).status).toBe(200);
  });

  it('answers the same for an e-mail that is known, and changes nothing of its account (ASVS 6.3.8)', async () => {
    const { email } = await account();
    const known = await register(email, { password: NEW_PASSWORD });
    const unknown = await register(freshEmail());

    expect(known.status).toBe(unknown.status);
    expect(known.body).toEqual(unknown.body);
    expect((await login(email)).status).toBe(200);
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
  });

  it('tells the owner of a known e-mail by mail that there is an account', async () => {
    const { email } = await account();
    await register(email);

    expect(mailTo(shop, email)).toMatchObject({ subject: 'You already have an account' });
  });

  it('hashes the password for a known e-mail too, so that the time says nothing', async () => {
    const { email } = await account();
    const hashing = jest.spyOn(shop.app.get(PasswordHasher), 'hash');
    await register(email);

    expect(hashing).toHaveBeenCalledTimes(1);
  });

  it('makes one account of two registrations at once', async () => {
    const email = freshEmail();
    const answers = await Promise.all([register(email), register(email)]);

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(mailsTo(email)).toBe(2);
  });

  it('puts nothing that the sender chose into a mail to somebody who may never have asked', async () => {
    const email = freshEmail();
    await register(email, { name: 'Win a prize at evil.example' });

    expect(mailTo(shop, email).text).not.toContain('evil');
  });

  it('leads to an operation of /docs as long as the shop has no web pages', async () => {
    const email = freshEmail();
    await register(email);
    const [, operation] = /http:\/\/localhost:3000\/docs#\/Auth\/(\w+)\n/.exec(mailTo(shop, email).text) ?? [];
    const { body } = await shop.ask<OpenAPIObject>('/openapi.json');

    expect(body.paths['/api/v1/auth/verify-email']?.post?.operationId).toBe(operation);
    expect(mailTo(shop, email).text).not.toContain('curl');
  });

  it('shows the mails in the mailbox, their links without the punctuation around them', async () => {
    const email = freshEmail();
    await register(email);
    await shop.app.get(Mailer).send({
      to: email,
      subject: 'Links',
      text: 'See http://a.example/b, (http://a.example/c?d=e). Or http://a.example/',
    });
    await settled(shop);
    const links = [...(await shop.ask<string>('/dev/mailbox')).body.matchAll(/<a href="([^"]*)"/g)].map(
      ([, url]) => url,
    );

    expect(links.slice(0, 4)).toEqual([
      'http://a.example/b',
      'http://a.example/c?d=e',
      'http://a.example/',
      'http://localhost:3000/docs#/Auth/authVerifyEmail',
    ]);
  });

  it.each([
    ['14 characters', 'x7 q2 herons b', 'minLength'],
    ['129 characters', 'herons over the pier '.repeat(7).slice(0, 129), 'maxLength'],
    ['a common one twice', 'passwordpassword', 'password_breached'],
    ['the name of the shop', 'my Stockroom is mine alone', 'password_context'],
  ])('refuses a password of %s (NIST SP 800-63B-4 §3.1.1.2)', async (_, password, code) => {
    const { status, body } = await register(freshEmail(), { password });

    expect(status).toBe(422);
    expect(body).toMatchObject({
      type: 'http://localhost:3000/problems/validation-failed',
      errors: [{ pointer: '#/password', code }],
    });
  });

  it('refuses a password of the e-mail’s own name (ASVS 6.2.11)', async () => {
    const { body } = await register('marguerite@example.com', { password: 'marguerite, in the garden' });

    expect(body).toMatchObject({ errors: [{ pointer: '#/password', code: 'password_context' }] });
  });

  it('refuses a password that is too long before hashing it', async () => {
    const hashing = jest.spyOn(shop.app.get(PasswordHasher), 'hash');
    await register(freshEmail(), { password: 'x'.repeat(100_000) });

    expect(hashing).not.toHaveBeenCalled();
  });

  it.each([' spaces at both ends ', 'naïve café, señor', '🦩🦩🐚 flamingos at dawn 🌅', 'ünlü ŞAİR değil misin'])(
    'takes %j as it is, without trimming or folding (ASVS 6.2.8)',
    async (password) => {
      const email = freshEmail();
      await register(email, { password });
      await post('verify-email', { token: tokenIn(mailTo(shop, email)) });

      expect((await login(email, password)).status).toBe(200);
      expect((await login(email, password.toUpperCase())).status).toBe(401);
      expect((await login(email, Array.from(password).slice(0, -1).join(''))).status).toBe(401);
    },
  );

  it('reads a password in NFC, however the device wrote it (NIST SP 800-63B-4 §3.1.1.2)', async () => {
    const email = freshEmail();
    await register(email, { password: 'café au lait, twice'.normalize('NFD') });
    await post('verify-email', { token: tokenIn(mailTo(shop, email)) });

    expect((await login(email, 'café au lait, twice'.normalize('NFC'))).status).toBe(200);
  });

  it.each([{ roles: ['admin'] }, { emailVerified: true }, { id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' }])(
    'refuses %j (API3:2023, mass assignment)',
    async (change) => {
      expect((await register(freshEmail(), change)).status).toBe(422);
    },
  );

  it('bears so many mails to one e-mail, then answers 429 with Retry-After, known or not', async () => {
    const { email } = await account();
    const ask = async (whom: string): Promise<Answer<object>[]> =>
      Promise.all(Array.from({ length: 11 }, () => post('forgot-password', { email: whom })));
    const [known, unknown] = [await ask(email), await ask(freshEmail())];

    expect(known.filter(({ status }) => status === 202)).toHaveLength(10);
    expect(unknown.filter(({ status }) => status === 202)).toHaveLength(10);
    expect(Number(known.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('registering an e-mail before its owner does', () => {
  const { post, register, login, mailsTo } = authClient(() => shop);

  const registered = async (email: string, password: string, name: string): Promise<string> => {
    await register(email, { password, name });
    return tokenIn(mailTo(shop, email.toLowerCase()));
  };
  const invite = async (email: string, roles: string[]): Promise<Answer<UserDto>> => {
    const { token } = await openAccount(shop, 'admin');
    const answer = await shop.ask<UserDto>('users', { method: 'POST', token, json: { email, name: 'Grace', roles } });
    await settled(shop);
    return answer;
  };

  it('gives a stranger nothing: the latest registration counts, and only its link works', async () => {
    const email = freshEmail();
    const first = await registered(email, NEW_PASSWORD, 'Mallory');
    const second = await registered(email.toUpperCase(), PASSWORD, 'Ada');
    const statuses = [await post('verify-email', { token: first }), await post('verify-email', { token: second })];

    expect(statuses.map(({ status }) => status)).toEqual([422, 204]);
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
    const { status, body } = await login(email, PASSWORD);
    expect(status).toBe(200);
    expect((await shop.ask<UserDto>('users/me', { token: body.accessToken })).body).toMatchObject({ name: 'Ada' });
  });

  it('is said in the mail of the later registration', async () => {
    const email = freshEmail();
    await registered(email, NEW_PASSWORD, 'Mallory');
    const before = mailTo(shop, email).text;
    await registered(email, PASSWORD, 'Ada');

    expect(before).not.toContain('again');
    expect(mailTo(shop, email).text).toContain('opened with this e-mail again');
  });

  it('gives a stranger nothing when the owner sets a password by mail instead', async () => {
    const email = freshEmail();
    const link = await registered(email, NEW_PASSWORD, 'Mallory');
    await post('forgot-password', { email });
    await post('reset-password', { token: tokenIn(mailTo(shop, email)), password: PASSWORD });

    expect((await post('verify-email', { token: link })).status).toBe(422);
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
    expect((await login(email, PASSWORD)).status).toBe(200);
  });

  it('changes nothing once the e-mail is verified', async () => {
    const email = freshEmail();
    await post('verify-email', { token: await registered(email, PASSWORD, 'Ada') });
    await registered(email, NEW_PASSWORD, 'Mallory');

    expect(mailTo(shop, email).subject).toBe('You already have an account');
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
    expect((await login(email, PASSWORD)).status).toBe(200);
  });

  it('does not keep an administrator from inviting the owner, nor the stranger in', async () => {
    const email = freshEmail();
    const link = await registered(email, NEW_PASSWORD, 'Mallory');
    const { status, body } = await invite(email, ['staff']);
    const invitation = tokenIn(mailTo(shop, email));

    expect(status).toBe(201);
    expect(body).toMatchObject({ email, name: 'Grace', roles: ['staff'], emailVerified: false });
    expect((await post('verify-email', { token: link })).status).toBe(422);
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
    expect((await post('reset-password', { token: invitation, password: PASSWORD })).status).toBe(204);
    expect((await login(email)).status).toBe(200);
  });

  it('does not take over somebody who was invited', async () => {
    const email = freshEmail();
    await invite(email, ['admin']);
    await register(email, { password: NEW_PASSWORD, name: 'Mallory' });
    const { text, subject } = mailTo(shop, email);
    await post('verify-email', { token: tokenIn({ to: email, subject, text }) });

    expect(subject).toBe('You already have an account');
    expect((await login(email, NEW_PASSWORD)).status).toBe(401);
  });

  it('verifies or replaces, when both happen at once', async () => {
    for (let round = 0; round < 5; round++) {
      const email = freshEmail();
      const link = await registered(email, PASSWORD, 'Ada');
      const [{ status }] = await Promise.all([
        post('verify-email', { token: link }),
        register(email, { password: NEW_PASSWORD, name: 'Mallory' }),
      ]);

      expect(mailsTo(email)).toBe(2);
      expect((await login(email, PASSWORD)).status).toBe(status === 204 ? 200 : 401);
      expect((await login(email, NEW_PASSWORD)).status).toBe(status === 204 ? 401 : 403);
    }
  });
});

describe('an e-mail address', () => {
  let admin: string;
  beforeAll(async () => {
    admin = (await openAccount(shop, 'admin')).token;
  });
  const { post, register, login } = authClient(() => shop);

  it.each([
    'ada\u3000@example.com',
    'a\u200bda@example.com',
    'ada@exa\u00admple.com',
    'ada\ufe0f@example.com',
    'ada\ud800@example.com',
    'ada@example.com ',
    'ada@erased.invalid',
  ])('%j is refused wherever one is taken', async (email) => {
    const answers = [
      await register(email),
      await login(email),
      await post('forgot-password', { email }),
      await post('resend-verification', { email }),
      await shop.ask('users', { method: 'POST', token: admin, json: { email, name: 'Ada' } }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect(answers[0]?.body).toMatchObject({ errors: [{ pointer: '#/email' }] });
  });

  it.each([
    ['ADA.one@Example.COM', 'ada.one@example.com'],
    ['ju\u0308rgen@example.com', 'jürgen@example.com'],
    ['ada.two@BÜCHER.example', 'ada.two@bücher.example'],
    ['ada.three@xn--bcher-kva.example', 'ada.three@bücher.example'],
    ["o'brien+shop@example.com", "o'brien+shop@example.com"],
  ])('%s is stored, mailed and found as %s', async (written, stored) => {
    await register(written);
    await post('verify-email', { token: tokenIn(mailTo(shop, stored)) });
    const { status, body } = await login(written);

    expect(status).toBe(200);
    expect((await shop.ask<UserDto>('users/me', { token: body.accessToken })).body.email).toBe(stored);
    expect((await login(stored)).status).toBe(200);
  });
});

describe('mails to one mailbox', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
  });
  afterAll(() => shop.close());
  const { post, login, account, mailsTo } = authClient(() => shop);
  const forgot = async (email: string, address: string): Promise<number> =>
    (await post('forgot-password', { email }, undefined, address)).status;
  const strangers = (n: number): string => `198.51.100.${String(n)}`;

  it('are bounded, with any tag in its address, and their last link works', async () => {
    const { email } = await account();
    const statuses = await Promise.all(Array.from({ length: 18 }, (_, n) => forgot(email, strangers(n))));
    for (let n = 18; n < 25; n++) statuses.push(await forgot(email, strangers(n)));
    const token = tokenIn(mailTo(shop, email));

    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(mailsTo(email)).toBe(20);
    expect((await post('reset-password', { token, password: NEW_PASSWORD })).status).toBe(204);
  });

  it('count for all addresses that differ by a tag', async () => {
    const [name = '', domain = ''] = freshEmail().split('@');
    const emails = Array.from({ length: 25 }, (_, n) => `${name}+${String(n)}@${domain}`);
    await Promise.all(
      emails.map((email, n) => post('register', { email, password: PASSWORD, name: 'Ada' }, undefined, strangers(n))),
    );
    const mailed = emails.map(mailsTo);

    expect(mailed.filter((mails) => mails > 0)).toHaveLength(20);
  });

  it('that strangers cause do not keep the owner from another one', async () => {
    const { email } = await account();
    await login(email, PASSWORD, '192.0.2.1');
    await Promise.all(Array.from({ length: 25 }, (_, n) => forgot(email, strangers(n))));

    expect(await forgot(email, '192.0.2.1')).toBe(202);
    expect(mailsTo(email)).toBe(21);
  });

  it('are refused to the network that asks too often, and to no other', async () => {
    const { email } = await account();
    const statuses = await Promise.all(Array.from({ length: 11 }, () => forgot(email, '198.51.100.1')));

    expect(statuses.sort()).toEqual([...Array<number>(10).fill(202), 429]);
    expect(await forgot(email, '192.0.2.1')).toBe(202);
    expect(mailsTo(email)).toBe(11);
  });
});

describe('the token of a mail', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const { post, register, account, mailsTo, later } = authClient(() => shop);

  const registered = async (): Promise<{ email: string; token: string }> => {
    const email = freshEmail();
    await register(email);
    return { email, token: tokenIn(mailTo(shop, email)) };
  };

  it('works once (ASVS 6.5.1)', async () => {
    const { token } = await registered();
    const answers = await Promise.all([1, 2, 3].map(() => post('verify-email', { token })));

    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422]);
    expect(answers.find(({ status }) => status === 422)?.body).toMatchObject({
      type: 'http://localhost:3000/problems/invalid-link',
    });
  });

  it('works for 60 minutes', async () => {
    const { token } = await registered();
    later(60 * MINUTE);

    expect((await post('verify-email', { token })).status).toBe(422);
  });

  it('stops working when a newer one is sent', async () => {
    const { email, token } = await registered();
    const { status } = await post('resend-verification', { email });

    expect(status).toBe(202);
    expect((await post('verify-email', { token })).status).toBe(422);
    expect((await post('verify-email', { token: tokenIn(mailTo(shop, email)) })).status).toBe(204);
  });

  it('serves its own purpose alone', async () => {
    const { token } = await registered();

    expect((await post('reset-password', { token, password: NEW_PASSWORD })).status).toBe(422);
  });

  it('is stored as a hash (ASVS 6.5.2)', async () => {
    const { token } = await registered();
    const rows = await shop.app.get(DataSource).query<object[]>('SELECT * FROM one_time_tokens');

    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('is not sent again to a verified user, and nobody learns that', async () => {
    const { email } = await account();
    const { status, body } = await post('resend-verification', { email });
    const unknown = await post('resend-verification', { email: freshEmail() });

    expect([status, body]).toEqual([unknown.status, unknown.body]);
    expect(mailsTo(email)).toBe(0);
  });
});
