// Orders by hand: the statements of Stockroom in the same transactions, each way to the database and back used to the full.
import { createHash, randomInt } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { type Caller, callerOf } from './bare.auth.js';
import { pipeline, query } from './bare.database.js';
import * as schemas from './bare.order-schemas.js';
import { refused } from './bare.refused.js';

interface OrderLine {
  id: string;
  type: string;
  productId: string;
  sku: string;
  name: string;
  quantity: number;
  unitAmount: number;
  total: number;
  fulfilledQuantity: number;
  refundedQuantity: number;
}

/** An order as the statements give it. */
export interface OrderRow {
  id: string;
  number: string;
  customerId: string;
  status: string;
  paymentStatus: string;
  fulfillmentStatus: string;
  currency: string;
  total: number;
  refunded: number;
  reference: string | null;
  shippingAddress: object | null;
  expiresAt: Date | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  lines: OrderLine[];
}

interface Level {
  productId: string;
  available: number;
  onHand: number | null;
  reserved: number | null;
  version: number | null;
}

/** An event that is announced with what caused it. */
export interface NewEvent {
  type: string;
  name: string;
  schemaVersion: number;
  aggregateId: string;
  version: number;
  data: object;
}

const OWN_COLUMNS = `
  o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus",
  o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference,
  o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt",
  o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt"`;

const linesFrom = (source: string): string => `(SELECT coalesce(json_agg(json_build_object(
  'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity,
  'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity,
  'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM ${source}) AS lines`;

/** The columns of an {@link OrderRow}, of `orders o`. */
export const ORDER_COLUMNS = `${OWN_COLUMNS}, ${linesFrom('order_lines l WHERE l.order_id = o.id')}`;

const TRY_LOCK = 'SELECT pg_try_advisory_xact_lock($1::bigint) AS free';
const FIND_KEY = `
  SELECT fingerprint, status, headers, body, flow, prepared, finished_at IS NOT NULL AS "isFinished" FROM idempotency_keys
  WHERE user_id = $1 AND route = $2 AND key = $3 AND (created_at > $4 OR finished_at IS NULL)`;
const INSERT_KEY = `
  INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at, finished_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
    created_at = excluded.created_at, finished_at = excluded.finished_at`;
const FIND_PRODUCTS = `
  SELECT id, sku, name, status, price_amount AS "priceAmount", price_currency AS "priceCurrency"
  FROM products WHERE id = ANY ($1)`;
const INSERT_ORDER = `
  WITH customer AS (
    SELECT id FROM users WHERE id = $1 AND erased_at IS NULL FOR SHARE
  ), o AS (
    INSERT INTO orders (id, number, customer_id, status, payment_status, currency, total, reference,
      shipping_address, shipping_method_id, expires_at, created_at, updated_at)
    SELECT $2::uuid, $3, customer.id, 'pending', 'unpaid', $4, $5::bigint, NULL, NULL, NULL, $6::timestamptz, $7::timestamptz,
      $7::timestamptz
    FROM customer
    RETURNING *
  ), l AS (
    INSERT INTO order_lines (id, order_id, position, type, product_id, sku, name, quantity, unit_amount, total)
    SELECT line.id, o.id, line.position, line.type, line."productId", line.sku, line.name, line.quantity,
      line."unitAmount", line.total
    FROM o, jsonb_to_recordset($8::jsonb)
      AS line (id uuid, position integer, type text, "productId" uuid, sku text, name text, quantity integer,
        "unitAmount" bigint, total bigint)
    RETURNING *
  )
  SELECT ${OWN_COLUMNS}, ${linesFrom('l')} FROM o`;
const INSERT_ORDER_EVENT = `
  INSERT INTO order_events (id, order_id, version, name, status, subject_id, amount, reason, actor_id, request_id, created_at)
  VALUES ($1, $2, 1, 'placed', 'pending', NULL, NULL, NULL, $3, $4, $5)`;
const RESERVE = `
  WITH asked AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS asked (id uuid, "productId" uuid, quantity bigint)
  ), levels AS (
    SELECT product_id, on_hand - reserved AS available FROM stock_levels
    WHERE product_id = ANY ($2) ORDER BY product_id FOR NO KEY UPDATE
  ), decided AS (
    SELECT a.id, a."productId", a.quantity, coalesce(l.available, 0) AS available,
      bool_and(coalesce(l.available, 0) >= a.quantity) OVER () AS suffices
    FROM asked a LEFT JOIN levels l ON l.product_id = a."productId"
  ), changed AS (
    UPDATE stock_levels l SET reserved = l.reserved + d.quantity
    FROM decided d WHERE l.product_id = d."productId" AND d.suffices
    RETURNING l.product_id, l.on_hand, l.reserved, l.version
  ), inserted AS (
    INSERT INTO reservations (id, order_id, product_id, quantity, expires_at, created_at, updated_at)
    SELECT id, $3::uuid, "productId", quantity, $4::timestamptz, $5::timestamptz, $5::timestamptz
    FROM decided WHERE suffices
  )
  SELECT d."productId", d.available, c.on_hand AS "onHand", c.reserved, c.version
  FROM decided d LEFT JOIN changed c ON c.product_id = d."productId"
  WHERE d.suffices OR d.available < d.quantity ORDER BY d."productId"`;
/** All events of a transaction at once. */
const INSERT_EVENTS = `
  INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)
  SELECT id, type, "aggregateId", version, name, "schemaVersion", data, $1::jsonb, $2::timestamptz
  FROM jsonb_to_recordset($3::jsonb) AS event (
    id uuid, type text, "aggregateId" uuid, version integer, name text, "schemaVersion" integer, data jsonb)`;
const BY_ID = `SELECT ${ORDER_COLUMNS} FROM orders o WHERE o.id = $1`;

/** For how long stock is reserved, and a key is kept, in milliseconds. */
const RESERVED_FOR = 15 * 60_000;
const KEY_LIFETIME = 24 * 3600_000;

type Run = typeof query;

interface NewOrder {
  items: { productId: string; quantity: number }[];
}

interface Product {
  id: string;
  sku: string;
  name: string;
  status: string;
  priceAmount: number;
  priceCurrency: string;
}

/** The statement that announces events. */
export const announce = (run: Run, events: readonly NewEvent[], context: object, now: Date): Promise<unknown> =>
  run(INSERT_EVENTS, [
    JSON.stringify(context),
    now,
    JSON.stringify(events.map((event) => ({ id: uuidv7(), ...event }))),
  ]);

/** What an event says of an order. */
const orderData = ({
  number,
  customerId,
  status,
  paymentStatus,
  fulfillmentStatus,
  currency,
  total,
}: OrderRow): object => ({
  ...{ number, customerId, status, paymentStatus, fulfillmentStatus, currency, total },
});

/** A key of a request, and what is known of it. */
export interface Key {
  name: [userId: string, route: string, key: string];
  fingerprint: Buffer;
}

interface KnownKey {
  fingerprint: Buffer;
  status: number;
  body: unknown;
  isFinished: boolean;
}

export function keyOf(
  { method, url, body, headers, routeOptions }: FastifyRequest,
  { userId }: Caller,
): Key | undefined {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  const fingerprint = createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body)}`)
    .digest();
  return { name: [userId, `${method} ${routeOptions.url ?? ''}`, key], fingerprint };
}

/** Locks a key, and reads what is known of it: two statements, since the second has to see what the last holder of the lock left. */
export async function openKey(run: Run, { name, fingerprint }: Key, now: Date): Promise<KnownKey | 'busy' | undefined> {
  const lock = createHash('sha256').update(name.join('\n')).digest().readBigInt64BE().toString();
  const [[locked], [known]] = await Promise.all([
    run<{ free: boolean }>(TRY_LOCK, [lock]),
    run<KnownKey>(FIND_KEY, [...name, new Date(now.getTime() - KEY_LIFETIME)]),
  ]);
  if (!locked?.free || (known && !known.fingerprint.equals(fingerprint))) return 'busy';
  return known;
}

export function addOrders(app: FastifyInstance): void {
  app.post<{ Body: NewOrder }>(
    '/api/v1/orders',
    { schema: { body: schemas.newOrder, response: { 201: schemas.order } } },
    async (request, reply) => {
      const caller = await callerOf(request.headers.authorization);
      if (!caller) return refused(reply, 401);
      const key = keyOf(request, caller);
      if (!key) return refused(reply, 400);
      const placed = await place(request.body, caller, key, request.id);
      if (typeof placed === 'number') return refused(reply, placed);
      return reply.code(201).header('location', `/api/v1/orders/${placed.id}`).send(placed);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/orders/:id',
    { schema: { params: schemas.byId, response: { 200: schemas.order } } },
    async (request, reply) => {
      const caller = await callerOf(request.headers.authorization);
      if (!caller) return refused(reply, 401);
      const [row] = await query<OrderRow>(BY_ID, [request.params.id]);
      return row?.customerId === caller.userId ? shownOrder(row) : refused(reply, 404);
    },
  );

  app.get<{ Querystring: { limit: number; cursor?: string } }>(
    '/api/v1/orders',
    { schema: { querystring: schemas.orderQuery, response: { 200: schemas.orderPage } } },
    async (request, reply) => {
      const caller = await callerOf(request.headers.authorization);
      if (!caller) return refused(reply, 401);
      const { limit, cursor } = request.query;
      const after = cursor === undefined ? [] : (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[]);
      const rows = await query<OrderRow & { sortKey: string }>(
        `SELECT ${ORDER_COLUMNS}, o.created_at::text AS "sortKey" FROM orders o WHERE o.customer_id = $1
         ${after.length > 0 ? 'AND (o.created_at, o.id) < ($3::timestamptz, $4::uuid)' : ''}
         ORDER BY o.created_at DESC, o.id DESC LIMIT $2`,
        [caller.userId, limit + 1, ...after],
      );
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last ? Buffer.from(JSON.stringify([last.sortKey, last.id])).toString('base64url') : null;
      return { data: rows.slice(0, limit).map(shownOrder), page: { limit, next } };
    },
  );
}

/** @returns the order as it goes out, or the status of what is wrong. */
async function place(
  { items }: NewOrder,
  { userId }: Caller,
  key: Key,
  requestId: string,
): Promise<{ id: string } | number> {
  const now = new Date();
  return pipeline<{ id: string } | number>(async (run) => {
    const ids = items.map(({ productId }) => productId);
    const [known, found] = await Promise.all([openKey(run, key, now), run<Product>(FIND_PRODUCTS, [ids])]);
    if (known === 'busy') return { result: 409, last: [] };
    if (known) return { result: known.body as { id: string }, last: [] };
    const products = new Map(found.map((product) => [product.id, product]));
    const lines = items.flatMap(({ productId, quantity }, index) => {
      const product = products.get(productId);
      if (product?.status !== 'active') return [];
      const { sku, name, priceAmount: unitAmount } = product;
      const total = unitAmount * quantity;
      return [{ id: uuidv7(), position: index + 1, type: 'item', productId, sku, name, quantity, unitAmount, total }];
    });
    if (lines.length < items.length) return { result: 409, last: [] };

    const id = uuidv7();
    const expiresAt = new Date(now.getTime() + RESERVED_FOR);
    const total = lines.reduce((sum, line) => sum + line.total, 0);
    const currency = found[0]?.priceCurrency;
    const units = lines
      .map(({ productId, quantity }) => ({ id: uuidv7(), productId, quantity }))
      .sort((one, other) => (one.productId < other.productId ? -1 : 1));
    const [[order], , levels] = await Promise.all([
      run<OrderRow>(INSERT_ORDER, [userId, id, newNumber(), currency, total, expiresAt, now, JSON.stringify(lines)]),
      run(INSERT_ORDER_EVENT, [uuidv7(), id, userId, requestId, now]),
      run<Level>(RESERVE, [JSON.stringify(units), units.map((unit) => unit.productId), id, expiresAt, now]),
    ]);
    if (!order || levels.some(({ onHand }) => onHand === null))
      throw new Error('nobody to sell to, or nothing to sell');

    const shown = shownOrder(order);
    const events = [
      eventOf('order.placed', order),
      ...levels.map(({ productId, onHand, reserved, version }) =>
        stockChanged(productId, version ?? 0, onHand, reserved, 'reservation'),
      ),
    ];
    return {
      result: shown,
      last: [
        run(INSERT_KEY, [
          ...key.name,
          key.fingerprint,
          201,
          JSON.stringify({ location: `/api/v1/orders/${id}` }),
          JSON.stringify(shown),
          now,
          now,
        ]),
        announce(run, events, { requestId, callerId: userId }, now),
      ],
    };
  });
}

export const eventOf = (name: string, order: OrderRow): NewEvent => ({
  ...{ type: 'order', name, schemaVersion: 1, aggregateId: order.id, version: order.version, data: orderData(order) },
});

export const stockChanged = (
  productId: string,
  version: number,
  onHand: number | null,
  reserved: number | null,
  cause: string,
): NewEvent => ({
  ...{ type: 'stock', name: 'stock.changed', schemaVersion: 2, aggregateId: productId, version },
  data: { onHand, reserved, cause },
});

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const group = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
const newNumber = (): string => `${group()}-${group()}-${group()}`;

const shownOrder = ({ lines, ...order }: OrderRow): { id: string } => {
  const money = (amount: number): object => ({ amount, currency: order.currency });
  return {
    ...order,
    items: lines.map((line) => ({ ...line, unitPrice: money(line.unitAmount), total: money(line.total) })),
    shipping: null,
    total: money(order.total),
    refunded: money(order.refunded),
  } as { id: string };
};
