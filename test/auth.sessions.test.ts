import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SessionPage } from '../src/auth/dto/session.dto.js';
import { openAccount, PASSWORD, settled } from './support/accounts.js';
import { authClient } from './support/auth.js';
import { Shop } from './support/shop.js';

describe('sessions', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());
  const { post, login, refresh, whoAmI, account, later } = authClient(() => shop);

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
    await settled(shop);
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

  describe('of another user', () => {
    it('are shown to administrators, and ended by them (ASVS 7.4.5)', async () => {
      const [admin, { id, email, token }] = [await openAccount(shop, 'admin'), await account()];
      const other = (await login(email)).body.accessToken;
      const path = `users/${id}/sessions`;
      const { body } = await shop.ask<SessionPage>(path, { token: admin.token });
      const ended = await shop.ask(path, { method: 'DELETE', token: admin.token });

      expect(body.data).toHaveLength(2);
      expect(body.data.map(({ current }) => current)).toEqual([false, false]);
      expect(ended.status).toBe(204);
      expect([await whoAmI(token), await whoAmI(other), await whoAmI(admin.token)]).toEqual([401, 401, 200]);
      expect((await shop.ask<SessionPage>(path, { token: admin.token })).body.data).toEqual([]);
      expect((await login(email)).status).toBe(200);
    });

    it.each(['customer', 'staff'] as const)('are nothing to %s', async (role) => {
      const [{ token }, { id, token: theirs }] = [await openAccount(shop, role), await account()];
      const path = `users/${id}/sessions`;

      expect((await shop.ask(path, { token })).status).toBe(403);
      expect((await shop.ask(path, { method: 'DELETE', token })).status).toBe(403);
      expect(await whoAmI(theirs)).toBe(200);
    });

    it('who does not exist are 404', async () => {
      const { token } = await openAccount(shop, 'admin');
      const path = 'users/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10/sessions';

      expect((await shop.ask(path, { token })).status).toBe(404);
      expect((await shop.ask(path, { method: 'DELETE', token })).status).toBe(404);
    });
  });

  it('are for signed-in users', async () => {
    expect((await shop.ask('auth/sessions')).status).toBe(401);
    expect((await shop.ask('auth/sessions', { method: 'DELETE' })).status).toBe(401);
    expect((await post('logout', undefined)).status).toBe(401);
  });
});
