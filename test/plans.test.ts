import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource, type QueryRunner } from 'typeorm';
import { seed } from '../bench/seed.js';
import { SearchConnections } from '../src/common/database/search-connections.js';
import { SharedConnections } from '../src/common/database/shared-connections.js';
import { type Account, openAccount, PASSWORD } from './support/accounts.js';
import { type Ask, Shop } from './support/shop.js';
import { type Statement, statementsOf } from './support/statements.js';

/** Tables that grow with the shop; of the others, which are small, a scan may be the best plan. */
const LARGE = [
  'products',
  'product_categories',
  'stock_levels',
  'stock_movements',
  'users',
  'sessions',
  'idempotency_keys',
  'reviews',
  'imports',
];
/** How many rows of a large table a page of twenty may read for each that it shows, those that a filter removes included. */
const MOST_READ = 20 * 21;

/** How many members a family has. */
const FAMILY = 5;

/** Puts the newer half of the products into families, in the order of their creation. */
async function seedFamilies(runner: QueryRunner): Promise<void> {
  await runner.query(
    `INSERT INTO product_families (id, name, slug, options)
     SELECT gen_random_uuid(), 'F' || n, 'f' || n, '{Size,Style}' FROM generate_series(1, 1000) n`,
  );
  await runner.query(
    `UPDATE products p SET family_id = f.id, family_name = f.name, family_key = numbered.n::text,
       family_options = jsonb_build_array(
         jsonb_build_object('name', 'Size', 'value', (numbered.n % $1)::text),
         jsonb_build_object('name', 'Style', 'value', (numbered.n / $1 % 100)::text))
     FROM (SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS n FROM products) numbered
     JOIN product_families f ON f.slug = 'f' || (1 + numbered.n / $1)
     WHERE p.id = numbered.id`,
    [FAMILY],
  );
  // so that what was updated is in the indexes themselves, and not in lists beside them
  await runner.query('VACUUM (ANALYZE) products');
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe('on the data of the benchmark, by the plans of PostgreSQL', () => {
  let shop: Shop;
  let staff: Account;
  let ids: Record<'product' | 'family' | 'department' | 'customer', string>;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await openAccount(shop, 'staff');
    const runner = shop.app.get(DataSource).createQueryRunner();
    await seed(runner, 10_000);
    await seedFamilies(runner);
    await runner.query(
      `INSERT INTO users (id, email, name, roles)
       SELECT gen_random_uuid(), n || '@plans.test', 'Ada', '{customer}' FROM generate_series(1, 5000) n`,
    );
    await runner.query(
      `INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, address, created_at, last_seen_at, expires_at)
       SELECT gen_random_uuid(), id, '', now(), '', now(), now(), now() + interval '1 day' FROM users`,
    );
    await runner.query(
      `INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason)
       SELECT gen_random_uuid(), id, 1, 1, 'adjustment', 'delivery' FROM products`,
    );
    await runner.query(
      `INSERT INTO reviews (id, owner_id, product_id, rating, title, created_at)
       SELECT gen_random_uuid(), u.id, p.id, 1 + u.n % 5, 'Title', now() - u.n * interval '1 second'
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users) u
       JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM products) p USING (n)`,
    );
    await runner.query(
      `INSERT INTO imports (id, state, format, created_at)
       SELECT gen_random_uuid(), 'finished', 'csv', now() - n * interval '1 second' FROM generate_series(1, 5000) n`,
    );
    await runner.query(
      `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, created_at, finished_at)
       SELECT id, 'POST /', 'key', '', 201, '{}', now(), now() FROM users`,
    );
    await runner.query('ANALYZE');
    await runner.release();
    ids = {
      product: await anIdOf("products WHERE status = 'active'"),
      family: await anIdOf('product_families'),
      customer: await anIdOf("users WHERE email LIKE '%@plans.test'"),
      department: await anIdOf('categories WHERE parent_id IS NULL'),
    };
  });
  afterAll(() => shop.close());

  const anIdOf = async (from: string): Promise<string> => {
    const [row] = await shop.app.get(DataSource).query<{ id: string }[]>(`SELECT id FROM ${from} ORDER BY id LIMIT 1`);
    if (!row) throw new Error(`there are no ${from}`);
    return row.id;
  };

  it.each<[string, () => [string, Ask?]]>([
    ['a product', () => [`products/${ids.product}`]],
    ['a product that is known', () => [`products/${ids.product}`, { headers: { 'if-none-match': '"1"' } }]],
    ['the newest products', () => ['products']],
    ['products by name', () => ['products?sort=name']],
    ['products by price, the dearest first', () => ['products?sort=-price']],
    [
      'products of a department in a range of prices',
      () => [`products?categoryId=${ids.department}&minPrice=2000&maxPrice=4000&sort=price`],
    ],
    ['products by family', () => ['products?collapse=family']],
    ['products by family and price', () => ['products?collapse=family&sort=price']],
    ['products of a family', () => [`products?familyId=${ids.family}`]],
    ['products with a value of an option', () => ['products?option=Size:2&option=Style:77']],
    ['a family', () => [`product-families/${ids.family}`]],
    ['families', () => ['product-families']],
    ['a product by its SKU', () => ['products?sku=SEED-77']],
    ['products by words', () => ['products?q=red%20metal%20lantern']],
    ['products by words with errors', () => ['products?q=lantrn%20metl']],
    ['the stock movements of a product', () => [`products/${ids.product}/stock-movements`, staff]],
    ['who somebody is', () => ['users/me', staff]],
    ['signing in', () => ['auth/login', { method: 'POST', json: { email: staff.email, password: PASSWORD } }]],
    [
      'making a product, by a key',
      () => [
        'products',
        {
          ...staff,
          method: 'POST',
          headers: { 'idempotency-key': 'one' },
          json: { sku: 'NEW', name: 'New', price: { amount: 1, currency: 'GBP' }, categoryIds: [ids.department] },
        },
      ],
    ],
  ])('%s is found without looking through a table', async (_, request) => {
    const [path, ask] = request();
    let status = 0;
    const statements = await statementsOf(shop, async () => {
      status = (await shop.ask(path, ask)).status;
    });
    expect([200, 201, 304]).toContain(status);

    const scans: string[] = [];
    for (const { text, values } of statements.filter(
      (statement) => /^\s*(SELECT|WITH|UPDATE|DELETE)/.test(statement.text) && !isBound(statement),
    )) {
      const [row] = await shop.app
        .get(DataSource)
        .query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(`EXPLAIN (FORMAT JSON) ${text}`, values);
      for (const node of row ? nodesOf(row['QUERY PLAN'][0].Plan) : []) {
        const table = node['Relation Name'] ?? '';
        if (node['Node Type'] === 'Seq Scan' && LARGE.includes(table)) scans.push(`${table}: ${text}`);
      }
    }
    expect(statements.length).toBeGreaterThan(0);
    expect(scans).toEqual([]);
  });

  /** The embedded engine cannot cancel a search: it first counts rows, up to the number that it goes through at most. */
  const isBound = ({ text }: Statement): boolean => /OFFSET \$\d+ LIMIT 1$/.test(text.trim());

  /** How many rows of large tables the statements of a request read. */
  async function rowsRead(path: string, ask?: Ask): Promise<number> {
    const statements = await statementsOf(shop, async () => {
      expect((await shop.ask(path, ask)).status).toBe(200);
    });
    let rows = 0;
    for (const { text, values } of statements.filter((statement) => !isBound(statement))) {
      const [row] = await shop.app
        .get(DataSource)
        .query<{ 'QUERY PLAN': [{ Plan: Plan }] }[]>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      for (const node of row ? nodesOf(row['QUERY PLAN'][0].Plan) : []) {
        if (!LARGE.includes(node['Relation Name'] ?? '')) continue;
        rows += ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1);
      }
    }
    return rows;
  }

  it.each<[string, () => [string, Ask?]]>([
    ['the newest products', () => ['products']],
    ['products by name', () => ['products?sort=-name']],
    ['products by price', () => ['products?sort=price']],
    ['products by price in a currency', () => ['products?currency=GBP&sort=-price']],
    ['products in a range of prices, by price', () => ['products?minPrice=2000&sort=price']],
    ['a product by its SKU', () => ['products?sku=SEED-77']],
    ['a product by its slug', () => ['products?slug=none']],
    ['reviews', () => ['reviews']],
    ['reviews by rating', () => ['reviews?sort=-rating']],
    ['reviews of a product', () => [`reviews?productId=${ids.product}`]],
    ['reviews of a user', () => [`reviews?ownerId=${ids.customer}`]],
    ['imports', () => ['imports', staff]],
    ['users', () => ['users', staff]],
    ['the stock movements of a product', () => [`products/${ids.product}/stock-movements`, staff]],
  ])('a page of %s reads hardly more than it shows', async (_, request) => {
    expect(await rowsRead(...request())).toBeLessThan(MOST_READ);
  });

  it.each(['', '&sort=name', '&sort=-price', '&sort=createdAt'])(
    'a page of products by family%s reads the members of those families, and no others',
    async (sort) => {
      expect(await rowsRead(`products?collapse=family${sort}`)).toBeLessThan(MOST_READ * FAMILY);
    },
  );

  if (process.env.TEST_DATABASE_URL) {
    it.each<[string, () => [string, Ask?]]>([
      ['products?inStock=false', () => ['products?inStock=false']],
      ['products?maxPrice=0&sort=createdAt', () => ['products?maxPrice=0&sort=createdAt']],
      ['products?categoryId', () => [`products?categoryId=${ids.department}&sort=name`]],
      ['products?status', () => ['products?status=draft', staff]],
      ['products?familyId', () => [`products?familyId=${ids.family}`]],
      ['products?collapse', () => ['products?collapse=family']],
      ['products?q', () => ['products?q=lantern&include=total,facets']],
      ['products?include=facets', () => ['products?include=facets']],
      ['users?q', () => ['users?q=zzz', staff]],
      ['users?role', () => ['users?role=admin', staff]],
      ['reviews?minRating', () => ['reviews?minRating=5&maxRating=5']],
    ])('%s, which may read a whole index, shares no connection with others', async (_, request) => {
      const shared = jest.spyOn(SharedConnections.prototype, 'query');
      const searches = jest.spyOn(SearchConnections.prototype, 'query');
      const [path, ask] = request();
      try {
        expect((await shop.ask(path, ask)).status).toBe(200);
        // those of searches are shared ones, used by one statement at a time
        const apart = new Set(searches.mock.calls.map(([text]) => text));
        // handlers of events look now and then whether there is something to do, which no request waits for
        const together = shared.mock.calls
          .map(([text]) => text)
          .filter((text) => !apart.has(text) && !text.includes('event_consumers'));
        expect(together.filter((text) => text.includes('ORDER BY'))).toEqual(
          path.endsWith('include=facets') ? [expect.stringContaining('FROM products p')] : [],
        );
        expect(searches.mock.calls.length > 0).toBe(path.startsWith('products'));
      } finally {
        shared.mockRestore();
        searches.mockRestore();
      }
    });
  }
});
