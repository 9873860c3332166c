import { SEARCHES } from './catalogue.js';
import type { Database } from './database.js';
import type { LoadRequest } from './load.js';
import { ORDER_OPERATIONS } from './operations.orders.js';
import { BROWSER_ACCEPT } from './photos.js';
import { customer, CUSTOMERS, PASSWORD, PLENTY, STAFF } from './seed.common.js';
import { clientOf, JSON_BODY, type Operation, signedIn, type World } from './operation.js';

const PRODUCTS = '/api/v1/products';

/** How many products are read with their ETags before they are asked for again. */
const KNOWN = 320;

const get = (path: string, headers: Record<string, string> = {}): LoadRequest => ({ method: 'GET', path, headers });

/** Every operation that can be measured, in the order that they are. */
export const OPERATIONS = {
  'product-by-id': {
    requests: (_, { ids }) => ids.map((id) => get(`${PRODUCTS}/${id}`)),
    differing: [],
  },
  'product-list': {
    requests: () => [get(`${PRODUCTS}?limit=20`)],
    differing: ['next'],
  },
  'product-list-filtered': {
    requests: (_, { categoryId }) =>
      [1000, 2000, 4000].map((minPrice) =>
        get(
          `${PRODUCTS}?limit=20&categoryId=${categoryId}&minPrice=${String(minPrice)}&maxPrice=${String(minPrice * 2)}&sort=price`,
        ),
      ),
    differing: ['next'],
  },
  'product-search': {
    requests: () => SEARCHES.map((words) => get(`${PRODUCTS}?limit=20&q=${encodeURIComponent(words)}`)),
    differing: ['next'],
  },
  profile: {
    requests: async (url) => [get('/api/v1/users/me', await signedIn(url, customer(0)))],
    differing: [],
  },
  'product-304': {
    requests: async (url, { ids }) => {
      const shop = clientOf(url);
      return Promise.all(
        ids.slice(0, KNOWN).map(async (id) => {
          const { response } = await shop.GET('/api/v1/products/{id}', { params: { path: { id } } });
          return get(`${PRODUCTS}/${id}`, { 'if-none-match': response.headers.get('etag') ?? '"none"' });
        }),
      );
    },
    status: 304,
    differing: [],
  },
  'product-create': {
    requests: async (url, { categoryId }) => [
      {
        method: 'POST',
        path: PRODUCTS,
        headers: { ...JSON_BODY, ...(await signedIn(url, STAFF)) },
        body: JSON.stringify({
          sku: 'BENCH-{{n}}',
          name: 'Vintage Red Metal Lantern',
          description: 'A lantern of painted iron, for a tea light.',
          price: { amount: 1999, currency: 'GBP' },
          categoryIds: [categoryId],
          attributes: { colour: 'red', pieces: 6 },
        }),
      },
    ],
    status: 201,
    differing: ['id', 'sku', 'slug', 'createdAt', 'updatedAt'],
    cleanUp: [
      "DELETE FROM products WHERE sku LIKE 'BENCH-%'",
      'VACUUM (ANALYZE) products, product_categories, stock_levels',
    ],
  },
  login: {
    requests: () =>
      Array.from({ length: CUSTOMERS }, (_, number) => ({
        method: 'POST',
        path: '/api/v1/auth/login',
        headers: JSON_BODY,
        body: JSON.stringify({ email: customer(number), password: PASSWORD }),
      })),
    differing: ['accessToken', 'refreshToken'],
    cleanUp: ['DELETE FROM sessions', 'VACUUM (ANALYZE) sessions'],
  },
  'photo-thumb': {
    requests: (_, { photoId = '' }) => [get(`/api/v1/photos/${photoId}/thumb`, { accept: BROWSER_ACCEPT })],
    differing: [],
    withoutDocs: true,
  },
  ...ORDER_OPERATIONS,
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

export const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

/** How many products are asked for by their ids. */
const DRAWN = 10_000;

/** Ids of active products, drawn from all of them, and how many of those there are. */
export async function openIds(database: Database): Promise<{ some: string[]; total: number }> {
  const rows = await database.query<{ id: string; total: string }>(
    "SELECT id, count(*) OVER () AS total FROM products WHERE status = 'active' ORDER BY md5(id::text) LIMIT $1",
    [DRAWN],
  );
  return { some: rows.map(({ id }) => id), total: Number(rows[0]?.total) };
}

/** Finds what the requests are made of. */
export async function openWorld(url: string, database: Database): Promise<World> {
  const { some: ids } = await openIds(database);
  const { data } = await clientOf(url).GET('/api/v1/categories', { params: { query: { limit: 1 } } });
  const categoryId = data?.data[0]?.id;
  if (categoryId === undefined) throw new Error('there is no category');
  const [photo] = await database.query<{ id: string }>('SELECT id FROM photos WHERE is_complete ORDER BY id LIMIT 1');
  return { ids, categoryId, photoId: photo?.id, ...(await openOrders(database)) };
}

/** What is bought, and the orders that are there. */
async function openOrders(database: Database): Promise<Pick<World, 'stocked' | 'orders'>> {
  const stocked = await database.query<{ id: string }>(
    `SELECT p.id FROM products p JOIN stock_levels l ON l.product_id = p.id
     WHERE l.on_hand = $1 AND p.status = 'active' ORDER BY md5(p.id::text)`,
    [PLENTY],
  );
  const orders = await database.query<{ id: string; email: string }>(
    'SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.customer_id ORDER BY md5(o.id::text)',
  );
  return { stocked: stocked.map(({ id }) => id), orders };
}
