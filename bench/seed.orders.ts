import { type Connection, customer, PLENTY, uuidv7 } from './seed.common.js';

/** The customer who has many orders, all paid. */
export const REGULAR = customer(0);
const ORDERS_OF_REGULAR = 2000;

/** Customers who buy: theirs are the orders that wait for their payment, and those that are placed. */
export const BUYERS = Array.from({ length: 20 }, (_, number) => customer(number + 1));
/** How many orders wait for their payment: each is paid once in a round. */
const UNPAID = 20_000;

/** What is seeded is older than this, and what a round makes is younger. */
const SEEDED_BEFORE = '2026-01-01Z';
const NEVER = '2099-01-01Z';

/** Fills in orders of two products each, the same ones each time: those of the regular customer, and those that are to be paid. */
export async function seedOrders(connection: Connection): Promise<void> {
  await connection.query(
    'CREATE TEMPORARY TABLE sold (number integer PRIMARY KEY, id uuid, sku text, name text, price bigint)',
  );
  await connection.query(
    `INSERT INTO sold
     SELECT row_number() OVER (ORDER BY p.id) - 1, p.id, p.sku, p.name, p.price_amount
     FROM products p JOIN stock_levels l ON l.product_id = p.id WHERE l.on_hand = $1 AND p.status = 'active'`,
    [PLENTY],
  );
  await connection.query(
    `CREATE TEMPORARY TABLE placed AS
     SELECT n, ${uuidv7('moment', 'digits')} AS id, upper(format('%s-%s-%s', left(digits, 4), substr(digits, 5, 4), substr(digits, 9, 4))) AS number,
            moment, n > ${String(ORDERS_OF_REGULAR)} AS is_unpaid
     FROM (SELECT n, md5('order ' || n) AS digits, timestamptz '2025-06-01Z' + n * interval '1 second' AS moment
           FROM generate_series(1, ${String(ORDERS_OF_REGULAR + UNPAID)}) n) numbered`,
  );
  await connection.query(
    `CREATE TEMPORARY TABLE placed_lines AS
     SELECT placed.n, placed.id AS order_id, position, sold.id AS product_id, sold.sku, sold.name, sold.price, position AS quantity
     FROM placed CROSS JOIN generate_series(1, 2) position
     JOIN sold ON sold.number = (placed.n * 2 + position) % (SELECT count(*) FROM sold)`,
  );
  await connection.query(
    `INSERT INTO orders (id, number, customer_id, status, payment_status, currency, total, expires_at, created_at, updated_at)
     SELECT placed.id, placed.number, u.id, CASE WHEN is_unpaid THEN 'pending' ELSE 'confirmed' END,
            CASE WHEN is_unpaid THEN 'unpaid' ELSE 'paid' END, 'GBP',
            costs.total,
            CASE WHEN is_unpaid THEN timestamptz '${NEVER}' END, moment, moment
     FROM placed JOIN (SELECT n, sum(price * quantity) AS total FROM placed_lines GROUP BY n) costs USING (n)
     JOIN users u ON u.email = CASE WHEN is_unpaid THEN ($1::text[])[1 + n % cardinality($1::text[])] ELSE $2 END`,
    [BUYERS, REGULAR],
  );
  await connection.query(
    `INSERT INTO order_lines (id, order_id, position, type, product_id, sku, name, quantity, unit_amount, total)
     SELECT ${uuidv7("timestamptz '2025-06-01Z'", "md5(format('line %s %s', n, position))")}, order_id, position, 'item',
            product_id, sku, name, quantity, price, price * quantity
     FROM placed_lines`,
  );
  await connection.query(
    `INSERT INTO order_events (id, order_id, version, name, status, created_at)
     SELECT ${uuidv7('moment', "md5('event ' || n)")}, id, 1, 'placed', 'pending', moment FROM placed`,
  );
  await connection.query(
    `INSERT INTO reservations (id, order_id, product_id, quantity, expires_at, created_at, updated_at)
     SELECT ${uuidv7('moment', "md5(format('reservation %s %s', n, position))")}, order_id, product_id, quantity,
            '${NEVER}', moment, moment
     FROM placed_lines JOIN placed USING (n) WHERE is_unpaid`,
  );
  await connection.query(RESERVED);
  await connection.query('VACUUM (ANALYZE)');
}

/** Has each level say what the reservations do. */
const RESERVED = `
  UPDATE stock_levels l SET reserved = r.reserved
  FROM (SELECT l.product_id, coalesce(sum(r.quantity), 0) AS reserved
        FROM stock_levels l LEFT JOIN reservations r ON r.product_id = l.product_id AND r.state = 'active'
        GROUP BY l.product_id) r
  WHERE r.product_id = l.product_id AND l.reserved <> r.reserved`;

/** Tables that refuse changes, and forget a round all the same. */
const APPEND_ONLY = [
  'order_events',
  'stock_movements',
  'ledger_transactions',
  'ledger_entries',
  'ledger_seals',
  'ledger_snapshots',
];
/** Tables that are empty before a round. */
const OF_ROUNDS = [
  ...['outbox', 'event_deliveries', 'jobs', 'idempotency_keys'],
  ...['payment_attempts', 'refund_lines', 'payment_webhooks', 'sandbox_operations'],
  ...['ledger_transactions', 'ledger_entries', 'ledger_unsealed', 'ledger_seals', 'ledger_snapshots'],
];
const triggers = (state: 'ENABLE' | 'DISABLE'): string =>
  APPEND_ONLY.map((table) => `ALTER TABLE ${table} ${state} TRIGGER USER;`).join('\n');

/** Puts orders, payments, stock and ledger back as they were seeded; the first is one transaction. */
export const RESTORE_ORDERS: readonly string[] = [
  `${triggers('DISABLE')}
   TRUNCATE ${OF_ROUNDS.join(', ')};
   DELETE FROM order_events WHERE created_at >= '${SEEDED_BEFORE}';
   DELETE FROM reservations WHERE created_at >= '${SEEDED_BEFORE}';
   DELETE FROM orders WHERE created_at >= '${SEEDED_BEFORE}';
   UPDATE orders SET status = 'pending', payment_status = 'unpaid', expires_at = '${NEVER}'
   WHERE (status, payment_status) <> ('pending', 'unpaid') AND customer_id <> (SELECT id FROM users WHERE email = '${REGULAR}');
   UPDATE reservations SET state = 'active' WHERE state <> 'active';
   WITH sales AS (DELETE FROM stock_movements WHERE cause = 'sale' RETURNING product_id, delta)
   UPDATE stock_levels l SET on_hand = l.on_hand - s.delta
   FROM (SELECT product_id, sum(delta) AS delta FROM sales GROUP BY product_id) s WHERE s.product_id = l.product_id;
   ${RESERVED};
   ${triggers('ENABLE')}`,
  // not of the tables that are empty: PostgreSQL would plan for tables that stay so, and read all of what a round has added
  'VACUUM (ANALYZE) orders, order_lines, order_events, reservations, stock_levels, stock_movements',
];
