import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CategoriesService } from '../src/categories/categories.service.js';
import { IdempotencyKeys, KEY_LIFETIME } from '../src/common/http/idempotency/idempotency-keys.js';
import type { Caller } from '../src/common/security/caller.js';
import { Clock } from '../src/common/time/clock.js';
import { UsersService } from '../src/users/users.service.js';
import { type Account, mailsTo, openAccount, openSession, settled } from './support/accounts.js';
import { Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';
import { DonationsModule, TillModule } from './support/till.controller.js';

interface Sent {
  status: number;
  headers: Headers;
  /** The body, byte for byte. */
  text: string;
}

describe('Idempotency-Key (draft-ietf-httpapi-idempotency-key-header)', () => {
  let shop: Shop;
  let staff: Account;
  let key: string;
  beforeAll(async () => {
    shop = await Shop.open({}, TillModule);
    staff = await openAccount(shop, 'staff');
  });
  beforeEach(() => {
    key = randomUUID();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => shop.close());

  const post = async (path: string, json: unknown, { as = staff.token, key: sent = key } = {}): Promise<Sent> => {
    const response = await fetch(`${shop.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', 'idempotency-key': sent },
      body: typeof json === 'string' ? json : JSON.stringify(json),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const problemOf = ({ status, text }: Sent): [number, string] => {
    const { type } = JSON.parse(text) as { type: string };
    return [status, type.replace(/.*\/problems\//, '')];
  };
  const named = async (name: string): Promise<number> => {
    const [row] = await shop.app
      .get(DataSource)
      .query<{ rows: number }[]>('SELECT count(*) AS rows FROM categories WHERE name = $1', [name]);
    return row?.rows ?? 0;
  };
  const remembered = async (): Promise<number> => {
    const [row] = await shop.app
      .get(DataSource)
      .query<{ rows: number }[]>('SELECT count(*) AS rows FROM idempotency_keys WHERE key = $1', [key]);
    return row?.rows ?? 0;
  };
  const product = async (): Promise<string> => {
    const json = { sku: randomUUID().slice(0, 12), name: 'Lantern', price: { amount: 1999, currency: 'GBP' } };
    return (await shop.ask<{ id: string }>('products', { method: 'POST', token: staff.token, json })).body.id;
  };

  it.each([
    ['a category', 'categories', () => ({ name: 'Attic' })],
    ['a product', 'products', () => ({ sku: 'ATTIC-1', name: 'Trunk', price: { amount: 5, currency: 'JPY' } })],
    ['a stock adjustment', 'products/:id/stock-adjustments', () => ({ delta: 3, reason: 'delivery' })],
    ['what JSON has no type for', 'sales', () => ({ amount: 7 })],
  ])('sent again brings the same answer, byte for byte: %s (§2.6; A1.1)', async (_, route, body) => {
    const path = route.replace(':id', await product());
    const first = await post(path, body());
    const again = await post(path, body());

    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(again.text).toBe(first.text);
    for (const name of ['content-type', 'location', 'etag', 'cache-control', 'vary']) {
      expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    }
  });

  it('has one effect, however often it is sent (A1.1)', async () => {
    for (let time = 0; time < 3; time++) await post('categories', { name: 'Cellar' });

    expect(await named('Cellar')).toBe(1);
  });

  it('sends an invitation’s mail once (A1.1)', async () => {
    const admin = await openAccount(shop, 'admin');
    const invitation = { email: 'guest@accounts.test', name: 'Guest' };
    const first = await post('users', invitation, { as: admin.token });
    const again = await post('users', invitation, { as: admin.token });

    await settled(shop);

    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect(mailsTo(shop, invitation.email)).toHaveLength(1);
  });

  it('is the same as a quoted string and bare (RFC 9651 §3.3.3; A1.7)', async () => {
    const first = await post('categories', { name: 'Hall' });
    const again = await post('categories', { name: 'Hall' }, { key: `"${key}"` });

    expect([first.text, again.headers.get('idempotency-replayed')]).toEqual([again.text, 'true']);
  });

  it('belongs to the meaning of the body: spaces and the order of members don’t matter', async () => {
    const first = await post('products', '{"sku":"HALL-1","name":"Lamp","price":{"amount":1,"currency":"GBP"}}');
    const again = await post('products', '{ "price": {"currency":"GBP", "amount":1}, "name":"Lamp", "sku":"HALL-1" }');

    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it('with another body is 422, and nothing happens (§2.6; A1.2)', async () => {
    await post('categories', { name: 'Loft' });
    const other = await post('categories', { name: 'Porch' });

    expect(problemOf(other)).toEqual([422, 'idempotency-key-reused']);
    expect(await named('Porch')).toBe(0);
  });

  it('with another path of the route is 422 (A1.2)', async () => {
    const adjustment = { delta: 1, reason: 'delivery' };
    await post(`products/${await product()}/stock-adjustments`, adjustment);
    const other = await post(`products/${await product()}/stock-adjustments`, adjustment);

    expect(problemOf(other)).toEqual([422, 'idempotency-key-reused']);
  });

  it('with another query is 422 (A1.2)', async () => {
    await post('sales?till=east', { amount: 1 });
    const other = await post('sales?till=west', { amount: 1 });

    expect(problemOf(other)).toEqual([422, 'idempotency-key-reused']);
  });

  it('sent 50 times at once has one effect; a request that comes too early gets Retry-After (§2.6; A1.3)', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('categories', { name: 'Stairs' })));
    const after = await post('categories', { name: 'Stairs' });

    expect(await named('Stairs')).toBe(1);
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ text }) => text))).toEqual(new Set([after.text]));
    expect(made.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    for (const early of answers.filter(({ status }) => status !== 201)) {
      expect(problemOf(early)).toEqual([409, 'idempotency-key-in-use']);
      expect(early.headers.get('retry-after')).toBe('1');
    }
  });

  it('whose answer was lost after the commit brings it again (A1.4)', async () => {
    // The connection is cut once the transaction has committed and before a byte is sent.
    const keys = shop.app.get(IdempotencyKeys);
    const once = keys.once.bind(keys);
    jest.spyOn(keys, 'once').mockImplementationOnce(async (request, work) => {
      const done = await once(request, work);
      shop.app.getHttpServer().closeAllConnections();
      return done;
    });

    await expect(post('categories', { name: 'Well' })).rejects.toThrow('fetch failed');
    const again = await post('categories', { name: 'Well' });

    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(await named('Well')).toBe(1);
  });

  it('is written with the effect or not at all (A1.4)', async () => {
    const keys = shop.app.get(IdempotencyKeys);
    const request = { userId: staff.id, route: 'POST /', key, fingerprint: Buffer.alloc(32) };
    const failing = keys.once(request, async () => {
      await shop.app.get(CategoriesService).create({ name: 'Moat' });
      // what can't be stored fails after the effect
      return { status: 201, headers: {}, body: { big: 1n } };
    });

    await expect(failing).rejects.toThrow('BigInt');
    expect([await named('Moat'), await remembered()]).toEqual([0, 0]);
  });

  it.each([
    ['values that are not valid', { name: '' }, 422],
    ['a member that is not known', { name: 'Shed', colour: 'red' }, 422],
    ['no JSON', '{', 400],
  ])('is not burnt by %s (A1.5)', async (_, wrong, status) => {
    const refused = await post('categories', wrong);
    const corrected = await post('categories', { name: `Shed ${key}` });

    expect([refused.status, corrected.status]).toEqual([status, 201]);
  });

  it('is not burnt by a conflict that the rules find (A1.5)', async () => {
    await post('categories', { name: 'Gate' }, { key: randomUUID() });
    const refused = await post('categories', { name: 'Gate' });
    const corrected = await post('categories', { name: 'Back gate' });

    expect([refused.status, corrected.status]).toEqual([409, 201]);
  });

  it('is not burnt by a failure of ours, which leaves nothing behind (A1.5)', async () => {
    const categories = shop.app.get(CategoriesService);
    const create = categories.create.bind(categories);
    jest.spyOn(categories, 'create').mockImplementationOnce(async (input) => {
      await create(input);
      throw new Error('after the effect');
    });
    const failed = await post('categories', { name: 'Tower' });
    const rows = await named('Tower');
    const again = await post('categories', { name: 'Tower' });

    expect([failed.status, rows, again.status, await named('Tower')]).toEqual([500, 0, 201, 1]);
    expect(again.headers.get('idempotency-replayed')).toBeNull();
  });

  it('of somebody else is another key (§5; A1.6)', async () => {
    const other = await openAccount(shop, 'staff');
    const mine = await post('sales', { amount: 1 });
    const theirs = await post('sales', { amount: 2 }, { as: other.token });

    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
  });

  it('of another route is another key (A1.6)', async () => {
    const sale = await post('sales', { amount: 1 });
    const category = await post('categories', { name: 'Bridge' });

    expect([sale.status, category.status]).toEqual([201, 201]);
  });

  it.each([
    ['nothing', ''],
    ['256 characters', 'x'.repeat(256)],
    ['256 quoted characters', `"${'x'.repeat(256)}"`],
    ['empty quotes', '""'],
    ['a quote that does not end', '"abc'],
    ['a letter beyond ASCII', 'clé'],
    ['two keys', 'a, b'],
  ])('that is %s is 400, and names the header (A1.7)', async (_, wrong) => {
    const answer = await post('categories', { name: 'Yard' }, { key: wrong });

    expect(problemOf(answer)).toEqual([400, 'bad-request']);
    expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ header: 'Idempotency-Key', code: 'format' }] });
  });

  it('may have 255 characters, and escapes in quotes (A1.7)', async () => {
    const long = await post('sales', { amount: 1 }, { key: 'x'.repeat(255) });
    const escaped = await post('sales', { amount: 1 }, { key: `"\\"${'x'.repeat(253)}\\\\"` });

    expect([long.status, escaped.status]).toEqual([201, 201]);
  });

  it('is required where an operation says so: 400 without it (§2.7; A1.7)', async () => {
    const answer = await shop.ask('sales', { method: 'POST', token: staff.token, json: { amount: 1 } });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      type: 'http://localhost:3000/problems/idempotency-key-required',
      errors: [{ header: 'Idempotency-Key', code: 'required' }],
    });
  });

  it('is free again after 24 hours (A1.8)', async () => {
    const clock = shop.app.get(Clock);
    const first = await post('sales', { amount: 1 });
    const later = async (seconds: number): Promise<Sent> => {
      const time = clock.in(seconds);
      jest.spyOn(clock, 'now').mockReturnValue(time);
      const { accessToken } = await openSession(shop, staff.id);
      const answer = await post('sales', { amount: 1 }, { as: accessToken });
      jest.restoreAllMocks();
      return answer;
    };
    const before = await later(KEY_LIFETIME - 60);
    const after = await later(KEY_LIFETIME + 60);

    expect([before.text, before.headers.get('idempotency-replayed')]).toEqual([first.text, 'true']);
    expect([after.status, after.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(after.text).not.toBe(first.text);
  });

  it('is swept after 24 hours, in batches, and not before (A1.8)', async () => {
    const database = shop.app.get(DataSource);
    const keys = shop.app.get(IdempotencyKeys);
    await keys.sweep();
    await database.query(
      `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, created_at, finished_at)
       SELECT $1, 'POST /old', n::text, '', 201, '{}', $2, $2 FROM generate_series(1, 2500) n`,
      [staff.id, shop.app.get(Clock).in(-KEY_LIFETIME)],
    );
    await post('sales', { amount: 1 });

    let swept = 0;
    const statements = await statementsOf(shop, async () => {
      swept = await keys.sweep();
    });

    expect([swept, statements.length, await remembered()]).toEqual([2500, 3, 1]);
  });

  it('is no way around the guard: a replay is authorised again (A1.9)', async () => {
    const demoted = await openAccount(shop, 'staff');
    const first = await post('categories', { name: 'Throne' }, { as: demoted.token });
    const admin = await openAccount(shop, 'admin');
    const by: Caller = { userId: admin.id, sessionId: randomUUID(), roles: ['admin'], permissions: new Set() };
    await shop.app.get(UsersService).update(demoted.id, { roles: ['customer'] }, '*', by);
    const again = await post('categories', { name: 'Throne' }, { as: demoted.token });

    expect([first.status, [401, 403].includes(again.status), again.text.includes('Throne')]).toEqual([
      201,
      true,
      false,
    ]);
  });

  it('does not help who has no token', async () => {
    expect((await post('categories', { name: 'Crypt' }, { as: 'nobody' })).status).toBe(401);
  });

  it('with a body nested without end is 400', async () => {
    const depth = 5_000;
    const answer = await post('categories', `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`);

    expect(answer.status).toBe(400);
  });

  it('on a route that doesn’t know its caller keeps the shop from opening', async () => {
    await expect(Shop.open({}, DonationsModule)).rejects.toThrow(
      'POST /api/v1/donations is @Public(), and @Idempotent() is for routes that know their caller',
    );
  });

  it('is taken by every operation that makes something for its caller, but those that read a stream', async () => {
    const { body } = await shop.ask<{ paths: Record<string, { post?: Operation }> }>('/openapi.json');
    const creating = Object.entries(body.paths).flatMap(([path, { post: operation }]) =>
      operation && ('201' in operation.responses || '202' in operation.responses) && operation['x-access'] !== 'public'
        ? [{ path, header: operation.parameters?.find(({ name }) => name === 'Idempotency-Key') }]
        : [],
    );

    expect(creating.filter(({ header }) => !header).map(({ path }) => path)).toEqual([
      '/api/v1/products/{id}/photos',
      '/api/v1/imports',
    ]);
    expect(creating.length).toBeGreaterThan(4);
    for (const { path, header } of creating) {
      const isRequired = /\/(sales|orders|payments|captures|refunds)$/.test(path);
      if (header) expect([path, header.schema.maxLength, header.required]).toEqual([path, 255, isRequired]);
    }
  });
});

interface Operation {
  'x-access'?: string;
  parameters?: { name: string; required?: boolean; schema: { maxLength?: number } }[];
  responses: object;
}

// The embedded engine has one connection: there a second request waits for the first, and is replayed.
if (process.env.TEST_DATABASE_URL) {
  describe('Idempotency-Key on a server', () => {
    let shop: Shop;
    let staff: Account;
    beforeAll(async () => {
      shop = await Shop.open({ databasePoolSize: 5 });
      staff = await openAccount(shop, 'staff');
    });
    afterAll(() => shop.close());

    it('is 409 at once while the first request runs, and holds no connection (§2.6; A1.3)', async () => {
      const started = Promise.withResolvers<undefined>();
      const gate = Promise.withResolvers<undefined>();
      const categories = shop.app.get(CategoriesService);
      const create = categories.create.bind(categories);
      jest.spyOn(categories, 'create').mockImplementationOnce(async (input) => {
        started.resolve(undefined);
        await gate.promise;
        return create(input);
      });
      const send = (): Promise<{ status: number; headers: Headers }> =>
        shop.ask('categories', {
          method: 'POST',
          token: staff.token,
          json: { name: 'Vault' },
          headers: { 'idempotency-key': 'vault' },
        });
      const first = send();
      await started.promise;
      const meanwhile = await Promise.all(Array.from({ length: 20 }, send));
      gate.resolve(undefined);

      expect(new Set(meanwhile.map(({ status }) => status))).toEqual(new Set([409]));
      expect(meanwhile[0]?.headers.get('retry-after')).toBe('1');
      expect((await first).status).toBe(201);
      const again = await send();
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    });
  });
}
