import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { PasswordHasher } from '../src/auth/passwords.js';
import { mailTo, tokenIn } from './support/accounts.js';
import { authClient, freshEmail, NEW_PASSWORD } from './support/auth.js';
import { type Answer, Shop } from './support/shop.js';

const MINUTE = 60;

describe('registering', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
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

  it('sends a call that runs as it is printed', async () => {
    const email = freshEmail();
    await register(email);
    const [, url, body] =
      /curl -X POST (\S+) -H 'content-type: application\/json' -d '([^']+)'/.exec(mailTo(shop, email).text) ?? [];
    const { status } = await shop.ask(new URL(url ?? '').pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(status).toBe(204);
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
      expect((await login(email, password.slice(0, -1))).status).toBe(401);
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

describe('the token of a mail', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
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

  it('is not sent again to whoever is verified, and nobody hears of it', async () => {
    const { email } = await account();
    const { status, body } = await post('resend-verification', { email });
    const unknown = await post('resend-verification', { email: freshEmail() });

    expect([status, body]).toEqual([unknown.status, unknown.body]);
    expect(mailsTo(email)).toBe(0);
  });
});
