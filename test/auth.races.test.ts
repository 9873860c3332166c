import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import { PasswordHasher } from '../src/auth/passwords.js';
import { AccountsService } from '../src/users/accounts.service.js';
import { UsersService } from '../src/users/users.service.js';
import { type Account, mailTo, openAccount, openSession, PASSWORD, settled, tokenIn } from './support/accounts.js';
import { authClient, freshEmail, NEW_PASSWORD } from './support/auth.js';
import { type Answer, Shop } from './support/shop.js';

const THIRD_PASSWORD = 'eleven geese across a meadow';

/** What happens while a password is being hashed: nothing that was true before it may be relied on after it. */
describe('while a password is hashed or checked', () => {
  let shop: Shop;
  let admin: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    admin = await openAccount(shop, 'admin');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
  const { post, register, login, refresh, whoAmI, account } = authClient(() => shop);

  /** Sends a request, does something else when its password has been hashed or checked, then lets it go on. */
  async function during<T>(
    step: 'hash' | 'verify',
    request: () => Promise<T>,
    meanwhile: () => Promise<unknown>,
  ): Promise<T> {
    const hasher = shop.app.get(PasswordHasher);
    const reached = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const original = { hash: hasher.hash.bind(hasher), verify: hasher.verify.bind(hasher) };
    const pause = async <R>(result: R): Promise<R> => {
      reached.resolve(undefined);
      await goOn.promise;
      return result;
    };
    if (step === 'hash') {
      jest.spyOn(hasher, 'hash').mockImplementationOnce(async (password) => pause(await original.hash(password)));
    } else {
      jest
        .spyOn(hasher, 'verify')
        .mockImplementationOnce(async (stored, password) => pause(await original.verify(stored, password)));
    }
    const answer = request();
    await reached.promise;
    await meanwhile().finally(() => {
      goOn.resolve(undefined);
    });
    return answer;
  }

  const change = (token: string, currentPassword = PASSWORD, newPassword = NEW_PASSWORD): Promise<Answer<object>> =>
    shop.ask('auth/change-password', { method: 'POST', token, json: { currentPassword, newPassword } });
  const linkFor = async (email: string): Promise<string> => {
    await post('forgot-password', { email });
    return tokenIn(mailTo(shop, email));
  };
  const reset = (token: string, password: string): Promise<Answer<object>> =>
    shop.ask('auth/reset-password', { method: 'POST', json: { token, password } });
  const setDisabled = (id: string, disabled: boolean): Promise<Answer<object>> =>
    shop.ask(`users/${id}`, { method: 'PATCH', token: admin.token, headers: { 'if-match': '*' }, json: { disabled } });
  const erase = (id: string): Promise<Answer<object>> =>
    shop.ask(`users/${id}`, { method: 'DELETE', token: admin.token, headers: { 'if-match': '*' } });
  const opening = async (email: string): Promise<number[]> =>
    Promise.all(
      [PASSWORD, NEW_PASSWORD, THIRD_PASSWORD].map(async (password) => (await login(email, password)).status),
    );

  describe('changing it', () => {
    it.each(['verify', 'hash'] as const)('gives way to a reset by mail (at %s)', async (step) => {
      const { email, token } = await account();
      const link = await linkFor(email);
      const { status } = await during(
        step,
        () => change(token),
        () => reset(link, THIRD_PASSWORD),
      );

      expect(status).toBe(401);
      expect(await opening(email)).toEqual([401, 401, 200]);
      expect(await whoAmI(token)).toBe(401);
    });

    it('gives way to a reset to the very same password', async () => {
      const { email, token } = await account();
      const link = await linkFor(email);
      const { status } = await during(
        'hash',
        () => change(token),
        () => reset(link, PASSWORD),
      );

      expect(status).toBe(401);
      expect(await opening(email)).toEqual([200, 401, 401]);
    });

    it('gives way to a change in another session', async () => {
      const { id, email, token } = await account();
      const other = (await openSession(shop, id)).accessToken;
      const { status } = await during(
        'hash',
        () => change(token),
        () => change(other, PASSWORD, THIRD_PASSWORD),
      );

      expect(status).toBe(401);
      expect(await opening(email)).toEqual([401, 401, 200]);
    });

    it('is checked again after a change in the same session', async () => {
      const { email, token } = await account();
      const { status } = await during(
        'hash',
        () => change(token),
        () => change(token, PASSWORD, THIRD_PASSWORD),
      );

      expect(status).toBe(422);
      expect(await opening(email)).toEqual([401, 401, 200]);
      expect(await whoAmI(token)).toBe(200);
    });

    it.each([
      ['logging out', (token: string) => post('logout', undefined, token)],
      [
        'ending all sessions from another',
        async (_: string, id: string) => {
          const { accessToken } = await openSession(shop, id);
          return shop.ask('auth/sessions', { method: 'DELETE', token: accessToken });
        },
      ],
    ])('gives way to %s', async (_, ending) => {
      const { id, email, token } = await account();
      const { status } = await during(
        'hash',
        () => change(token),
        () => ending(token, id),
      );

      expect(status).toBe(401);
      expect(await opening(email)).toEqual([200, 401, 401]);
    });

    it('gives way to being disabled, and nothing of it is left when that ends', async () => {
      const { id, email, token } = await account();
      const { status } = await during(
        'hash',
        () => change(token),
        () => setDisabled(id, true),
      );
      await settled(shop);
      await setDisabled(id, false);

      expect(status).toBe(401);
      expect(await opening(email)).toEqual([200, 401, 401]);
    });

    it('gives way to being erased', async () => {
      const { id, token } = await account();
      const { status } = await during(
        'hash',
        () => change(token),
        () => erase(id),
      );

      expect(status).toBe(401);
      expect((await shop.app.get(AccountsService).findById(id))?.passwordHash).toBeUndefined();
    });

    it('goes on when a login has only renewed a weak hash', async () => {
      const email = freshEmail();
      const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
      const { id } = await shop.app
        .get(UsersService)
        .create({ email, name: 'Ada', roles: ['customer'], passwordHash: weak, verified: true });
      const { accessToken } = await openSession(shop, id);
      const { status } = await during(
        'verify',
        () => change(accessToken),
        () => login(email),
      );

      expect(status).toBe(204);
      expect(await opening(email)).toEqual([401, 200, 401]);
    });
  });

  describe('resetting it', () => {
    it.each([
      ['a newer link', (email: string) => post('forgot-password', { email })],
      ['the same link used elsewhere', (_: string, link: string) => reset(link, THIRD_PASSWORD)],
      [
        'a change of the password',
        (_: string, _link: string, { token }: Account) => change(token, PASSWORD, THIRD_PASSWORD),
      ],
      ['being disabled', (_: string, _link: string, { id }: Account) => setDisabled(id, true)],
      ['being erased', (_: string, _link: string, { id }: Account) => erase(id)],
    ])('gives way to %s', async (_, meanwhile) => {
      const owner = await account();
      const link = await linkFor(owner.email);
      const { status, body } = await during(
        'hash',
        () => reset(link, NEW_PASSWORD),
        () => meanwhile(owner.email, link, owner),
      );

      expect(status).toBe(422);
      expect(body).toMatchObject({ type: 'http://localhost:3000/problems/invalid-link' });
      expect((await login(owner.email, NEW_PASSWORD)).status).not.toBe(200);
    });

    it('does not work for somebody who was disabled after the mail', async () => {
      const { id, email } = await account();
      const link = await linkFor(email);
      await setDisabled(id, true);
      const whileDisabled = await reset(link, NEW_PASSWORD);
      await setDisabled(id, false);

      expect([whileDisabled.status, (await reset(link, NEW_PASSWORD)).status]).toEqual([422, 422]);
    });

    it('accepts an invitation no more once the invited person is erased', async () => {
      const email = freshEmail();
      const { body } = await shop.ask<{ id: string }>('users', {
        method: 'POST',
        token: admin.token,
        json: { email, name: 'Grace' },
      });
      await settled(shop);
      const link = tokenIn(mailTo(shop, email));

      expect(
        (
          await during(
            'hash',
            () => reset(link, NEW_PASSWORD),
            () => erase(body.id),
          )
        ).status,
      ).toBe(422);
    });
  });

  describe('logging in', () => {
    it.each([
      ['a reset', 401, async ({ email }: Account) => reset(await linkFor(email), NEW_PASSWORD)],
      ['a change', 401, ({ token }: Account) => change(token)],
      ['being disabled', 403, ({ id }: Account) => setDisabled(id, true)],
      ['being erased', 401, ({ id }: Account) => erase(id)],
    ])('gives way to %s', async (_, status, meanwhile) => {
      const owner = await account();
      const answer = await during(
        'verify',
        () => shop.ask('auth/login', { method: 'POST', json: { email: owner.email, password: PASSWORD } }),
        () => meanwhile(owner),
      );

      expect(answer.status).toBe(status);
    });
  });

  describe('registering', () => {
    it('leaves an account alone that was verified meanwhile', async () => {
      const email = freshEmail();
      await register(email);
      const link = tokenIn(mailTo(shop, email));
      await during(
        'hash',
        () => register(email, { password: NEW_PASSWORD }),
        () => post('verify-email', { token: link }),
      );

      expect(await opening(email)).toEqual([200, 401, 401]);
      expect(mailTo(shop, email).subject).toBe('You already have an account');
    });

    it('leaves somebody alone who was invited meanwhile', async () => {
      const email = freshEmail();
      await during(
        'hash',
        () => register(email),
        () => shop.ask('users', { method: 'POST', token: admin.token, json: { email, name: 'G', roles: ['staff'] } }),
      );

      expect((await shop.app.get(AccountsService).findByEmail(email))?.passwordHash).toBeNull();
    });
  });

  it('nothing fails, and one password is left, when everything is done to one account at once', async () => {
    const statuses = new Set<number>();
    for (let round = 0; round < 5; round++) {
      const { id, email, token, refreshToken } = await account();
      const others = await Promise.all([1, 2, 3].map(() => openSession(shop, id)));
      const link = await linkFor(email);
      const answers = await Promise.all([
        reset(link, THIRD_PASSWORD),
        reset(link, THIRD_PASSWORD),
        change(token),
        ...others.map(({ accessToken }) => change(accessToken)),
        post('forgot-password', { email }),
        post('register', { email, password: NEW_PASSWORD, name: 'Eve' }),
        post('resend-verification', { email }),
        login(email),
        login(email),
        refresh(refreshToken),
        shop.ask('auth/sessions', { method: 'DELETE', token: others[0]?.accessToken }),
        shop.ask('auth/sessions', { method: 'DELETE', token: others[1]?.accessToken }),
        setDisabled(id, false),
        shop.ask('users/me', { method: 'PATCH', token, headers: { 'if-match': '*' }, json: { name: 'Ada' } }),
      ]);
      for (const { status } of answers) statuses.add(status);

      expect((await opening(email)).filter((status) => status === 200)).toHaveLength(1);
    }

    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  });
});
