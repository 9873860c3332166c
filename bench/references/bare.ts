// Fastify and pg, as fast as they go by hand: named statements, response schemas, and nothing else.
import slugify from '@sindresorhus/slugify';
import { fastify } from 'fastify';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { callerOf, signIn } from './bare.auth.js';
import { query, transaction } from './bare.database.js';
import { addOrders } from './bare.orders.js';
import { addPayments } from './bare.payments.js';
import { refused } from './bare.refused.js';
import * as schemas from './bare.schemas.js';
import { isBelow, ranked } from './search.js';
import { addPhotos } from './static.js';

interface PhotoRow {
  id: string;
  state: string;
}

interface ProductRow {
  id: string;
  price_amount: number;
  price_currency: string;
  on_hand: number;
  reserved: number;
  rating_count: number;
  rating_sum: number;
  created_at: Date;
  updated_at: Date;
  sort_key: string;
  photos: PhotoRow[];
  family_id: string | null;
  family_name: string | null;
  family_options: { name: string; value: string }[] | null;
}

interface ProductQuery {
  limit: number;
  cursor?: string;
  q?: string;
  categoryId?: string;
  minPrice?: number;
  maxPrice?: number;
  sort?: 'price' | '-createdAt';
}

interface NewProduct {
  sku: string;
  name: string;
  description?: string | null;
  price: { amount: number; currency: string };
  categoryIds: string[];
  attributes: Record<string, string | number | boolean>;
  status: string;
}

const COLUMNS = `
  p.id, p.sku, p.slug, p.name, p.description, p.price_amount, p.price_currency, l.on_hand, l.reserved, p.rating_count, p.rating_sum, p.attributes,
  p.family_id, p.family_name, p.family_options, p.status, p.version, p.created_at, p.updated_at, coalesce((
    SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug) ORDER BY c.name)
    FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id
  ), '[]') AS categories, coalesce((
    SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash,
      'state', ph.state, 'alt', pp.alt) ORDER BY pp.position)
    FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id
  ), '[]') AS photos`;
const BY_ID = `SELECT ${COLUMNS} FROM products p JOIN stock_levels l ON l.product_id = p.id WHERE p.id = $1`;

const shownPhoto = <Row extends PhotoRow>(row: Row): object => ({
  ...row,
  available: row.state !== 'unavailable',
  urls: {
    original: `/api/v1/photos/${row.id}/original`,
    large: `/api/v1/photos/${row.id}/large`,
    medium: `/api/v1/photos/${row.id}/medium`,
    thumb: `/api/v1/photos/${row.id}/thumb`,
  },
});

const shown = (row: ProductRow, staff = false): object => ({
  ...row,
  price: { amount: row.price_amount, currency: row.price_currency },
  stock: { available: row.on_hand - row.reserved, ...(staff && { onHand: row.on_hand, reserved: row.reserved }) },
  rating: {
    average: row.rating_count === 0 ? null : Math.round((row.rating_sum / row.rating_count) * 10) / 10,
    count: row.rating_count,
  },
  photos: row.photos.map(shownPhoto),
  family: row.family_id && {
    id: row.family_id,
    name: row.family_name,
    options: Object.fromEntries((row.family_options ?? []).map(({ name, value }) => [name, value])),
  },
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const app = fastify({ ajv: { customOptions: { allowUnionTypes: true } } });

app.get('/readyz', async () => {
  await query('SELECT 1', []);
  return { status: 'ok' };
});

app.get<{ Params: { id: string } }>(
  '/api/v1/products/:id',
  { schema: { params: schemas.byId, response: { 200: schemas.product } } },
  async (request, reply) => {
    const [row] = await query<ProductRow & { status: string }>(BY_ID, [request.params.id]);
    if (row?.status !== 'active') return refused(reply, 404);
    return shown(row);
  },
);

app.get<{ Querystring: ProductQuery }>(
  '/api/v1/products',
  { schema: { querystring: schemas.productQuery, response: { 200: schemas.productPage } } },
  async ({ query: asked }) => {
    const exact = await find(asked, false);
    const rows = exact.length > 0 || asked.q === undefined ? exact : await find(asked, true);
    const { limit } = asked;
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last ? Buffer.from(JSON.stringify([last.sort_key, last.id])).toString('base64url') : null;
    return { data: rows.slice(0, limit).map((row) => shown(row)), page: { limit, next } };
  },
);

/** The rows of a page, and one more if there are more; `similar`: by likeness to the words, if there are any. */
async function find(asked: ProductQuery, similar: boolean): Promise<ProductRow[]> {
  const { limit, cursor, q, categoryId, minPrice, maxPrice, sort = '-createdAt' } = asked;
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${String(values.push(value))}`;
  let where = ["p.status = 'active'"];
  let from = 'products p JOIN stock_levels l ON l.product_id = p.id';
  let [key, type, direction] =
    sort === 'price' ? ['p.price_amount', 'bigint', 'ASC'] : ['p.created_at', 'timestamptz', 'DESC'];
  if (minPrice !== undefined) where.push(`p.price_amount >= ${parameter(minPrice)}`);
  if (maxPrice !== undefined) where.push(`p.price_amount <= ${parameter(maxPrice)}`);
  if (categoryId !== undefined) where.push(isBelow(parameter(categoryId)));
  if (q !== undefined) {
    if (similar) {
      from += ` JOIN products_similar_to(${parameter(q)}, false, 500) s ON s.id = p.id`;
      key = 's.similarity';
    } else {
      const [row] = await query<{ tiers: string[] | null }>('SELECT product_search_tiers($1) AS tiers', [q]);
      if (!row?.tiers) return [];
      const fit = ranked(row.tiers, where.join(' AND '), parameter);
      from = `(${fit}) fit JOIN products p ON p.id = fit.id JOIN stock_levels l ON l.product_id = p.id`;
      key = 'fit.relevance';
      where = ['true'];
    }
    [type, direction] = ['real', 'DESC'];
  }
  if (cursor !== undefined) {
    const [after, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string];
    const beyond = direction === 'ASC' ? '>' : '<';
    where.push(`(${key}, p.id) ${beyond} (${parameter(after)}::${type}, ${parameter(id)}::uuid)`);
  }
  return query<ProductRow>(
    `SELECT ${COLUMNS}, (${key})::text AS sort_key FROM ${from} WHERE ${where.join(' AND ')}
     ORDER BY ${key} ${direction}, p.id ${direction} LIMIT ${parameter(limit + 1)}`,
    values,
  );
}

app.post<{ Body: NewProduct }>(
  '/api/v1/products',
  { schema: { body: schemas.newProduct, response: { 201: schemas.product } } },
  async (request, reply) => {
    const caller = await callerOf(request.headers.authorization);
    if (!caller) return refused(reply, 401);
    if (!caller.roles.some((role) => role === 'staff' || role === 'admin')) {
      return refused(reply, 403);
    }
    const { sku, name, description = null, price, categoryIds, attributes, status } = request.body;
    const id = uuidv7();
    const row = await transaction(async (run) => {
      await run(
        `INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, attributes, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          sku,
          `${slugify(name)}-${id.slice(-8)}`,
          name,
          description,
          price.amount,
          price.currency,
          attributes,
          status,
        ],
      );
      await run('INSERT INTO stock_levels (product_id) VALUES ($1)', [id]);
      await run('INSERT INTO product_categories (product_id, category_id) SELECT $1, unnest($2::uuid[])', [
        id,
        categoryIds,
      ]);
      const [made] = await run<ProductRow>(BY_ID, [id]);
      return made;
    });
    if (!row) throw new Error('what was made is gone');
    return reply.code(201).header('location', `/api/v1/products/${id}`).send(shown(row, true));
  },
);

app.get('/api/v1/users/me', { schema: { response: { 200: schemas.user } } }, async (request, reply) => {
  const caller = await callerOf(request.headers.authorization);
  if (!caller) return refused(reply, 401);
  const [row] = await query<{ created_at: Date; updated_at: Date; photo: PhotoRow | null }>(
    `SELECT id, email, name, roles, email_verified_at IS NOT NULL AS "emailVerified", version, created_at, updated_at,
            disabled_at IS NOT NULL AS disabled, erased_at IS NOT NULL AS erased,
            (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash,
               'state', ph.state) FROM photos ph WHERE ph.id = users.photo_id) AS photo FROM users WHERE id = $1`,
    [caller.userId],
  );
  const photo = row?.photo ? shownPhoto(row.photo) : null;
  return { ...row, photo, createdAt: row?.created_at, updatedAt: row?.updated_at };
});

app.post<{ Body: { email: string; password: string } }>(
  '/api/v1/auth/login',
  { schema: { body: schemas.credentials, response: { 200: schemas.tokens } } },
  async ({ body, headers, ip }, reply) => {
    const tokens = await signIn(body.email, body.password, headers['user-agent'] ?? null, ip);
    return tokens ?? refused(reply, 401);
  },
);

addOrders(app);
addPayments(app);
await addPhotos(app);

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));
