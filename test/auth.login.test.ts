import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { hash } from '@node-rs/argon2';
import { DataSource } from 'typeorm';
import { PasswordHasher } from '../src/auth/passwords.js';
import { AccountsService } from '../src/users/accounts.service.js';
import { UsersService } from '../src/users/users.service.js';
import { type Account, mailTo, PASSWORD, tokenIn } from './support/accounts.js';
import { authClient, freshEmail, NEW_PASSWORD } from './support/auth.js';
import { type Answer, LITTLE_EFFORT, Shop } from './support/shop.js';

describe('logging in', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  /** Lets go on what a test holds, also when the test has failed. */
  let release = (): void => undefined;
  afterEach(() => {
    release();
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
  const { register, login, whoAmI, account } = authClient(() => shop);

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
      .get(UsersService)
      .create({ email, name: 'Ada', roles: ['customer'], passwordHash: null, verified: true });

    expect((await login(email)).status).toBe(401);
  });

  it('renews a hash that was made with less effort (OWASP Password Storage)', async () => {
    const email = freshEmail();
    const weak = await hash(PASSWORD, { ...LITTLE_EFFORT, memoryCost: LITTLE_EFFORT.memoryCost / 2 });
    await shop.app
      .get(UsersService)
      .create({ email, name: 'Ada', roles: ['customer'], passwordHash: weak, verified: true });
    const answers = await Promise.all([login(email), login(email)]);
    const renewed = await shop.app.get(AccountsService).findByEmail(email);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(renewed?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect((await login(email)).status).toBe(200);
  });

  it('lets 50 at once in', async () => {
    const { email } = await account();
    const answers = await Promise.all(Array.from({ length: 50 }, () => login(email)));

    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  });

  it('serves others while passwords are checked', async () => {
    const { email } = await account();
    const [begun, checked] = [Promise.withResolvers<undefined>(), Promise.withResolvers<boolean>()];
    release = () => {
      checked.resolve(true);
    };
    jest.spyOn(shop.app.get(PasswordHasher), 'verify').mockImplementation(() => {
      begun.resolve(undefined);
      return checked.promise;
    });
    const logins = Array.from({ length: 50 }, () => login(email));
    await begun.promise;
    const page = await shop.ask('products');
    release();

    expect(page.status).toBe(200);
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(Array(50).fill(200));
  }, 20_000);

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
    const refused = answers.filter(({ status }) => status === 401).length;

    // those already past the second check when the tenth is counted
    expect(refused).toBeLessThanOrEqual(13);
  });

  it('forgets wrong passwords once the right one comes', async () => {
    const { email } = await account();
    for (let round = 0; round < 2; round++) {
      for (let tries = 0; tries < 9; tries++) await login(email, 'a wrong password');
      expect((await login(email)).status).toBe(200);
    }
  });

  it('logs the right password for an account that is closed or not verified (ASVS 16.3.2)', async () => {
    const [{ id, email }, unverified] = [await account(), freshEmail()];
    await register(unverified);
    await shop.app.get(DataSource).query('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
    const logged = jest.spyOn(Logger.prototype, 'warn');
    await login(email);
    await login(unverified);

    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ event: 'authn_login_fail', userId: id, reason: 'disabled', address: '127.0.0.1' }),
    );
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ event: 'authn_login_fail', reason: 'unverified' }));
  });

  it('logs who, and never the password (OWASP Logging Vocabulary)', async () => {
    const { email } = await account();
    const logged = jest.spyOn(Logger.prototype, 'warn');
    await login(email, 'a wrong password');

    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ event: 'authn_login_fail', address: '127.0.0.1' }));
    expect(JSON.stringify(logged.mock.calls)).not.toMatch(new RegExp(`a wrong password|${email}`));
  });
});

/** A shop behind a proxy, so that a request can come from any address. */
describe('wrong passwords of strangers', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
  });
  afterAll(() => shop.close());
  const { post, login, account } = authClient(() => shop);

  const HOME = '192.0.2.1';
  const AWAY = '192.0.2.200';
  const guess = async (email: string, times: number, address: (n: number) => string): Promise<number[]> =>
    Promise.all(
      Array.from({ length: times }, async (_, n) => (await login(email, 'a wrong password', address(n))).status),
    );
  const everywhere = (n: number): string => `198.51.${String(100 + (n % 10))}.${String(n % 250)}`;
  const signedInAt = async (address: string): Promise<Account> => {
    const owner = await account();
    expect((await login(owner.email, PASSWORD, address)).status).toBe(200);
    return owner;
  };

  it('from one address do not keep the owner out, wherever the owner is', async () => {
    const { email } = await account();
    await guess(email, 15, () => '198.51.100.1');

    expect((await login(email, PASSWORD, '198.51.100.1')).status).toBe(429);
    expect((await login(email, PASSWORD, AWAY)).status).toBe(200);
  });

  it('from everywhere do not keep the owner out who has signed in from that network before', async () => {
    const { email } = await signedInAt(HOME);
    await guess(email, 110, everywhere);

    expect((await login(email, PASSWORD, AWAY)).status).toBe(429);
    expect((await login(email, PASSWORD, HOME)).status).toBe(200);
  });

  it('from everywhere do not keep the owner out who refreshed tokens there', async () => {
    const { email, refreshToken } = await account();
    await guess(email, 110, everywhere);
    await post('refresh', { refreshToken }, undefined, AWAY);

    expect((await login(email, PASSWORD, AWAY)).status).toBe(200);
  });

  it('from everywhere do not keep the owner out who uses a mailed link, however they go on', async () => {
    const { email } = await account();
    await guess(email, 110, everywhere);
    const locked = await login(email, PASSWORD, AWAY);
    await post('forgot-password', { email }, undefined, AWAY);
    const token = tokenIn(mailTo(shop, email));
    await post('reset-password', { token, password: NEW_PASSWORD }, undefined, AWAY);
    await guess(email, 110, everywhere);

    expect(locked.status).toBe(429);
    expect((await login(email, NEW_PASSWORD, AWAY)).status).toBe(200);
  });

  it('from everywhere are still bounded: of 300, no more than some 100 are answered', async () => {
    const { email } = await account();
    const statuses = await guess(email, 300, (n) => `203.0.${String(n % 100)}.${String(n)}`);

    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(105);
    expect(statuses).toContain(429);
  });

  it('do not keep a signed-in owner from changing the password', async () => {
    const { email, token } = await account();
    await guess(email, 110, everywhere);
    await guess(email, 15, () => HOME);
    const json = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };

    expect((await post('change-password', json, token, HOME)).status).toBe(204);
  });

  it('on many accounts do not close login to those who have signed in from that network before', async () => {
    const [{ email }, stranger] = [await signedInAt('192.0.2.77'), await account()];
    await Promise.all(
      Array.from({ length: 105 }, (_, n) => login(`nobody-${String(n)}@example.com`, 'a wrong password', '192.0.2.77')),
    );
    const paused = await login(stranger.email, PASSWORD, '192.0.2.77');

    expect(paused.status).toBe(429);
    expect(Number(paused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await login(email, PASSWORD, '192.0.2.77')).status).toBe(200);
  });
});
