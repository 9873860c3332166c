import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { SessionPage } from '../src/auth/dto/session.dto.js';
import { KnownNetworksRepository } from '../src/auth/known-networks.repository.js';
import { SessionsRepository } from '../src/auth/sessions.repository.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { openAccount, openSession, PASSWORD, settled } from './support/accounts.js';
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

  /** What is kept of where somebody was: sessions that go on, all sessions, and networks. */
  async function kept(userId: string): Promise<unknown> {
    const [row] = await shop.app.get(DataSource).query<object[]>(
      `SELECT (SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS live,
         (SELECT count(*) FROM sessions WHERE user_id = $1) AS sessions,
         (SELECT count(*) FROM known_networks WHERE user_id = $1) AS networks`,
      [userId],
    );
    return row;
  }
  /** Has handlers try again what has failed once. */
  async function tryAgain(): Promise<void> {
    await settled(shop);
    later(6);
    shop.app.get(EventRelay).wake();
    await settled(shop);
  }
  const ANY = { 'if-match': '*' };

  it('end once their user is disabled, and those of nobody else', async () => {
    const [{ id }, other, admin] = [await account(), await account(), await openAccount(shop, 'admin')];
    await openSession(shop, id);
    await shop.ask(`users/${id}`, { method: 'PATCH', token: admin.token, headers: ANY, json: { disabled: true } });
    await settled(shop);

    expect(await kept(id)).toEqual({ live: 0, sessions: 2, networks: 1 });
    expect(await kept(other.id)).toEqual({ live: 1, sessions: 1, networks: 1 });
  });

  it('are refused from the moment that their user is disabled, also while the handler has failed; not one that is opened later', async () => {
    const [{ id, token, refreshToken }, admin] = [await account(), await openAccount(shop, 'admin')];
    const setDisabled = async (disabled: boolean): Promise<number> =>
      (await shop.ask(`users/${id}`, { method: 'PATCH', token: admin.token, headers: ANY, json: { disabled } })).status;
    const end = jest.spyOn(shop.app.get(SessionsRepository), 'end').mockRejectedValueOnce(new Error('not today'));
    const disabled = [await setDisabled(true), await whoAmI(token)];
    await settled(shop);
    const enabled = await setDisabled(false);
    const { accessToken } = await openSession(shop, id);
    const listed = await list(accessToken);
    const meanwhile = [await whoAmI(token), (await refresh(refreshToken)).status, await whoAmI(accessToken)];
    await tryAgain();

    expect([...disabled, enabled]).toEqual([200, 401, 200]);
    expect([...meanwhile, listed.length]).toEqual([401, 401, 200, 1]);
    expect(end).toHaveBeenCalledTimes(2);
    expect([await whoAmI(token), await whoAmI(accessToken)]).toEqual([401, 200]);
  });

  it('are deleted with the known networks once their user is erased, and those of nobody else', async () => {
    const [{ id, token }, other] = [await account(), await account()];
    await shop.ask('users/me', { method: 'DELETE', token, headers: ANY });
    await settled(shop);

    expect(await kept(id)).toEqual({ live: 0, sessions: 0, networks: 0 });
    expect(await kept(other.id)).toEqual({ live: 1, sessions: 1, networks: 1 });
  });

  it('are refused at once when their user is erased, and deleted later when that fails', async () => {
    const { id, token } = await account();
    const networks = shop.app.get(KnownNetworksRepository);
    jest.spyOn(networks, 'deleteOfUser').mockRejectedValueOnce(new Error('not today'));
    const { status } = await shop.ask('users/me', { method: 'DELETE', token, headers: ANY });
    const refused = await whoAmI(token);
    await settled(shop);
    const before = await kept(id);
    await tryAgain();

    expect([status, refused, before]).toEqual([204, 401, { live: 1, sessions: 1, networks: 1 }]);
    expect(await kept(id)).toEqual({ live: 0, sessions: 0, networks: 0 });
  });

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
