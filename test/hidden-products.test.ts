import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc, { type Arbitrary } from 'fast-check';
import { DataSource } from 'typeorm';
import { type Account, openAccount } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

/** An id that is the same in both shops. */
const id = (number: number): string => `0198f3c2-7d0e-7a51-9b1e-${String(number).padStart(12, '0')}`;

const CATEGORIES: [number, string, number | null][] = [
  [1, 'Lighting', null],
  [2, 'Lanterns', 1],
  [3, 'Kitchen', null],
  [4, 'Secretia', null],
];

interface Row {
  number: number;
  name: string;
  description: string;
  sku: string;
  amount: number;
  currency: string;
  status: 'active' | 'draft' | 'archived';
  onHand: number;
  category: number;
}

const row = (number: number, name: string, more: Partial<Row> = {}): Row => ({
  number,
  name,
  description: 'Made with care.',
  sku: `SKU-${String(number)}`,
  amount: 100 * number,
  currency: 'GBP',
  status: 'active',
  onHand: number % 3,
  category: 1 + (number % 3),
  ...more,
});

const VISIBLE = [
  row(10, 'Christmas Lantern'),
  row(11, 'Red Metal Lantern', { description: 'A lantern of painted iron.' }),
  row(12, 'Union Jack Mug'),
  row(13, 'Mug Tree', { amount: 1200 }),
  row(14, 'Table Lamp', { currency: 'EUR' }),
  row(15, 'Night Light'),
];
/** Each has words, prices, categories or times that no visible product has. */
const HIDDEN = [
  row(20, 'Zephyrion Lantern', { status: 'draft', description: 'With xylosound.', sku: 'QX-583619', amount: 1 }),
  row(21, 'Obsolete Gramophone', { status: 'archived', amount: 999_999, onHand: 50, category: 4 }),
  row(9, 'Lantern Lamp Mug', { status: 'draft', currency: 'JPY', amount: 1100, onHand: 5 }),
  row(16, 'Mug', { status: 'archived', description: 'Tesseract union.', amount: 1600 }),
];

const WORDS = [...VISIBLE, ...HIDDEN].flatMap(({ name, description, sku }) =>
  `${name} ${description} ${sku} Secretia zzqqy submarine`.toLowerCase().match(/[a-z0-9]+/g),
) as string[];

async function fill(shop: Shop, rows: readonly Row[]): Promise<void> {
  const database = shop.app.get(DataSource);
  // versions and times are the same in both
  await database.query('ALTER TABLE products DISABLE TRIGGER USER, ENABLE TRIGGER products_words_on_insert');
  for (const [number, name, parent] of CATEGORIES) {
    await database.query(
      `INSERT INTO categories (id, parent_id, name, slug, created_at, updated_at)
       VALUES ($1, $2, $3::text, lower($3), '2026-01-01Z', '2026-01-01Z')`,
      [id(number), parent === null ? null : id(parent), name],
    );
  }
  for (const { number, name, description, sku, amount, currency, status, onHand, category } of rows) {
    await database.query(
      `INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, status, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
      [
        id(number),
        sku,
        `slug-${String(number)}`,
        name,
        description,
        amount,
        currency,
        status,
        new Date(Date.UTC(2026, 0, number)),
      ],
    );
    await database.query('INSERT INTO stock_levels (product_id, on_hand) VALUES ($1, $2)', [id(number), onHand]);
    await database.query('INSERT INTO product_categories (product_id, category_id) VALUES ($1, $2)', [
      id(number),
      id(category),
    ]);
  }
  await database.query(
    `INSERT INTO users (id, email, name, roles, created_at, updated_at)
     VALUES ($1, 'ada@hidden.test', 'Ada', '{customer}', '2026-01-01Z', '2026-01-01Z')`,
    [id(90)],
  );
  await database.query(
    `INSERT INTO reviews (id, owner_id, product_id, rating, title, created_at, updated_at)
     SELECT ('0198f3c2-7d0e-7a51-9b1f-' || right(id::text, 12))::uuid, $1, id, 1 + on_hand % 5, 'Title', p.created_at, p.created_at
     FROM products p JOIN stock_levels ON product_id = id`,
    [id(90)],
  );
  await database.query('UPDATE products SET version = 1, updated_at = created_at');
  await database.query('ALTER TABLE products ENABLE TRIGGER USER');
}

const reviewOf = (number: number): string => id(number).replace('9b1e', '9b1f');

/** A word as it is, its beginning, or with a typing error. */
const word: Arbitrary<string> = fc.constantFrom(...new Set(WORDS)).chain((whole) =>
  fc.oneof(
    fc.constant(whole),
    fc.nat(whole.length - 1).map((length) => whole.slice(0, length + 1)),
    fc.nat(whole.length - 1).map((at) => whole.slice(0, at) + whole.slice(at + 1) || whole),
    fc
      .tuple(fc.nat(whole.length), fc.constantFrom('a', 'e', 'x', '9'))
      .map(([at, letter]) => whole.slice(0, at) + letter + whole.slice(at)),
  ),
);

const optional = { requiredKeys: [] };
const ids = [...VISIBLE, ...HIDDEN].map(({ number }) => id(number));
const price = fc.constantFrom('0', '1', '100', '1100', '1200', '999999');
const limit = fc.constantFrom('1', '2', '100');

const productLists: Arbitrary<string> = fc
  .record(
    {
      q: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
      categoryId: fc.constantFrom(...CATEGORIES.map(([number]) => id(number))),
      sku: fc.constantFrom(...[...VISIBLE, ...HIDDEN].map(({ sku }) => sku)),
      slug: fc.constantFrom(...[...VISIBLE, ...HIDDEN].map(({ number }) => `slug-${String(number)}`)),
      currency: fc.constantFrom('GBP', 'EUR', 'JPY'),
      minPrice: price,
      maxPrice: price,
      inStock: fc.constantFrom('true', 'false'),
      status: fc.constantFrom('active', 'draft', 'archived'),
      sort: fc.constantFrom('name', '-name', 'price', '-price', 'createdAt', '-createdAt', 'relevance'),
      include: fc.constantFrom('total', 'facets', 'total,facets'),
      limit,
    },
    optional,
  )
  .map((query) => `products?${new URLSearchParams(query).toString()}`);

const reviewLists: Arbitrary<string> = fc
  .record(
    {
      productId: fc.constantFrom(...ids),
      ownerId: fc.constant(id(90)),
      minRating: fc.constantFrom('1', '2', '5'),
      maxRating: fc.constantFrom('1', '2', '5'),
      sort: fc.constantFrom('rating', '-rating', 'createdAt', '-createdAt'),
      include: fc.constant('total'),
      limit,
    },
    optional,
  )
  .map((query) => `reviews?${new URLSearchParams(query).toString()}`);

const single: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ids).map((product) => `products/${product}`),
  fc.constantFrom(...[...VISIBLE, ...HIDDEN]).map(({ number }) => `reviews/${reviewOf(number)}`),
  fc.constantFrom(
    'categories',
    'categories?include=total',
    ...CATEGORIES.map(([number]) => `categories/${id(number)}`),
  ),
);

const HEADERS = { 'x-request-id': 'the-same', 'accept-encoding': 'identity' };

describe('products that customers cannot see', () => {
  let full: Shop;
  let without: Shop;
  let customers: Account[];
  let staff: Account;
  beforeAll(async () => {
    [full, without] = [await Shop.open(), await Shop.open()];
    await fill(full, [...VISIBLE, ...HIDDEN]);
    await fill(without, VISIBLE);
    customers = [await openAccount(full, 'customer'), await openAccount(without, 'customer')];
    staff = await openAccount(full, 'staff');
  });
  afterAll(async () => {
    await full.close();
    await without.close();
  });

  const seen = ({ status, headers, body }: Answer<unknown>): unknown => ({
    status,
    body: JSON.stringify(body),
    headers: ['etag', 'link', 'cache-control', 'vary', 'content-length'].map((name) => headers.get(name)),
  });

  /** What both shops answer, page by page. */
  async function compare(path: string, tokens: (string | undefined)[]): Promise<void> {
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined && pages < 3; pages++) {
      const at: string = next;
      const [there, here] = await Promise.all(
        [full, without].map((shop, index) => shop.ask(at, { token: tokens[index], headers: HEADERS })),
      );
      if (!there || !here) throw new Error('there are two shops');
      expect([at, seen(there)]).toEqual([at, seen(here)]);
      next = /<([^>]+)>; rel="next"/.exec(there.headers.get('link') ?? '')?.[1];
    }
  }

  it.each<[string, Arbitrary<string>, number]>([
    ['list of products', productLists, 250],
    ['list of reviews', reviewLists, 60],
    ['other resource', single, 40],
  ])('leave no trace in any %s, for any query', async (_, paths, numRuns) => {
    await fc.assert(
      fc.asyncProperty(paths, fc.boolean(), async (path, signedIn) => {
        await compare(path, signedIn ? customers.map(({ token }) => token) : []);
      }),
      { numRuns },
    );
  });

  it.each([
    'q=lantern%20zephyrion',
    'q=lantern%20zephirion',
    'q=lantern%20xy',
    'q=lantern%205',
    'q=lantern%20xylosound&include=total,facets',
    'q=mug%20secretia',
    'q=tesseract',
    'sort=-createdAt&limit=1',
    'include=facets',
    'minPrice=1100&maxPrice=1100&include=total,facets',
  ])('leave no trace in products?%s', async (query) => {
    await compare(`products?${query}`, []);
  });

  it('are found by staff', async () => {
    const { body } = await full.ask<{ data: { id: string }[] }>('products?q=zephirion', { token: staff.token });

    expect(body.data.map((product) => product.id)).toEqual([id(20)]);
  });

  it('cannot be reviewed by customers, who get the answer that an unknown id gets', async () => {
    const answers = await Promise.all(
      [full, without].flatMap((shop, index) =>
        [20, 21].map(async (number) =>
          seen(
            await shop.ask('reviews', {
              method: 'POST',
              token: customers[index]?.token,
              headers: HEADERS,
              json: { productId: id(number), rating: 1, title: 'Seen' },
            }),
          ),
        ),
      ),
    );

    expect(answers).toEqual(Array(4).fill(answers[0]));
    expect(answers[0]).toMatchObject({ status: 422 });
  });
});
