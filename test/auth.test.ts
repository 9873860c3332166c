import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { hash } from '@node-rs/argon2';
import { DataSource } from 'typeorm';
import { AccessTokens } from '../src/auth/access-tokens.js';
import type { TokensDto } from '../src/auth/dto/auth.dto.js';
import type { JwksDto } from '../src/auth/dto/jwks.dto.js';
import type { SessionPage } from '../src/auth/dto/session.dto.js';
import { PasswordHasher } from '../src/auth/passwords.js';
import { RefreshTokens } from '../src/auth/refresh-tokens.js';
import { SigningKeys } from '../src/auth/signing-keys.js';
import { Mailbox, Mailer } from '../src/common/mail/mailer.js';
import { Secrets } from '../src/common/security/secrets.js';
import { Clock } from '../src/common/time/clock.js';
import { AccountsService } from '../src/users/accounts.service.js';
import { type Account, mailTo, openAccount, PASSWORD, tokenIn } from './support/accounts.js';
import { testConfig } from './support/database.js';
import { type Answer, Shop } from './support/shop.js';

const NEW_PASSWORD = 'seven herons over the pier';
const MINUTE = 60;
const DAY = 24 * 3600;

let people = 0;
const freshEmail = (): string => `person-${String(++people)}@example.com`;

describe('auth', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());

  const post = <T = Record<string, unknown>>(path: string, json: unknown, token?: string): Promise<Answer<T>> =>
    shop.ask<T>(`auth/${path}`, { method: 'POST', json, token });
  const register = (email: string, change: object = {}): Promise<Answer<object>> =>
    post('register', { email, password: PASSWORD, name: 'Ada', ...change });
  const login = (email: string, password = PASSWORD): Promise<Answer<TokensDto>> => post('login', { email, password });
  const refresh = (refreshToken: string): Promise<Answer<TokensDto>> => post('refresh', { refreshToken });
  const whoAmI = async (token: string): Promise<number> => (await shop.ask('users/me', { token })).status;
  const account = (): Promise<Account> => openAccount(shop, 'customer');
  const mailsTo = (email: string): number => {
    const mailer = shop.app.get(Mailer);
    return mailer instanceof Mailbox ? mailer.mails.filter(({ to }) => to === email).length : 0;
  };
  /** From here on it is so many seconds later. */
  const later = (seconds: number): void => {
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + seconds * 1000));
  };

  describe('registering', () => {
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

  describe('a forgotten password', () => {
    const forgotten = async (email: string): Promise<string> => {
      await post('forgot-password', { email });
      return tokenIn(mailTo(shop, email));
    };

    it('is replaced by way of the mail; every session ends, and nobody is logged in', async () => {
      const { email, token: access, refreshToken } = await account();
      const { status, body } = await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

      expect(status).toBe(204);
      expect(body).toBe('');
      expect(await whoAmI(access)).toBe(401);
      expect((await refresh(refreshToken)).status).toBe(401);
      expect((await login(email)).status).toBe(401);
      expect((await login(email, NEW_PASSWORD)).status).toBe(200);
    });

    it('sends a notice (ASVS 6.3.7)', async () => {
      const { email } = await account();
      await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

      expect(mailTo(shop, email).subject).toBe('Your password was changed');
    });

    it('answers the same for an e-mail that nobody has (ASVS 6.3.8)', async () => {
      const known = await post('forgot-password', { email: (await account()).email });
      const unknown = await post('forgot-password', { email: freshEmail() });

      expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
    });

    it('keeps its token when the new password is refused', async () => {
      const { email } = await account();
      const token = await forgotten(email);

      expect((await post('reset-password', { token, password: 'passwordpassword' })).status).toBe(422);
      expect((await post('reset-password', { token, password: NEW_PASSWORD })).status).toBe(204);
    });

    it('loses its token to a change of the password', async () => {
      const { email, token: access } = await account();
      const token = await forgotten(email);
      await post('change-password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }, access);

      expect((await post('reset-password', { token, password: 'another good one, I think' })).status).toBe(422);
    });

    it('verifies the e-mail as well, which it has just shown', async () => {
      const email = freshEmail();
      await register(email);
      await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

      expect((await login(email, NEW_PASSWORD)).status).toBe(200);
    });

    it('opens an account that is paused for guessing', async () => {
      const { email } = await account();
      await Promise.all(Array.from({ length: 10 }, () => login(email, 'a wrong password')));
      const paused = await login(email);
      await post('reset-password', { token: await forgotten(email), password: NEW_PASSWORD });

      expect(paused.status).toBe(429);
      expect((await login(email, NEW_PASSWORD)).status).toBe(200);
    });
  });

  describe('logging in', () => {
    it('gives an access token for 15 minutes and a refresh token, for nobody to keep', async () => {
      const { email } = await account();
      const { status, headers, body } = await login(email);

      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('private, no-store');
      expect(body).toEqual({
        accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        tokenType: 'Bearer',
        expiresIn: 900,
        refreshToken: expect.stringMatching(/^[\w-]{100,}$/),
      });
      expect(await whoAmI(body.accessToken)).toBe(200);
    });

    it('says the same of a wrong password and an unknown e-mail (ASVS 6.3.8)', async () => {
      const wrong = await login((await account()).email, 'a wrong password');
      const unknown = await login(freshEmail(), 'a wrong password');
      const said = ({ status, headers, body }: Answer<object>): object => [
        status,
        [...headers.keys()].sort(),
        { ...body, requestId: '' },
      ];

      expect(wrong.status).toBe(401);
      expect(wrong.body).toMatchObject({ type: 'http://localhost:3000/problems/invalid-credentials' });
      expect(said(unknown)).toEqual(said(wrong));
    });

    it('checks a hash for an unknown e-mail too, so that the time says nothing', async () => {
      const checking = jest.spyOn(shop.app.get(PasswordHasher), 'verify');
      await login(freshEmail());

      expect(checking).toHaveBeenCalledTimes(1);
    });

    it('says that the e-mail is not verified to the right password only', async () => {
      const email = freshEmail();
      await register(email);

      expect((await login(email, 'a wrong password')).status).toBe(401);
      expect((await login(email)).status).toBe(403);
    });

    it('finds nothing for somebody invited who has no password yet', async () => {
      const email = freshEmail();
      await shop.app
        .get(AccountsService)
        .open({ email, name: 'Ada', roles: ['customer'], passwordHash: null, verified: true });

      expect((await login(email)).status).toBe(401);
    });

    it('renews a hash that was made with less effort (OWASP Password Storage)', async () => {
      const email = freshEmail();
      const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
      await shop.app
        .get(AccountsService)
        .open({ email, name: 'Ada', roles: ['customer'], passwordHash: weak, verified: true });
      const answers = await Promise.all([login(email), login(email)]);
      const renewed = await shop.app.get(AccountsService).findByEmail(email);

      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(renewed?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await login(email)).status).toBe(200);
    });

    it('lets 50 at once in, and others be served meanwhile', async () => {
      const { email } = await account();
      const statuses: number[] = [];
      const logins = Array.from({ length: 50 }, async () => statuses.push((await login(email)).status));
      const page = await shop.ask('products');
      const letInBefore = statuses.length;
      await Promise.all(logins);

      expect(page.status).toBe(200);
      expect(letInBefore).toBeLessThan(50);
      expect(new Set(statuses)).toEqual(new Set([200]));
    });

    it('pauses an account after ten wrong passwords, known or not, with Retry-After (ASVS 6.3.1)', async () => {
      const guess = async (email: string): Promise<Answer<object>> => {
        for (let tries = 0; tries < 10; tries++) await login(email, 'a wrong password');
        return login(email);
      };
      const [known, unknown] = [await guess((await account()).email), await guess(freshEmail())];

      expect([known.status, unknown.status]).toEqual([429, 429]);
      expect(known.headers.get('retry-after')).toBe(unknown.headers.get('retry-after'));
      expect(Number(known.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    });

    it('answers no more of a burst of guesses than one after the other would be', async () => {
      const { email } = await account();
      const answers = await Promise.all(Array.from({ length: 30 }, () => login(email, 'a wrong password')));
      const told = answers.filter(({ status }) => status === 401).length;

      // those already past the second check when the tenth is counted
      expect(told).toBeLessThanOrEqual(13);
    });

    it('forgets wrong passwords once the right one comes', async () => {
      const { email } = await account();
      for (let round = 0; round < 2; round++) {
        for (let tries = 0; tries < 9; tries++) await login(email, 'a wrong password');
        expect((await login(email)).status).toBe(200);
      }
    });

    it('logs who, and never the password (OWASP Logging Vocabulary)', async () => {
      const { email } = await account();
      const logged = jest.spyOn(Logger.prototype, 'warn');
      await login(email, 'a wrong password');

      expect(logged).toHaveBeenCalledWith(expect.objectContaining({ event: 'authn_login_fail', address: '127.0.0.1' }));
      expect(JSON.stringify(logged.mock.calls)).not.toMatch(new RegExp(`a wrong password|${email}`));
    });
  });

  describe('refreshing', () => {
    it('gives new tokens that work', async () => {
      const { refreshToken } = await account();
      const { status, body } = await refresh(refreshToken);

      expect(status).toBe(200);
      expect(body.refreshToken).not.toBe(refreshToken);
      expect(await whoAmI(body.accessToken)).toBe(200);
      expect((await refresh(body.refreshToken)).status).toBe(200);
    });

    it('ends the session when a used token comes again (RFC 9700 §4.14.2)', async () => {
      const { refreshToken } = await account();
      const { body } = await refresh(refreshToken);
      later(11);
      const logged = jest.spyOn(Logger.prototype, 'warn');
      const again = await refresh(refreshToken);

      expect(again.status).toBe(401);
      expect(again.body).toMatchObject({ type: 'http://localhost:3000/problems/invalid-refresh-token' });
      expect(await whoAmI(body.accessToken)).toBe(401);
      expect((await refresh(body.refreshToken)).status).toBe(401);
      expect(logged).toHaveBeenCalledWith(expect.objectContaining({ event: 'authn_token_reuse' }));
    });

    it('knows a used token again, however many came after it', async () => {
      const { refreshToken } = await account();
      const { body: second } = await refresh(refreshToken);
      const { body: third } = await refresh(second.refreshToken);

      expect((await refresh(refreshToken)).status).toBe(401);
      expect(await whoAmI(third.accessToken)).toBe(401);
    });

    it('answers a client’s own race: the same token within 10 seconds', async () => {
      const { refreshToken } = await account();
      await refresh(refreshToken);
      later(9);
      const { status, body } = await refresh(refreshToken);

      expect(status).toBe(200);
      expect(await whoAmI(body.accessToken)).toBe(200);
    });

    it('answers 20 at once, and leaves one session that goes on with any of the answers', async () => {
      const { refreshToken, token } = await account();
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
      const sessions = await shop.ask<SessionPage>('auth/sessions', { token });
      later(5);
      const [first, last] = [
        await refresh(answers[0]?.body.refreshToken ?? ''),
        await refresh(answers[19]?.body.refreshToken ?? ''),
      ];

      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      expect(sessions.body.data).toHaveLength(1);
      expect([first.status, last.status]).toEqual([200, 200]);
    });

    it('ends 30 days after logging in, however often it was used', async () => {
      let { refreshToken } = await account();
      for (const day of [10, 20, 29]) {
        later(day * DAY);
        ({ refreshToken } = (await refresh(refreshToken)).body);
      }
      later(30 * DAY + MINUTE);

      expect((await refresh(refreshToken)).status).toBe(401);
    });

    it('ends after 14 days without use', async () => {
      const { refreshToken } = await account();
      later(14 * DAY + MINUTE);

      expect((await refresh(refreshToken)).status).toBe(401);
    });

    it('refuses what is no refresh token', async () => {
      const { token } = await account();

      expect((await refresh('made-up')).status).toBe(401);
      expect((await refresh(token)).status).toBe(401);
      expect((await refresh('x'.repeat(1000))).status).toBe(422);
    });
  });

  describe('an access token', () => {
    const claimsOf = (token: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = (header: object, claims: object, key: KeyObject): string => {
      const content = `${encode(header)}.${encode(claims)}`;
      return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    };
    const ours = (): { header: Record<string, unknown>; key: KeyObject } => {
      const { jwk, privateKey } = shop.app.get(SigningKeys).present;
      return { header: { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid }, key: privateKey };
    };
    const refusal = async (token: string): Promise<unknown[]> => {
      const { status, headers } = await shop.ask('users/me', { token });
      return [status, headers.get('www-authenticate')];
    };
    const INVALID = [401, 'Bearer error="invalid_token"'];

    it('says who, where and until when (RFC 9068 §2.2), and can be checked by the published key', async () => {
      const { id, token } = await account();
      const { headers, body } = await shop.ask<JwksDto>('/.well-known/jwks.json');
      const [header = '', payload = '', signature = ''] = token.split('.');
      const { kid, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string; typ: string };
      const jwk = body.keys.find((key) => key.kid === kid);
      const key = {
        key: createPublicKey({ format: 'jwk', key: Object.fromEntries(Object.entries(jwk ?? {})) }),
        dsaEncoding: 'ieee-p1363',
      } as const;
      const claims = claimsOf(token);

      expect(typ).toBe('at+jwt');
      expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(
        true,
      );
      expect(claims).toMatchObject({ iss: 'http://localhost:3000', aud: 'stockroom', sub: id });
      expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
      expect(Number(claims.exp) - Number(claims.iat)).toBe(900);
      expect(headers.get('cache-control')).toBe('public, max-age=300');
      expect(JSON.stringify(body)).not.toContain('"d"');
    });

    it('works as it is made by hand here (the counter-proof of the refusals below)', async () => {
      const { token } = await account();

      expect(await whoAmI(signed(ours().header, claimsOf(token), ours().key))).toBe(200);
    });

    it('runs out after 15 minutes', async () => {
      const { token } = await account();
      later(15 * MINUTE);

      expect(await refusal(token)).toEqual(INVALID);
    });

    it('is refused with alg: none (RFC 8725 §2.1)', async () => {
      const { token } = await account();

      expect(await refusal(`${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claimsOf(token))}.`)).toEqual(INVALID);
      expect(await refusal(`${encode({ ...ours().header, alg: 'none' })}.${encode(claimsOf(token))}.`)).toEqual(
        INVALID,
      );
    });

    it('is refused when signed by HS256 with the public key (RFC 8725 §2.1)', async () => {
      const { token } = await account();
      const { publicKey } = shop.app.get(SigningKeys).present;
      const content = `${encode({ ...ours().header, alg: 'HS256' })}.${encode(claimsOf(token))}`;

      expect(
        await refusal(`${content}.${createHmac('sha256', publicKey).update(content).digest('base64url')}`),
      ).toEqual(INVALID);
    });

    it.each([
      ['another key under our kid', {}, true],
      ['an unknown kid', { kid: 'unknown' }, false],
      ['no kid', { kid: undefined }, false],
      ['the kid of a file', { kid: '../../dev/null' }, false],
      ['a jku', { jku: 'https://evil.example/jwks.json' }, false],
      ['a jwk', { jwk: { kty: 'EC' } }, false],
      ['an x5u', { x5u: 'https://evil.example/cert' }, false],
      ['typ JWT', { typ: 'JWT' }, false],
      ['no typ', { typ: undefined }, false],
      ['a crit', { crit: ['exp'] }, false],
    ])('is refused with %s (RFC 8725 §3)', async (_, header, foreign) => {
      const { token } = await account();
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

      expect(
        await refusal(signed({ ...ours().header, ...header }, claimsOf(token), foreign ? privateKey : ours().key)),
      ).toEqual(INVALID);
    });

    it.each([
      ['issuer', { iss: 'https://evil.example' }],
      ['audience', { aud: 'another' }],
      ['time', { exp: 1 }],
      ['time that is none', { exp: 'never' }],
      ['missing time', { exp: undefined }],
      ['user', { sub: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' }],
      ['session', { sid: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' }],
    ])('is refused with a wrong %s (RFC 8725 §3.8 f.)', async (_, change) => {
      const { token } = await account();

      expect(await refusal(signed(ours().header, { ...claimsOf(token), ...change }, ours().key))).toEqual(INVALID);
    });

    it.each(['x', 'a.b.c', 'e30.e30.e30', '..', 'bnVsbA.bnVsbA.bnVsbA', `${'a'.repeat(6000)}.b.c`])(
      'is refused as %j, and never 500',
      async (token) => {
        expect(await refusal(token)).toEqual(INVALID);
      },
    );

    it('is refused with a megabyte of it', async () => {
      const { hostname, port } = new URL(shop.url);
      const socket = connect(Number(port), hostname);
      socket.write(
        `GET /api/v1/users/me HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${'a'.repeat(1_000_000)}\r\n\r\n`,
      );
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();

      expect(answer.toString()).toMatch(
        /^HTTP\/1.1 401 [^]*www-authenticate: Bearer error="invalid_token"[^]*"status":401/,
      );
    });

    it('is not a refresh token', async () => {
      expect(await refusal((await account()).refreshToken)).toEqual(INVALID);
    });

    it('is checked on a public route too, when it is sent', async () => {
      const { status } = await shop.ask('categories', { token: 'x' });

      expect(status).toBe(401);
    });
  });

  describe('changing the password', () => {
    const change = (token: string, json: object = {}): Promise<Answer<object>> =>
      post('change-password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...json }, token);

    it('ends the other sessions, keeps this one, and sends a notice (ASVS 6.3.7, 7.4.3)', async () => {
      const { email, token } = await account();
      const { body: other } = await login(email);
      const { status } = await change(token);

      expect(status).toBe(204);
      expect(await whoAmI(token)).toBe(200);
      expect(await whoAmI(other.accessToken)).toBe(401);
      expect((await refresh(other.refreshToken)).status).toBe(401);
      expect((await login(email)).status).toBe(401);
      expect((await login(email, NEW_PASSWORD)).status).toBe(200);
      expect(mailTo(shop, email).subject).toBe('Your password was changed');
    });

    it('needs the current one (ASVS 6.2.3)', async () => {
      const { email, token } = await account();
      const { status, body } = await change(token, { currentPassword: 'a wrong password' });

      expect(status).toBe(422);
      expect(body).toMatchObject({
        type: 'http://localhost:3000/problems/wrong-password',
        errors: [{ pointer: '#/currentPassword' }],
      });
      expect((await login(email)).status).toBe(200);
    });

    it('asks as much of the new one as registering does', async () => {
      const { token } = await account();

      expect((await change(token, { newPassword: 'too short' })).body).toMatchObject({
        errors: [{ pointer: '#/newPassword', code: 'minLength' }],
      });
      expect((await change(token, { newPassword: 'letmeinletmeinletmein' })).body).toMatchObject({
        errors: [{ pointer: '#/newPassword', code: 'password_breached' }],
      });
    });

    it('can’t be guessed through', async () => {
      const { token } = await account();
      for (let tries = 0; tries < 10; tries++) await change(token, { currentPassword: 'a wrong password' });

      expect((await change(token)).status).toBe(429);
    });

    it('is for whoever is signed in', async () => {
      expect((await post('change-password', {})).status).toBe(401);
    });
  });

  describe('sessions', () => {
    const list = async (token: string): Promise<SessionPage['data']> =>
      (await shop.ask<SessionPage>('auth/sessions', { token })).body.data;
    const end = async (path: string, token: string): Promise<number> =>
      (await shop.ask(`auth/sessions${path}`, { method: 'DELETE', token })).status;

    it('end by logging out, from the next request on', async () => {
      const { token, refreshToken } = await account();

      expect((await post('logout', undefined, token)).status).toBe(204);
      expect(await whoAmI(token)).toBe(401);
      expect((await refresh(refreshToken)).status).toBe(401);
    });

    it('are shown to their owner: device, address, last seen, and which is this one (ASVS 7.5.2)', async () => {
      const { email, token } = await account();
      const headers = { 'user-agent': 'A device of some kind', 'content-type': 'application/json' };
      await shop.ask('auth/login', { method: 'POST', headers, body: JSON.stringify({ email, password: PASSWORD }) });
      const [latest, first] = await list(token);

      expect(latest).toEqual({
        id: expect.any(String),
        device: 'A device of some kind',
        address: '127.0.0.1',
        current: false,
        createdAt: expect.stringMatching(/Z$/),
        lastSeenAt: expect.stringMatching(/Z$/),
        expiresAt: expect.stringMatching(/Z$/),
      });
      expect(first).toMatchObject({ device: 'tests', current: true });
    });

    it('note to the minute when they were seen last', async () => {
      const { token } = await account();
      const [before] = await list(token);
      later(30);
      const [soon] = await list(token);
      later(90);
      await whoAmI(token);
      const [after] = await list(token);

      expect(soon?.lastSeenAt).toBe(before?.lastSeenAt);
      expect(Date.parse(after?.lastSeenAt ?? '') - Date.parse(before?.lastSeenAt ?? '')).toBeGreaterThan(60_000);
    });

    it('end one by one (ASVS 7.5.2)', async () => {
      const { email, token } = await account();
      const { body: other } = await login(email);
      const id = (await list(token)).find(({ current }) => !current)?.id ?? '';

      expect(await end(`/${id}`, token)).toBe(204);
      expect(await whoAmI(other.accessToken)).toBe(401);
      expect(await whoAmI(token)).toBe(200);
      expect(await end(`/${id}`, token)).toBe(404);
    });

    it('end all but this one (ASVS 7.4.3)', async () => {
      const { email, token } = await account();
      const others = [await login(email), await login(email)];

      expect(await end('', token)).toBe(204);
      expect(await Promise.all(others.map(({ body }) => whoAmI(body.accessToken)))).toEqual([401, 401]);
      expect(await list(token)).toHaveLength(1);
    });

    it('of somebody else are not there (API1:2023)', async () => {
      const [mine, theirs] = [await account(), await account()];
      const id = (await list(theirs.token))[0]?.id ?? '';

      expect(await end(`/${id}`, mine.token)).toBe(404);
      expect(await whoAmI(theirs.token)).toBe(200);
    });

    it('are for whoever is signed in', async () => {
      expect((await shop.ask('auth/sessions')).status).toBe(401);
      expect((await shop.ask('auth/sessions', { method: 'DELETE' })).status).toBe(401);
      expect((await post('logout', undefined)).status).toBe(401);
    });
  });
});

describe('the keys that tokens are signed with', () => {
  const [former, next] = ['former secret of some length, 1234567', 'next secret of another length, 7654321'];
  /** The same parts as before the keys changed. */
  const before = testConfig({ secrets: [former] });
  const keysBefore = new SigningKeys(new Secrets(before));
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ secrets: [next, former] });
  });
  afterAll(() => shop.close());

  const sessionOf = (token: string): string =>
    (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;

  it('change without an access token being refused', async () => {
    const { id, token } = await openAccount(shop, 'customer');
    const tokensBefore = new AccessTokens(new JwtService(), keysBefore, new Clock(), before);
    const { status } = await shop.ask('users/me', { token: tokensBefore.mint(id, sessionOf(token)) });

    expect(status).toBe(200);
  });

  it('change without a refresh token being refused', async () => {
    const { token } = await openAccount(shop, 'customer');
    const refreshTokensBefore = new RefreshTokens(new Secrets(before));
    const sealed = refreshTokensBefore.seal(refreshTokensBefore.first(sessionOf(token)));

    expect(shop.app.get(RefreshTokens).open(sealed)?.sessionId).toBe(sessionOf(token));
  });

  it('are all published, the one that signs first (RFC 7517)', async () => {
    const { keys } = (await shop.ask<JwksDto>('/.well-known/jwks.json')).body;

    expect(keys).toHaveLength(2);
    expect(keys[1]).toEqual(keysBefore.present.jwk);
  });

  it('are refused once their secret is gone', async () => {
    const { id, token } = await openAccount(shop, 'customer');
    const gone = testConfig({ secrets: ['a secret that was taken out, 1234567'] });
    const tokens = new AccessTokens(new JwtService(), new SigningKeys(new Secrets(gone)), new Clock(), gone);
    const { status } = await shop.ask('users/me', { token: tokens.mint(id, sessionOf(token)) });

    expect(status).toBe(401);
  });
});
