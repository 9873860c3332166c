// Payments by hand: prepared in one transaction, sent to a sandbox in this process, recorded in another one.
import { createCipheriv, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { type Caller, callerOf } from './bare.auth.js';
import { pipeline, query } from './bare.database.js';
import { POST_TO_LEDGER } from './bare.ledger.js';
import * as schemas from './bare.order-schemas.js';
import {
  announce,
  eventOf,
  type Key,
  keyOf,
  type NewEvent,
  openKey,
  ORDER_COLUMNS,
  type OrderRow,
  stockChanged,
} from './bare.orders.js';
import { refused } from './bare.refused.js';

interface Attempt {
  id: string;
  orderId: string;
  operation: string;
  amount: number;
  currency: string;
  state: string;
  providerReference: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

interface Sums {
  captured: number;
  refunded: number;
  isUnresolved: boolean;
}

interface Units {
  productId: string;
  quantity: number;
}

interface Level {
  productId: string;
  onHand: number;
  reserved: number;
  version: number;
}

const ATTEMPT_COLUMNS = `
  a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider,
  a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks,
  a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId",
  a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"`;
const LOCK_ORDER = 'SELECT id FROM orders WHERE id = $1 FOR NO KEY UPDATE';
const FIND_ORDER = `SELECT ${ORDER_COLUMNS} FROM orders o WHERE o.id = $1`;
const FIND_OPEN = `
  SELECT ${ATTEMPT_COLUMNS} FROM payment_attempts a
  WHERE a.order_id = $1 AND a.operation IN ('authorize', 'capture') AND a.state IN ('created', 'sent', 'unknown', 'needs_review')`;
const INSERT_ATTEMPT = `
  INSERT INTO payment_attempts AS a (id, order_id, operation, amount, currency, provider, state, next_check_at, sealed_token,
    actor_id, created_at, updated_at)
  VALUES ($1, $2, 'capture', $3, $4, 'sandbox', 'created', $5, $6, $7, $8, $8)
  RETURNING ${ATTEMPT_COLUMNS}`;
const INSERT_JOB = `
  INSERT INTO jobs (id, kind, data, due_at, request_id, user_id, created_at, updated_at)
  VALUES ($1, 'requests.recover', $2, $3, $4, $5, $6, $6)`;
const INSERT_PREPARED = `
  INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, created_at, flow, prepared)
  VALUES ($1, $2, $3, $4, 202, '{}', $5, 'payments.pay', $6)
  ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
    fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = NULL,
    created_at = excluded.created_at, flow = excluded.flow, prepared = excluded.prepared, finished_at = NULL`;
const MARK_SENT = `
  UPDATE payment_attempts a SET state = 'sent' WHERE a.id = $1 AND a.state = 'created' RETURNING ${ATTEMPT_COLUMNS}`;
const ASK_SANDBOX = `
  INSERT INTO sandbox_operations (key, operation, reference, payment, amount, currency, token, state, code)
  VALUES ($1, 'capture', $2, NULL, $3, $4, $5, 'succeeded', NULL)
  ON CONFLICT ON CONSTRAINT sandbox_operations_pk DO UPDATE SET calls = sandbox_operations.calls + 1
  RETURNING calls`;
const LOCK_KEY = `
  SELECT flow, prepared, finished_at IS NOT NULL AS "isFinished", body FROM idempotency_keys
  WHERE user_id = $1 AND route = $2 AND key = $3 FOR UPDATE`;
const LOCK_ATTEMPT = `SELECT ${ATTEMPT_COLUMNS} FROM payment_attempts a WHERE a.id = $1 FOR NO KEY UPDATE`;
const UPDATE_ATTEMPT = `
  UPDATE payment_attempts a SET state = 'succeeded', provider_reference = $2, decline_code = NULL, next_check_at = NULL,
    sealed_token = NULL
  WHERE id = $1 RETURNING ${ATTEMPT_COLUMNS}`;
const SUM_ATTEMPTS = `
  SELECT
    coalesce(sum(amount) FILTER (WHERE operation = 'capture' AND state = 'succeeded'), 0)::bigint AS captured,
    coalesce(sum(amount) FILTER (WHERE operation = 'refund' AND state = 'succeeded'), 0)::bigint AS refunded,
    coalesce(bool_or(operation IN ('authorize', 'capture') AND state IN ('unknown', 'needs_review')), false) AS "isUnresolved"
  FROM payment_attempts WHERE order_id = $1`;
const IS_RESERVED = `
  SELECT count(*) AS missing FROM order_lines l
  WHERE l.order_id = $1 AND l.type = 'item' AND NOT EXISTS (
    SELECT FROM reservations r WHERE r.order_id = l.order_id AND r.product_id = l.product_id AND r.state = 'active')`;
const UPDATE_ORDER = `
  UPDATE orders o SET payment_status = 'paid', refunded = $2, status = 'confirmed', expires_at = NULL, version = version + 1
  WHERE o.id = $1 RETURNING ${ORDER_COLUMNS}`;
const INSERT_ORDER_EVENTS = `
  INSERT INTO order_events (id, order_id, version, name, status, subject_id, amount, reason, actor_id, request_id, created_at)
  VALUES ($1, $2, $3, 'payment_captured', 'confirmed', $4, $5, NULL, $6, $7, $8),
    ($9, $2, $3, 'confirmed', 'confirmed', $4, $5, NULL, $6, $7, $8)`;
const END_RESERVATIONS = `
  WITH active AS (
    SELECT id FROM reservations WHERE order_id = $1 AND state = 'active' ORDER BY product_id FOR NO KEY UPDATE
  )
  UPDATE reservations r SET state = 'consumed', updated_at = $2 FROM active WHERE r.id = active.id
  RETURNING r.product_id AS "productId", r.quantity`;
const MOVE_STOCK = `
  WITH changes AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS changes (id uuid, "productId" uuid, delta integer, released integer)
  ), levels AS (
    SELECT product_id FROM stock_levels WHERE product_id = ANY ($2) ORDER BY product_id FOR NO KEY UPDATE
  ), changed AS (
    UPDATE stock_levels l SET on_hand = l.on_hand + c.delta, reserved = greatest(l.reserved - c.released, 0)
    FROM levels JOIN changes c ON c."productId" = levels.product_id
    WHERE l.product_id = levels.product_id
    RETURNING l.product_id, l.on_hand, l.reserved, l.version, c.id, c.delta
  ), movements AS (
    INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, cause_id, reason, actor_id, created_at)
    SELECT id, product_id, delta, on_hand, 'sale', $3::uuid, 'Sale', $4::uuid, $5::timestamptz FROM changed
  )
  SELECT product_id AS "productId", on_hand AS "onHand", reserved, version FROM changed`;
const FINISH_KEY = `
  UPDATE idempotency_keys SET body = $1, finished_at = $2 WHERE user_id = $3 AND route = $4 AND key = $5`;

/** After how many milliseconds a job looks after what has no outcome. */
const RECOVERED_AFTER = 60_000;
const SECRET = randomBytes(32);

function seal(token: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', SECRET, nonce);
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

type Run = typeof query;

/** A request to pay, once its key and its caller are known. */
interface Paying {
  orderId: string;
  token: string;
  caller: Caller;
  key: Key;
  requestId: string;
}

export function addPayments(app: FastifyInstance): void {
  app.post<{ Params: { id: string }; Body: { token: string } }>(
    '/api/v1/orders/:id/payments',
    { schema: { params: schemas.byId, body: schemas.newPayment, response: { 201: schemas.payment } } },
    async (request, reply) => {
      const caller = await callerOf(request.headers.authorization);
      if (!caller) return refused(reply, 401);
      const key = keyOf(request, caller);
      if (!key) return refused(reply, 400);
      const { token } = request.body;
      // another token than this one has other outcomes, which are not measured
      if (token !== 'tok_success') return refused(reply, 402);
      const paying = { orderId: request.params.id, token, caller, key, requestId: request.id };
      const prepared = await prepare(paying);
      if (typeof prepared === 'number') return refused(reply, prepared);
      if (!('state' in prepared)) return reply.code(201).send(prepared);
      const { id, amount, currency } = prepared;
      const reference = `sbx_${id}`;
      if ((await query(MARK_SENT, [id])).length === 0) throw new Error('somebody else sends it');
      await query(ASK_SANDBOX, [id, reference, amount, currency, token]);
      return reply.code(201).send(await record(paying, prepared, reference));
    },
  );
}

/** @returns the attempt, the answer that was given before, or the status of what is wrong. */
async function prepare({
  orderId,
  token,
  caller: { userId },
  key,
  requestId,
}: Paying): Promise<Attempt | object | number> {
  const now = new Date();
  const later = new Date(now.getTime() + RECOVERED_AFTER);
  return pipeline<Attempt | object | number>(async (run) => {
    const [known, , [order], [open]] = await Promise.all([
      openKey(run, key, now),
      run(LOCK_ORDER, [orderId]),
      run<OrderRow>(FIND_ORDER, [orderId]),
      run<Attempt>(FIND_OPEN, [orderId]),
    ]);
    if (known === 'busy' || open) return { result: 409, last: [] };
    if (known) return { result: known.body as object, last: [] };
    if (order?.customerId !== userId) return { result: 404, last: [] };
    if (order.status !== 'pending' || order.paymentStatus !== 'unpaid') return { result: 409, last: [] };
    const [id, [userKey, route, name]] = [uuidv7(), key.name];
    const [[attempt]] = await Promise.all([
      run<Attempt>(INSERT_ATTEMPT, [id, orderId, order.total, order.currency, later, seal(token), userId, now]),
      run(INSERT_PREPARED, [...key.name, key.fingerprint, now, JSON.stringify({ id })]),
      run(INSERT_JOB, [uuidv7(), JSON.stringify({ userId: userKey, route, key: name }), later, requestId, userId, now]),
    ]);
    if (!attempt) throw new Error('what was made is gone');
    return { result: attempt, last: [announce(run, [paymentChanged(attempt)], { requestId, callerId: userId }, now)] };
  });
}

async function record(
  { caller: { userId }, key, requestId }: Paying,
  { id, orderId }: Attempt,
  reference: string,
): Promise<object> {
  const now = new Date();
  return pipeline<object>(async (run) => {
    const [[held], , [order], [before]] = await Promise.all([
      run<{ isFinished: boolean; body: object }>(LOCK_KEY, [...key.name]),
      run(LOCK_ORDER, [orderId]),
      run<OrderRow>(FIND_ORDER, [orderId]),
      run<Attempt>(LOCK_ATTEMPT, [id]),
    ]);
    if (held?.isFinished) return { result: held.body, last: [] };
    if (!order || before?.state !== 'sent') throw new Error('somebody else has recorded it');
    const [[attempt], [sums], [reserved]] = await Promise.all([
      run<Attempt>(UPDATE_ATTEMPT, [id, reference]),
      run<Sums>(SUM_ATTEMPTS, [orderId]),
      run<{ missing: number }>(IS_RESERVED, [orderId]),
    ]);
    if (!attempt || sums?.captured !== order.total || reserved?.missing !== 0)
      throw new Error('it is not to be confirmed');
    const { events, shown } = await confirm(run, { order, attempt, sums, userId, requestId, now });
    return {
      result: shown,
      last: [
        announce(run, events, { requestId, callerId: userId }, now),
        run(FINISH_KEY, [JSON.stringify(shown), now, ...key.name]),
      ],
    };
  });
}

interface Confirming {
  order: OrderRow;
  attempt: Attempt;
  sums: Sums;
  userId: string;
  requestId: string;
  now: Date;
}

/** Confirms an order that is paid: its stock is sold, and the money posted. */
async function confirm(
  run: Run,
  { order: { id, number, version }, attempt, sums, userId, requestId, now }: Confirming,
): Promise<{ events: NewEvent[]; shown: object }> {
  const { amount, currency } = attempt;
  const [[confirmed], , units] = await Promise.all([
    run<OrderRow>(UPDATE_ORDER, [id, sums.refunded]),
    run(INSERT_ORDER_EVENTS, [uuidv7(), id, version + 1, attempt.id, amount, userId, requestId, now, uuidv7()]),
    run<Units>(END_RESERVATIONS, [id, now]),
  ]);
  if (!confirmed) throw new Error('what is locked is gone');
  const changes = units.map(({ productId, quantity }) => ({
    id: uuidv7(),
    productId,
    delta: -quantity,
    released: quantity,
  }));
  const products = units.map(({ productId }) => productId);
  const posting = uuidv7();
  const entries = [
    { line: 1, account: 'clearing', currency, kind: 'asset', amount },
    { line: 2, account: 'revenue', currency, kind: 'income', amount: -amount },
  ];
  const [levels] = await Promise.all([
    run<Level>(MOVE_STOCK, [JSON.stringify(changes), products, id, userId, now]),
    run(POST_TO_LEDGER, [
      ...[
        JSON.stringify(entries),
        now,
        posting,
        attempt.id,
        userId,
        id,
        `Payment of order ${number}`,
        now,
        requestId,
        posting,
      ],
    ]),
  ]);
  return {
    events: [
      eventOf('order.confirmed', confirmed),
      ...levels.map(({ productId, onHand, reserved, version }) =>
        stockChanged(productId, version, onHand, reserved, 'sale'),
      ),
      paymentChanged(attempt),
    ],
    shown: { ...attempt, state: 'captured', amount: { amount, currency } },
  };
}

const paymentChanged = ({ id, version, orderId, operation, state, amount, currency }: Attempt): NewEvent => ({
  ...{ type: 'payment', name: 'payment.changed', schemaVersion: 1, aggregateId: id, version },
  data: { orderId, operation, state, amount, currency },
});
