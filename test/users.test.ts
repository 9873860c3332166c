import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { UserDto, UserPage } from '../src/users/dto/user.dto.js';
import { type Account, mailTo, openAccount, PASSWORD, settled, tokenIn } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { type Answer, Shop } from './support/shop.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('users', () => {
  let shop: Shop;
  let admin: Account;
  let staff: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    [admin, staff] = [await openAccount(shop, 'admin'), await openAccount(shop, 'staff')];
  });
  afterAll(() => shop.close());

  const read = (id: string, token = admin.token): Promise<Answer<UserDto>> =>
    shop.ask<UserDto>(`users/${id}`, { token });
  const patch = (path: string, json: unknown, token = admin.token, etag = '"1"'): Promise<Answer<UserDto>> =>
    shop.ask<UserDto>(path, { method: 'PATCH', token, headers: { 'if-match': etag }, json });
  const erase = (path: string, token = admin.token, etag = '*'): Promise<Answer<object>> =>
    shop.ask(path, { method: 'DELETE', token, headers: { 'if-match': etag } });
  const invite = (json: object, token = admin.token): Promise<Answer<UserDto>> =>
    shop.ask<UserDto>('users', { method: 'POST', token, json: { name: 'Grace Hopper', ...json } });
  const login = (email: string): Promise<Answer<object>> =>
    shop.ask('auth/login', { method: 'POST', json: { email, password: PASSWORD } });

  describe('/users/me', () => {
    it('shows oneself, with an ETag and for nobody else to keep', async () => {
      const { id, email, token } = await openAccount(shop, 'customer');
      const { status, headers, body } = await shop.ask<UserDto>('users/me', { token });

      expect(status).toBe(200);
      expect(headers.get('etag')).toBe('"1-customer"');
      expect(headers.get('cache-control')).toBe('private, no-store');
      expect(body).toEqual({
        id,
        email,
        name: expect.any(String),
        photo: null,
        roles: ['customer'],
        emailVerified: true,
        disabled: false,
        erased: false,
        version: 1,
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
    });

    it('is refused without signing in', async () => {
      const { status, headers } = await shop.ask('users/me');

      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    });

    it('takes another name', async () => {
      const { token } = await openAccount(shop, 'customer');
      const { status, headers, body } = await patch('users/me', { name: 'Ada Lovelace' }, token);

      expect(status).toBe(200);
      expect(headers.get('etag')).toBe('"2-customer"');
      expect(body).toMatchObject({ name: 'Ada Lovelace', version: 2 });
    });

    it('takes no null for a name (RFC 7396 would delete it)', async () => {
      const { token } = await openAccount(shop, 'customer');

      expect((await patch('users/me', { name: null }, token)).status).toBe(422);
    });

    it('takes no name that is empty, or has control characters', async () => {
      const { token } = await openAccount(shop, 'customer');
      const answers = await Promise.all(
        ['', '  ', 'a\u0000b', 'a\nb'].map((name) => patch('users/me', { name }, token)),
      );

      expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    });

    it.each([{ roles: ['admin'] }, { disabled: false }, { version: 9 }, { id: NOBODYS_ID }, { emailVerified: true }])(
      'refuses %j and changes nothing (API3:2023, mass assignment)',
      async (json) => {
        const { id, token } = await openAccount(shop, 'customer');
        const { status } = await patch('users/me', json, token);

        expect(status).toBe(422);
        expect((await read(id)).body).toMatchObject({ roles: ['customer'], version: 1 });
      },
    );

    it('needs If-Match to change (RFC 6585 §3)', async () => {
      const { token } = await openAccount(shop, 'customer');

      expect((await shop.ask('users/me', { method: 'PATCH', token, json: { name: 'Ada' } })).status).toBe(428);
      expect((await shop.ask('users/me', { method: 'DELETE', token })).status).toBe(428);
    });

    it('takes one of two changes of the same state, and refuses the other (RFC 9110 §13.1.1)', async () => {
      const { token } = await openAccount(shop, 'customer');
      const answers = await Promise.all(['Ada', 'Grace'].map((name) => patch('users/me', { name }, token)));

      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    });
  });

  describe('erasing oneself', () => {
    it('leaves a pseudonym, and nobody signed in', async () => {
      const { id, email, token } = await openAccount(shop, 'customer');

      expect((await erase('users/me', token)).status).toBe(204);
      expect((await shop.ask('users/me', { token })).status).toBe(401);
      expect((await login(email)).status).toBe(401);
      expect((await read(id)).body).toMatchObject({
        email: `erased-${id}@erased.invalid`,
        name: 'Erased user',
        roles: ['customer'],
        emailVerified: false,
        erased: true,
      });
    });

    it('frees the e-mail', async () => {
      const { email, token } = await openAccount(shop, 'customer');
      await erase('users/me', token);

      expect((await invite({ email })).status).toBe(201);
    });

    it('cannot be prevented by registering the pseudonym', async () => {
      const { id, token } = await openAccount(shop, 'customer');
      const pseudonym = `Erased-${id}@erased.invalid`;
      const json = { email: pseudonym, password: PASSWORD, name: 'Mallory' };
      const refused = [await shop.ask('auth/register', { method: 'POST', json }), await invite({ email: pseudonym })];

      expect(refused.map(({ status }) => status)).toEqual([422, 422]);
      expect((await erase('users/me', token)).status).toBe(204);
    });

    it('cannot be prevented by somebody who registered the pseudonym before that was refused', async () => {
      const [{ id, token }, mallory] = [await openAccount(shop, 'customer'), await openAccount(shop, 'customer')];
      await shop.app
        .get(DataSource)
        .query('UPDATE users SET email = $2 WHERE id = $1', [mallory.id, `erased-${id}@erased.invalid`]);

      expect((await erase('users/me', token)).status).toBe(204);
      expect((await read(id)).body).toMatchObject({
        email: expect.stringMatching(/^erased-[\da-f-]{36}@erased\.invalid$/),
        erased: true,
      });
    });

    it('is said to the owner by mail', async () => {
      const { email, token } = await openAccount(shop, 'customer');
      await erase('users/me', token);
      await settled(shop);

      expect(mailTo(shop, email).subject).toBe('Your account was deleted');
    });

    it('refuses a state that has changed', async () => {
      const { token } = await openAccount(shop, 'customer');

      expect((await erase('users/me', token, '"7"')).status).toBe(412);
    });
  });

  describe('what is announced', () => {
    const facts = { roles: ['customer'], disabled: false, verified: true };

    it('is each change, with the facts as they are then and nothing personal', async () => {
      const { id } = await openAccount(shop, 'customer');
      await patch(`users/${id}`, { name: 'Ada' });
      await patch(`users/${id}`, { name: 'Ada' }, admin.token, '"2"');
      await patch(`users/${id}`, { roles: ['customer', 'staff'] }, admin.token, '"2"');
      await patch(`users/${id}`, { disabled: true }, admin.token, '"3"');
      await erase(`users/${id}`);
      await erase(`users/${id}`);

      expect(await eventsOf(shop, id)).toEqual([
        { name: 'user.created', version: 1, data: facts },
        { name: 'user.updated', version: 2, data: facts },
        { name: 'user.updated', version: 3, data: { ...facts, roles: ['customer', 'staff'] } },
        { name: 'user.updated', version: 4, data: { ...facts, roles: ['customer', 'staff'], disabled: true } },
        { name: 'user.erased', version: 5, data: {} },
      ]);
    });

    it('is that an e-mail is verified, and not a password alone', async () => {
      const { id } = (await invite({ email: 'announced@example.com' })).body;
      const setPassword = async (): Promise<number> => {
        await settled(shop);
        const json = { token: tokenIn(mailTo(shop, 'announced@example.com')), password: PASSWORD };
        return (await shop.ask('auth/reset-password', { method: 'POST', json })).status;
      };
      const first = await setPassword();
      await shop.ask('auth/forgot-password', { method: 'POST', json: { email: 'announced@example.com' } });
      const second = await setPassword();

      expect([first, second, (await read(id)).body.version]).toEqual([204, 204, 3]);
      expect(await eventsOf(shop, id)).toEqual([
        { name: 'user.created', version: 1, data: { ...facts, verified: false } },
        { name: 'user.updated', version: 2, data: facts },
      ]);
    });

    it('is a registration that is replaced, as a change, and its verification once', async () => {
      const json = { email: 'registered@example.com', password: PASSWORD, name: 'Ada' };
      for (let n = 0; n < 2; n++) await shop.ask('auth/register', { method: 'POST', json });
      await settled(shop);
      const [user] = await shop.app
        .get(DataSource)
        .query<{ id: string }[]>('SELECT id FROM users WHERE email = $1', [json.email]);
      const link = { token: tokenIn(mailTo(shop, json.email)) };
      for (let n = 0; n < 2; n++) await shop.ask('auth/verify-email', { method: 'POST', json: link });

      expect(await eventsOf(shop, user?.id ?? '')).toEqual([
        { name: 'user.created', version: 1, data: { ...facts, verified: false } },
        { name: 'user.updated', version: 2, data: { ...facts, verified: false } },
        { name: 'user.updated', version: 3, data: facts },
      ]);
    });
  });

  describe('the list', () => {
    it('is for staff', async () => {
      const customer = await openAccount(shop, 'customer');

      expect((await shop.ask('users')).status).toBe(401);
      expect((await shop.ask('users', { token: customer.token })).status).toBe(403);
      expect((await shop.ask('users', { token: staff.token })).status).toBe(200);
    });

    it('finds by a part of the e-mail or name, in upper or lower case', async () => {
      const { id, email, token } = await openAccount(shop, 'customer');
      await patch('users/me', { name: 'Zenobia Quirk' }, token);
      const found = async (q: string): Promise<string[]> =>
        (await shop.ask<UserPage>(`users?q=${encodeURIComponent(q)}`, { token: staff.token })).body.data.map(
          (user) => user.id,
        );

      expect(await found('ZENOBIA')).toEqual([id]);
      expect(await found(email.toUpperCase())).toEqual([id]);
    });

    it('takes % and _ as what they are', async () => {
      const { body } = await shop.ask<UserPage>('users?q=%25_', { token: staff.token });

      expect(body.data).toEqual([]);
    });

    it('finds by role', async () => {
      const { body } = await shop.ask<UserPage>('users?role=staff', { token: staff.token });

      expect(body.data.map(({ id }) => id)).toEqual([staff.id]);
    });

    it.each(['role=king', 'sort=name', 'q=a%00b', 'colour=red', 'limit=0', 'cursor=forged'])(
      'refuses ?%s with 400',
      async (query) => {
        expect((await shop.ask(`users?${query}`, { token: staff.token })).status).toBe(400);
      },
    );

    it.each(['createdAt', '-createdAt', 'email'])('by %s shows everybody once, page by page', async (sort) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? `sort=${sort}` : `cursor=${cursor}`;
        const { body } = await shop.ask<UserPage>(`users?limit=3&${after}`, { token: staff.token });
        seen.push(...body.data.map(({ id }) => id));
        cursor = body.page.next;
      } while (cursor !== null);
      const { body } = await shop.ask<UserPage>(`users?limit=100&sort=${sort}`, { token: staff.token });

      expect(seen).toEqual(body.data.map(({ id }) => id));
      expect(new Set(seen).size).toBe(seen.length);
    });

    it('has nobody who was erased', async () => {
      const { id, token } = await openAccount(shop, 'customer');
      await erase('users/me', token);
      const { body } = await shop.ask<UserPage>('users?limit=100', { token: staff.token });

      expect(body.data.map((user) => user.id)).not.toContain(id);
    });
  });

  describe('a user', () => {
    it('is shown to staff, and not to other customers', async () => {
      const { id } = await openAccount(shop, 'customer');
      const other = await openAccount(shop, 'customer');

      expect((await read(id, staff.token)).body).toMatchObject({ id });
      expect((await read(id, other.token)).status).toBe(403);
    });

    it('that does not exist is 404, and an id that is none 400', async () => {
      expect((await read(NOBODYS_ID)).status).toBe(404);
      expect((await patch(`users/${NOBODYS_ID}`, { disabled: true })).status).toBe(404);
      expect((await erase(`users/${NOBODYS_ID}`)).status).toBe(404);
      expect((await read('seven')).status).toBe(400);
    });

    it.each(['PATCH', 'DELETE'])('is not for staff to %s', async (method) => {
      const { id } = await openAccount(shop, 'customer');
      const json = method === 'PATCH' ? { disabled: true } : undefined;
      const { status } = await shop.ask(`users/${id}`, {
        method,
        token: staff.token,
        headers: { 'if-match': '*' },
        json,
      });

      expect(status).toBe(403);
    });
  });

  describe('inviting', () => {
    it('makes a user without a password, and mails them a token to choose one by', async () => {
      const { status, headers, body } = await invite({ email: 'Grace.Hopper@Example.com', roles: ['staff'] });
      await settled(shop);
      const token = tokenIn(mailTo(shop, 'grace.hopper@example.com'));
      const reset = await shop.ask('auth/reset-password', { method: 'POST', json: { token, password: PASSWORD } });

      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/api/v1/users/${body.id}`);
      expect(body).toMatchObject({ email: 'grace.hopper@example.com', roles: ['staff'], emailVerified: false });
      expect(reset.status).toBe(204);
      expect((await login('grace.hopper@example.com')).status).toBe(200);
      expect((await read(body.id)).body.emailVerified).toBe(true);
    });

    it('creates a customer by default', async () => {
      expect((await invite({ email: 'plain@example.com' })).body.roles).toEqual(['customer']);
    });

    it('is for administrators', async () => {
      expect((await invite({ email: 'nobody@example.com' }, staff.token)).status).toBe(403);
    });

    it('refuses an e-mail that is taken, in upper or lower case', async () => {
      const { status, body } = await invite({ email: staff.email.toUpperCase() });

      expect(status).toBe(409);
      expect(body).toMatchObject({ type: 'http://localhost:3000/problems/email-taken' });
    });

    it('makes one user of two invitations at once', async () => {
      const answers = await Promise.all([1, 2].map(() => invite({ email: 'twice@example.com' })));

      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    });

    it.each([
      { email: 'no e-mail' },
      { email: 'a@example.com', roles: [] },
      { email: 'a@example.com', roles: ['king'] },
      { email: 'a@example.com', roles: ['staff', 'staff'] },
      { email: 'a@example.com', roles: null },
      { email: 'a@example.com', password: PASSWORD },
      { email: `${'a'.repeat(250)}@example.com` },
    ])('refuses %j with 422', async (json) => {
      expect((await invite(json)).status).toBe(422);
    });
  });

  describe('administering', () => {
    it('gives roles that hold from the next request', async () => {
      const { id, token } = await openAccount(shop, 'customer');
      const before = await shop.ask('users', { token });
      const { status, body } = await patch(`users/${id}`, { roles: ['customer', 'staff'] });

      expect(before.status).toBe(403);
      expect(status).toBe(200);
      expect(body).toMatchObject({ roles: ['customer', 'staff'], version: 2 });
      expect((await shop.ask('users', { token })).status).toBe(200);
    });

    it('gives no role to a registration that nobody has verified, whose password may be a stranger’s', async () => {
      const email = 'future.staff@example.com';
      await shop.ask('auth/register', { method: 'POST', json: { email, password: PASSWORD, name: 'Mallory' } });
      await settled(shop);
      const { body } = await shop.ask<UserPage>(`users?q=${email}`, { token: admin.token });
      const [{ id }] = body.data as [UserDto];
      const granted = await patch(`users/${id}`, { roles: ['customer', 'staff'] });
      const invited = await invite({ email, roles: ['staff'] });
      await settled(shop);
      const stranger = await login(email);
      const json = { token: tokenIn(mailTo(shop, email)), password: 'seven herons over the pier' };
      await shop.ask('auth/reset-password', { method: 'POST', json });

      expect([granted.status, granted.body]).toMatchObject([
        409,
        { type: 'http://localhost:3000/problems/user-unverified' },
      ]);
      expect([invited.status, invited.body]).toMatchObject([201, { id, roles: ['staff'] }]);
      expect([stranger.status, (await login(email)).status]).toEqual([401, 401]);
      expect((await read(id)).body).toMatchObject({ roles: ['staff'], emailVerified: true });
    });

    it('takes roles away from the next request on', async () => {
      const { id, token } = await openAccount(shop, 'staff');
      await patch(`users/${id}`, { roles: ['customer'] });

      expect((await shop.ask('users', { token })).status).toBe(403);
    });

    it('changes nothing, and no ETag, where nothing is said', async () => {
      const { id } = await openAccount(shop, 'customer');
      const { status, headers } = await patch(`users/${id}`, {});

      expect(status).toBe(200);
      expect(headers.get('etag')).toBe('"1-admin"');
    });

    it('disables: nobody is signed in from the next request on, nor after being enabled again (ASVS 7.4.2)', async () => {
      const { id, email, token, refreshToken } = await openAccount(shop, 'customer');
      const { body } = await patch(`users/${id}`, { disabled: true });
      const disabled = [
        await shop.ask('users/me', { token }),
        await shop.ask('auth/refresh', { method: 'POST', json: { refreshToken } }),
        await login(email),
      ];
      await settled(shop);
      await patch(`users/${id}`, { disabled: false }, admin.token, '"2"');

      expect(body.disabled).toBe(true);
      expect(disabled.map(({ status }) => status)).toEqual([401, 401, 403]);
      expect(disabled[2]?.body).toMatchObject({ type: 'http://localhost:3000/problems/account-disabled' });
      expect((await shop.ask('users/me', { token })).status).toBe(401);
      expect((await login(email)).status).toBe(200);
    });

    it('erases: what is left can be read, and not changed', async () => {
      const { id, token } = await openAccount(shop, 'staff');

      expect((await erase(`users/${id}`)).status).toBe(204);
      expect((await shop.ask('users/me', { token })).status).toBe(401);
      expect((await read(id)).body).toMatchObject({ name: 'Erased user', roles: ['customer'], erased: true });
      expect((await patch(`users/${id}`, { roles: ['staff'] }, admin.token, '*')).body).toMatchObject({
        type: 'http://localhost:3000/problems/user-erased',
      });
      expect((await erase(`users/${id}`)).status).toBe(204);
    });

    it.each([{ roles: ['staff'] }, { disabled: true }])(
      'does not take %j from the last administrator',
      async (json) => {
        const { status, body } = await patch(`users/${admin.id}`, json, admin.token, '*');

        expect(status).toBe(409);
        expect(body).toMatchObject({ type: 'http://localhost:3000/problems/last-admin' });
      },
    );

    it('does not erase the last administrator, even at their own wish', async () => {
      expect((await erase(`users/${admin.id}`)).status).toBe(409);
      expect((await erase('users/me')).status).toBe(409);
    });

    it.each([
      ['was only invited', { email_verified_at: null, password_hash: null }],
      ['has not verified the e-mail', { email_verified_at: null }],
      ['has no password', { password_hash: null }],
      ['is disabled', { disabled_at: new Date() }],
    ])('does not count another administrator who %s', async (_, state) => {
      const other = await openAccount(shop, 'admin');
      for (const [column, value] of Object.entries(state)) {
        await shop.app.get(DataSource).query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [other.id, value]);
      }
      const answers = [
        await patch(`users/${admin.id}`, { roles: ['staff'] }, admin.token, '*'),
        await patch(`users/${admin.id}`, { disabled: true }, admin.token, '*'),
        await erase(`users/${admin.id}`),
        await erase('users/me'),
      ];

      expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
      expect((await erase(`users/${other.id}`)).status).toBe(204);
    });

    it('leaves one of two administrators who remove each other at once', async () => {
      // one of them is no administrator afterwards: they are not in the shop of the other tests
      const own = await Shop.open();
      const [one, other] = [await openAccount(own, 'admin'), await openAccount(own, 'admin')];
      const demote = (user: Account, { token }: Account): Promise<Answer<object>> =>
        own.ask(`users/${user.id}`, {
          method: 'PATCH',
          token,
          headers: { 'if-match': '*' },
          json: { roles: ['customer'] },
        });
      const answers = await Promise.all([demote(other, one), demote(one, other)]);
      const { token } = await openAccount(own, 'staff');
      const left = (await own.ask<UserPage>('users?role=admin', { token })).body.data;
      await own.close();

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(left).toHaveLength(1);
    });

    it('takes one of two changes of the same state, and refuses the other (RFC 9110 §13.1.1)', async () => {
      const { id } = await openAccount(shop, 'customer');
      const answers = await Promise.all(['Ada', 'Grace'].map((name) => patch(`users/${id}`, { name })));

      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    });
  });
});
