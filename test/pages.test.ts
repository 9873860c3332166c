import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { resolve, type Schemas } from '../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { type Account, openAccount } from './support/accounts.js';
import { DOCUMENT } from './support/document.js';
import { together } from './support/feature.js';
import { paymentOf, post } from './support/ledger.js';
import { Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';

interface Page {
  data: { id: string }[];
  page: { next: string | null };
}

const PRODUCTS = 10_007;
const INSERT_PRODUCTS = `
  INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status, created_at)`;

const schemas: Schemas = DOCUMENT.components?.schemas ?? {};
const lists = locatedOperationsOf(DOCUMENT)
  .filter(({ method, operation }) => method === 'get' && isPage(operation))
  .map(({ path }) => path);

let shop: Shop;
let admin: Account;
beforeAll(async () => {
  shop = await Shop.open();
  admin = await openAccount(shop, 'admin');
  // ids in no order; names, prices and times of creation with ties
  await sql(
    `${INSERT_PRODUCTS}
     SELECT md5(n::text)::uuid, 'S' || n, 's' || n, 'Lantern ' || n / 3, n % 10 + 1, 'GBP', 'active',
       timestamptz '2026-01-01Z' + n / 2 * interval '1 minute'
     FROM generate_series(1, $1) n`,
    [PRODUCTS],
  );
  await sql('INSERT INTO stock_levels (product_id) SELECT id FROM products');
  await sql('ANALYZE products, stock_levels');
});
afterAll(() => shop.close());

const sql = <R>(text: string, values?: unknown[]): Promise<R> => shop.app.get(DataSource).query<R>(text, values);
const pageAt = async (path: string): Promise<Page> => (await shop.ask<Page>(path, { token: admin.token })).body;

describe('a list of 10,007 that is walked while others insert and delete', () => {
  /** Gives every sort a new row at its beginning, in its middle and at its end, and takes others away. */
  const change = (round: number, gone: (string | undefined)[]): Promise<unknown> =>
    sql(
      `WITH gone AS (DELETE FROM products WHERE id = ANY ($1)), made AS (
       ${INSERT_PRODUCTS}
       SELECT gen_random_uuid(), at || $2, at || $2, name, price, 'GBP', 'active', created_at::timestamptz
       FROM (VALUES ('first', '!', 0, '2025-01-01Z'), ('middle', 'lantern 2', 5, '2026-01-04Z'), ('last', '~', 99, '2027-01-01Z'))
         AS fresh (at, name, price, created_at)
       RETURNING id) INSERT INTO stock_levels (product_id) SELECT id FROM made`,
      [gone.filter((id) => id !== undefined), round],
    );
  let round = 0;

  it.each(['name', 'price', '-createdAt'])(
    'by %s shows what was there throughout once, and nothing twice',
    async (sort) => {
      const before = await sql<{ id: string }[]>('SELECT id FROM products ORDER BY created_at');
      const throughout = new Set(before.map(({ id }) => id));
      const ahead = new Set(throughout);
      const seen: string[] = [];

      let next: string | null = null;
      do {
        const query: string = next === null ? `sort=${sort}` : `cursor=${next}`;
        const unseen = [...ahead];
        // while the page is read: of what is ahead, the oldest, the newest and one between
        const gone = [unseen[0], unseen[Math.floor(unseen.length / 2)], unseen.at(-1)];
        const [{ data, page }] = await Promise.all([pageAt(`products?limit=100&${query}`), change(++round, gone)]);
        // between the pages: what was seen first, and the very row that the next page begins after
        const behind = [seen[0], data.at(-1)?.id];
        await change(++round, behind);

        seen.push(...data.map(({ id }) => id));
        for (const id of [...gone, ...behind]) if (id !== undefined) throughout.delete(id);
        for (const id of [...seen, ...gone]) if (id !== undefined) ahead.delete(id);
        next = page.next;
      } while (next !== null);

      const once = new Set(seen);
      expect(seen).toHaveLength(once.size);
      expect([...throughout].filter((id) => !once.has(id))).toEqual([]);
      expect(throughout.size).toBeGreaterThan(PRODUCTS * 0.9);
    },
  );
});

describe('page 500', () => {
  it.each(['name', '-price', 'createdAt'])(
    'by %s is read from the index where it begins: it costs what page 1 costs',
    async (sort) => {
      const first = `products?limit=20&sort=${sort}`;
      let cursor = await cursorOf(`products?limit=100&sort=${sort}`);
      for (let at = 100; at < 499 * 20; at += at < 9900 ? 100 : 20) {
        cursor = await cursorOf(`products?limit=${at < 9900 ? '100' : '20'}&cursor=${cursor}`);
      }
      const [page1, page500] = [await costOf(first), await costOf(`products?limit=20&cursor=${cursor}`)];

      expect(page500.index).toMatch(/^products_by_/);
      // the page, and the one row that tells whether there is more
      expect([page1.rows, page500.rows]).toEqual([21, 21]);
      expect(page500.buffers).toBeLessThan(2 * page1.buffers);
    },
  );

  const cursorOf = async (path: string): Promise<string> => String((await pageAt(path)).page.next);

  /** What PostgreSQL does for a page: how many products it looks at, by which index, and how many blocks it touches. */
  async function costOf(path: string): Promise<{ rows: number; index: string | undefined; buffers: number }> {
    const statements = await statementsOf(shop, () => pageAt(path));
    const { text, values } = statements.find(({ text }) => text.includes('LIMIT')) ?? { text: '', values: [] };
    const [row] = await sql<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      values,
    );
    const plan = row?.['QUERY PLAN'][0].Plan;
    if (!plan) throw new Error('there is no plan');
    const scan = nodesOf(plan).find((node) => node['Relation Name'] === 'products');
    return {
      rows: (scan?.['Actual Rows'] ?? 0) + (scan?.['Rows Removed by Filter'] ?? 0),
      index: scan?.['Index Name'],
      buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    };
  }
});

describe('the number of SQL statements of a list', () => {
  const PRODUCT = '00000000-0000-7000-8000-000000000001';
  const IMPORT = '00000000-0000-7000-8000-000000000002';
  const ORDER = '00000000-0000-7000-8000-000000000003';
  beforeAll(async () => {
    await sql(`${INSERT_PRODUCTS} VALUES ('${PRODUCT}', 'moved', 'moved', 'Moved', 1, 'GBP', 'active', now())`);
    await sql(`INSERT INTO stock_levels (product_id) VALUES ('${PRODUCT}')`);
    await sql(`INSERT INTO imports (id, state, format) VALUES ('${IMPORT}', 'finished', 'csv')`);
    await sql(
      `INSERT INTO orders (id, number, customer_id, status, payment_status, currency, total)
       VALUES ('${ORDER}', 'N', '${admin.id}', 'confirmed', 'paid', 'GBP', 0)`,
    );
    await sql(`INSERT INTO event_consumers (name, position, seen_at) VALUES ('pages', 0, now())`);
    const rows = {
      ...together((feature) => feature.rows),
      'sessions (id, user_id, refresh_hash, rotated_at, address, created_at, last_seen_at, expires_at)': `
        '${admin.id}', '', now(), '', now(), now(), now() + interval '1 day'`,
      'stock_movements (id, product_id, delta, on_hand, cause, reason)': `'${PRODUCT}', 1, n, 'adjustment', 'x'`,
      'outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)': `
        'test', gen_random_uuid(), 1, 'test.failed', 1, '{}', '{}', now()`,
      'event_deliveries (id, consumer, event_id, aggregate_type, aggregate_id, position, state, attempts, created_at, updated_at)': `
        'pages', (SELECT id FROM outbox WHERE name = 'test.failed' ORDER BY id OFFSET n - 1 LIMIT 1), 'test', gen_random_uuid(), n,
        'dead', 8, now(), now()`,
      'order_events (id, order_id, version, name, status)': `'${ORDER}', n, 'placed', 'pending'`,
      'fulfillments (id, order_id, actor_id)': `'${ORDER}', '${admin.id}'`,
      'payment_attempts (id, order_id, operation, amount, currency, provider, state, decline_code)': `
        '${ORDER}', 'capture', n, 'GBP', 'sandbox', 'declined', 'card_declined'`,
      'import_faults (id, import_id, line, code, detail)': `'${IMPORT}', n, 'x', 'x'`,
    };
    for (let posted = 0; posted < 100; posted++) await post(shop, paymentOf({ customerId: admin.id }));
    for (const [columns, values] of inOrder(Object.entries(rows))) {
      await sql(`INSERT INTO ${columns} SELECT gen_random_uuid(), ${values} FROM generate_series(1, 100) n`);
    }
  });

  it.each(lists)('is the same for a row, for 20 and for 100: GET %s', async (list) => {
    const path = list
      .replace('products/{id}', `products/${PRODUCT}`)
      .replace('imports/{id}', `imports/${IMPORT}`)
      .replace('orders/{id}', `orders/${ORDER}`)
      .replace('users/{id}', `users/${admin.id}`);
    const counted = async (limit: number): Promise<number> => {
      let rows = 0;
      const statements = await statementsOf(shop, async () => {
        rows = (await pageAt(`${path}?limit=${String(limit)}`)).data.length;
      });
      // there must be enough rows for it to show: a new list needs `rows` in test/support/features/
      expect([list, rows]).toEqual([list, limit]);
      // written in the background, once in a while
      return statements.filter(({ text }) => !text.startsWith('UPDATE sessions SET last_seen_at')).length;
    };

    const [one, twenty, hundred] = [await counted(1), await counted(20), await counted(100)];
    expect(one).toBeGreaterThan(0);
    expect([twenty, hundred]).toEqual([one, one]);
  });
});

/** Rows that others refer to before those that do. */
function inOrder(rows: [string, string][]): [string, string][] {
  const tableOf = ([columns]: [string, string]): string => columns.split(' ')[0] ?? '';
  const later = new Set(rows.map(tableOf));
  const refersTo = (row: [string, string], table: string): boolean =>
    table !== tableOf(row) && new RegExp(`FROM ${table}\\b`).test(row[1]);
  const ready = rows.filter((row) => ![...later].some((table) => refersTo(row, table)));
  if (ready.length === 0 && rows.length > 0) throw new Error('rows refer to each other in a circle');
  return ready.length === rows.length ? rows : [...ready, ...inOrder(rows.filter((row) => !ready.includes(row)))];
}

interface Plan {
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Whether what an operation answers is a page of a list. */
function isPage({ responses }: Located['operation']): boolean {
  const success = responses[200];
  const schema = success && 'content' in success ? success.content?.['application/json']?.schema : undefined;
  return schema !== undefined && resolve(schema, schemas).properties?.page !== undefined;
}
