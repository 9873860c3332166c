import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { createApp } from '../src/app.js';
import { Config } from '../src/common/config/config.js';
import { dataSourceOptions } from '../src/common/database/data-source.js';
import { type Account, openAccount, PASSWORD } from './support/accounts.js';
import { type BreakableProxy, openBreakableProxy } from './support/database-proxy.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

/** What was answered, or that the connection broke. */
const statusOf = async (answer: Promise<{ status: number }>): Promise<number> => (await answer).status;

describe('what the database refuses for now', () => {
  let shop: Shop;
  let staff: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await openAccount(shop, 'staff');
    await shop.app.get(DataSource).query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'refused' USING ERRCODE = NEW.name; END $$;
      CREATE TRIGGER refuse AFTER INSERT ON products FOR EACH ROW WHEN (NEW.sku LIKE 'AT-ONCE%') EXECUTE FUNCTION refuse();
      CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT ON products DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.sku LIKE 'COMMIT%') EXECUTE FUNCTION refuse()`);
  });
  afterAll(() => shop.close());

  it.each(
    ['57014', '55P03', '40P01', '40001', '25006', '53100', '53300', '57P03', '08006', '58030'].flatMap((state) => [
      [state, 'AT-ONCE'],
      [state, 'COMMIT'],
    ]),
  )('%s, %s, is 503 and says when to come again', async (state, moment) => {
    const answer = await shop.ask('products', {
      ...staff,
      method: 'POST',
      json: { sku: `${moment}-${state}`, name: state, price: { amount: 1, currency: 'GBP' } },
    });

    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.stringify(answer.body)).not.toContain('refused');
  });

  it('is nothing that the application did wrong: that stays 500', async () => {
    const json = { sku: 'AT-ONCE-42P01', name: '42P01', price: { amount: 1, currency: 'GBP' } };

    expect((await shop.ask('products', { ...staff, method: 'POST', json })).status).toBe(500);
  });
});

// The embedded engine has neither connections that end, nor a network, nor others who hold a row.
if (process.env.TEST_DATABASE_URL) {
  describe('a shop on a server', () => {
    let shop: Shop;
    let staff: Account;
    let admin: pg.Client;
    let products: { id: string; sku: string }[];
    beforeAll(async () => {
      shop = await Shop.open({ databaseLockTimeout: 1000 });
      staff = await openAccount(shop, 'staff');
      admin = new pg.Client(shop.app.get(Config).databaseUrl);
      // some tests end every connection
      admin.on('error', () => undefined);
      await admin.connect();
      products = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const json = {
            sku: `P${String(index)}`,
            name: `Product ${String(index)}`,
            price: { amount: 1, currency: 'GBP' },
          };
          return (await shop.ask<{ id: string; sku: string }>('products', { ...staff, method: 'POST', json })).body;
        }),
      );
    });
    afterAll(async () => {
      await admin.end();
      await shop.close();
    });

    const adjust = (id: string): Promise<{ status: number; headers: Headers }> =>
      shop.ask(`products/${id}/stock-adjustments`, {
        ...staff,
        method: 'POST',
        json: { delta: 1, reason: 'delivery' },
      });
    const readiness = (): Promise<{ status: number; body: Record<string, unknown> }> => shop.ask('/readyz');

    /** Asks until no answer is a failure: what broke is made again by those who ask. */
    async function recovers(ask: () => Promise<number>[]): Promise<void> {
      for (;;) if ((await Promise.all(ask())).every((status) => status < 500)) return;
    }

    it('goes on when the server ends its connections at random, and answers each request with what it asked for', async () => {
      const seen = new Map<string, number>();
      let mistaken = 0;
      let stop = false;
      const count = (name: string): void => {
        seen.set(name, (seen.get(name) ?? 0) + 1);
      };
      // what fails in the guard has no RateLimit, which the document has of every answer: so it is not held against that
      const headers = { authorization: `Bearer ${staff.token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ delta: 1, reason: 'delivery' });
      const read = async (index: number): Promise<void> => {
        for (let next = index; !stop; next++) {
          const product = products[next % products.length];
          const answer = await fetch(`${shop.url}/api/v1/products/${product?.id ?? ''}`, { headers });
          const { id, sku } = (await answer.json()) as { id?: string; sku?: string };
          count(`read ${String(answer.status)}`);
          if (answer.status === 200 && (id !== product?.id || sku !== product?.sku)) mistaken++;
        }
      };
      const write = async (index: number): Promise<void> => {
        for (let next = index; !stop; next++) {
          const path = `products/${products[next % products.length]?.id ?? ''}/stock-adjustments`;
          const answer = await fetch(`${shop.url}/api/v1/${path}`, { method: 'POST', headers, body });
          await answer.arrayBuffer();
          count(`write ${String(answer.status)}`);
        }
      };
      const load = [...Array(8).keys()].flatMap((index) => [read(index), write(index)]);
      for (let round = 0; round < 40; round++) {
        const { rows } = await admin.query<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 3`,
        );
        for (const { pid } of rows) await admin.query('SELECT pg_terminate_backend($1)', [pid]);
        await shop.ask('/readyz');
      }
      stop = true;
      await Promise.all(load);

      expect(mistaken).toBe(0);
      // a client whose connection is lost gets 503, not 500
      expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['read 200', 'write 201']));
      expect([...seen.keys()].filter((name) => !/(200|201|503)$/.test(name))).toEqual([]);
      const { rows } = await admin.query(
        `SELECT FROM stock_levels l WHERE l.on_hand <>
           (SELECT coalesce(sum(delta), 0) FROM stock_movements m WHERE m.product_id = l.product_id)`,
      );
      expect(rows).toEqual([]);
    });

    it('answers 503 to who waits for a row too long, and everybody else meanwhile', async () => {
      const [held, ...others] = products;
      if (!held) throw new Error('no products');
      await admin.query('BEGIN');
      await admin.query('SELECT FROM stock_levels WHERE product_id = $1 FOR UPDATE', [held.id]);
      const waiting = Array.from({ length: 12 }, () => adjust(held.id));
      let answered = 0;
      for (const answer of waiting) void answer.then(() => answered++);

      const meanwhile = await Promise.all([
        statusOf(shop.ask('users/me', staff)),
        statusOf(shop.ask('auth/login', { method: 'POST', json: { email: staff.email, password: PASSWORD } })),
        statusOf(shop.ask(`products/${held.id}`)),
        ...others.map(({ id }) => statusOf(adjust(id))),
      ]);

      expect(meanwhile.filter((status) => status >= 400)).toEqual([]);
      const refused = await Promise.all(waiting);
      expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
      expect(refused.map(({ headers }) => Number(headers.get('retry-after')) > 0)).not.toContain(false);
      await admin.query('ROLLBACK');
      expect(await statusOf(adjust(held.id))).toBe(201);
    });

    it('adjusts the stock of a product while somebody else changes the product itself, and others wait to do so', async () => {
      const [held] = products;
      if (!held) throw new Error('no products');
      const change = { ...staff, method: 'PATCH', headers: { 'if-match': '*' }, json: { name: 'Other' } };
      const inTheDatabase = async (): Promise<number> => {
        const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        return (await shop.app.get(DataSource).query<object[]>(waiting)).length;
      };
      await admin.query('BEGIN');
      await admin.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [held.id]);
      let answered = 0;
      const waiting = Array.from({ length: 4 }, () => statusOf(shop.ask(`products/${held.id}`, change)));
      for (const answer of waiting) void answer.then(() => answered++);
      await until(async () => (await inTheDatabase()) === 2);
      const adjusted = [await statusOf(adjust(held.id)), answered];
      await admin.query('ROLLBACK');
      await Promise.all(waiting);

      expect(adjusted).toEqual([201, 0]);
    });

    it('lets who waits for one row keep nobody from changing another one, however many wait', async () => {
      const [held, other] = products;
      if (!held || !other) throw new Error('no products');
      await admin.query('BEGIN');
      await admin.query('SELECT FROM stock_levels WHERE product_id = $1 FOR UPDATE', [held.id]);
      const waiting = Promise.all(Array.from({ length: 40 }, () => statusOf(adjust(held.id))));

      // 40 who wait for a second each would have the connections for longer than anybody waits for one
      expect(await statusOf(adjust(other.id))).toBe(201);
      expect(new Set(await waiting)).toEqual(new Set([503]));
      await admin.query('ROLLBACK');
      expect(await statusOf(adjust(held.id))).toBe(201);
    });

    it('lets the next one change a row whose change a client gave up, however often', async () => {
      const [held] = products;
      if (!held) throw new Error('there is no product');
      await admin.query('BEGIN');
      await admin.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [held.id]);
      const given = Array.from({ length: 4 }, async () => {
        await fetch(`${shop.url}/api/v1/products/${held.id}`, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${staff.token}`, 'if-match': '*', 'content-type': 'application/json' },
          body: '{"name":"Given up"}',
          signal: AbortSignal.timeout(300),
        }).catch(() => undefined);
      });
      await Promise.all(given);
      await admin.query('ROLLBACK');

      await until(async () => {
        const json = { name: 'Changed' };
        const headers = { 'if-match': '*' };
        return (await shop.ask(`products/${held.id}`, { ...staff, method: 'PATCH', headers, json })).status === 200;
      });
    });

    it('says that it is read-only while it is, and goes on by itself when it is not any more', async () => {
      const name = (await admin.query<{ name: string }>('SELECT current_database() AS name')).rows[0]?.name ?? '';
      const product = products[0]?.id ?? '';
      const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
      await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      await admin.query(endAll);
      await recovers(() => [statusOf(shop.ask(`products/${product}`))]);

      let ready = await readiness();
      while (JSON.stringify(ready.body).includes('does not answer')) ready = await readiness();
      const written = await adjust(product);
      expect(ready).toMatchObject({ status: 503, body: { detail: expect.stringContaining('read-only') } });
      expect(written.status).toBe(503);
      expect(Number(written.headers.get('retry-after'))).toBeGreaterThan(0);

      await admin.query('SET default_transaction_read_only = off');
      await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await recovers(() => [...Array.from({ length: 8 }, () => statusOf(adjust(product))), statusOf(readiness())]);
    });
  });

  describe('a shop whose network to its server breaks without a word', () => {
    let shop: Shop;
    let proxied: Awaited<ReturnType<typeof createApp>>;
    let proxy: BreakableProxy;
    let url: string;
    let staff: Account;
    beforeAll(async () => {
      shop = await Shop.open();
      staff = await openAccount(shop, 'staff');
      const config = shop.app.get(Config);
      proxy = await openBreakableProxy(config.databaseUrl ?? '');
      const other = Object.assign(new Config(), config, { databaseUrl: proxy.url, databaseStatementTimeout: 1000 });
      proxied = await createApp(other, await dataSourceOptions(other));
      await proxied.listen(0, '127.0.0.1');
      url = await proxied.getUrl();
    });
    afterAll(async () => {
      await proxied.close();
      proxy.close();
      await shop.close();
    });

    const ask = async (path: string, json?: unknown): Promise<number> => {
      const response = await fetch(`${url}${path}`, {
        ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
        headers: { authorization: `Bearer ${staff.token}`, 'content-type': 'application/json' },
      });
      await response.arrayBuffer();
      return response.status;
    };
    let made = 0;
    const askForAll = (): Promise<number[]> =>
      Promise.all([
        ask('/readyz'),
        ask('/api/v1/users/me'),
        ask('/api/v1/products?q=lantern'),
        ...Array.from({ length: 8 }, () =>
          ask('/api/v1/products', { sku: `N${String(made++)}`, name: 'New', price: { amount: 1, currency: 'GBP' } }),
        ),
      ]);

    it('answers 503 meanwhile, readiness within its second, and recovers when it is back', async () => {
      expect((await askForAll()).filter((status) => status >= 400)).toEqual([]);

      proxy.break();
      // what was answered last is good for a moment
      while ((await ask('/readyz')) === 200);
      const order: string[] = [];
      const readiness = ask('/readyz').finally(() => order.push('readiness'));
      const meanwhile = await askForAll().finally(() => order.push('everything'));
      proxy.restore();

      expect(await readiness).toBe(503);
      expect(order).toEqual(['readiness', 'everything']);
      expect(new Set(meanwhile)).toEqual(new Set([503]));
      while ((await askForAll()).some((status) => status >= 500));
    });
  });
}
