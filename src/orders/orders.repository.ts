import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { assignmentsOf, queryShared, run, runForRow } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { ownedBy } from '../common/security/owners.js';
import type { OrderQuery, OrderSort } from './dto/order-query.dto.js';
import type { OrderRow } from './dto/order.dto.js';
import { OrderLine } from './entities/order-line.entity.js';
import { Order } from './entities/order.entity.js';
import { ReadOrders } from './orders.permissions.js';

/** What the application writes of a new order. */
export type NewOrder = Pick<
  Order,
  | 'id'
  | 'number'
  | 'customerId'
  | 'status'
  | 'paymentStatus'
  | 'currency'
  | 'total'
  | 'reference'
  | 'shippingAddress'
  | 'shippingMethodId'
  | 'expiresAt'
  | 'createdAt'
>;

/** What the application writes of a line of a new order. */
export type NewLine = Omit<OrderLine, 'orderId' | 'position' | 'fulfilledQuantity' | 'refundedQuantity'>;

/** What an order becomes. */
export type OrderChange = Partial<
  Pick<Order, 'status' | 'paymentStatus' | 'fulfillmentStatus' | 'refunded' | 'expiresAt'>
>;

/** Units of a line of an order. */
export interface LineQuantity {
  lineId: string;
  quantity: number;
}

const OWN_COLUMNS = raw(`
  o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus",
  o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference,
  o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt",
  o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt"`);

/** The lines `l`, as JSON, in their order. @param source what a statement reads them from. */
const linesFrom = (source: Sql): Sql =>
  sql`(SELECT coalesce(json_agg(json_build_object(
      'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity,
      'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity,
      'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]')
    FROM ${source}) AS lines`;

/** The columns of an {@link OrderRow}, of `orders o`. */
const COLUMNS = sql`${OWN_COLUMNS}, ${linesFrom(raw('order_lines l WHERE l.order_id = o.id'))}`;

/** The rows of orders and their lines, and all SQL about them. */
@Injectable()
export class OrdersRepository {
  constructor(
    @InjectRepository(Order) private readonly rows: Repository<Order>,
    private readonly pages: Pages,
  ) {}

  /** One page of the orders that the caller may see. */
  async readPage(list: AskedList<OrderQuery>, caller: Caller): Promise<Page<OrderRow>> {
    return this.pages.read<OrderRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('orders o'),
      where: [...ownedBy(raw('o.customer_id'), caller, ReadOrders), ...conditionsOf(list.query)],
      id: raw('o.id'),
      sort: SORTS[list.query.sort ?? '-createdAt'],
    });
  }

  async find(id: string): Promise<OrderRow | undefined> {
    const [row] = await queryShared<OrderRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM orders o WHERE o.id = ${id}`,
    );
    return row;
  }

  /** The customer of an order, and its version. */
  async findState(id: string): Promise<Pick<Order, 'customerId' | 'version'> | undefined> {
    const [row] = await queryShared<Pick<Order, 'customerId' | 'version'>>(
      this.rows.manager,
      sql`SELECT customer_id AS "customerId", version FROM orders WHERE id = ${id}`,
    );
    return row;
  }

  /** Locks an order until the end of the transaction, and reads it then: its lines are younger than the lock. */
  async lock(id: string): Promise<OrderRow | undefined> {
    declareLock('order');
    // one after the other, and sent together
    const [, order] = await Promise.all([
      run(this.rows.manager, sql`SELECT id FROM orders WHERE id = ${id} FOR NO KEY UPDATE`),
      this.find(id),
    ]);
    return order;
  }

  /**
   * Locks the order that is due longest and that no other transaction has locked. One with a payment whose outcome is unknown is
   * not due.
   * @param except orders that are left out.
   */
  async lockDue(now: Date, except: readonly string[]): Promise<OrderRow | undefined> {
    declareLock('order');
    const [due] = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM orders
          WHERE status = 'pending' AND expires_at <= ${now} AND payment_status <> 'unresolved' AND id <> ALL (${except}::uuid[])
          ORDER BY expires_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
    );
    return due && this.find(due.id);
  }

  async findIdsOf(customerId: string): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM orders WHERE customer_id = ${customerId}`,
    );
    return rows.map(({ id }) => id);
  }

  /** Whether all that an order has in it is reserved for it; while it is locked, that stays so. */
  async isReserved(id: string): Promise<boolean> {
    const [row] = await run<{ missing: number }>(
      this.rows.manager,
      sql`SELECT count(*) AS missing FROM order_lines l
          WHERE l.order_id = ${id} AND l.type = 'item' AND NOT EXISTS (
            SELECT FROM reservations r WHERE r.order_id = l.order_id AND r.product_id = l.product_id AND r.state = 'active')`,
    );
    return row?.missing === 0;
  }

  /**
   * Inserts an order of a customer who is there and not erased, and who stays so until the end of the transaction: the handler that
   * erases addresses comes after it, and finds the order.
   * @returns undefined when there is no such customer.
   */
  async insert(order: NewOrder, lines: readonly NewLine[]): Promise<OrderRow | undefined> {
    declareLock('user');
    const { createdAt, shippingAddress } = order;
    const [row] = await run<OrderRow>(
      this.rows.manager,
      sql`WITH customer AS (
            SELECT id FROM users WHERE id = ${order.customerId} AND erased_at IS NULL FOR SHARE
          ), o AS (
            INSERT INTO orders (id, number, customer_id, status, payment_status, currency, total, reference,
              shipping_address, shipping_method_id, expires_at, created_at, updated_at)
            SELECT ${order.id}::uuid, ${order.number}, customer.id, ${order.status}, ${order.paymentStatus}, ${order.currency},
              ${order.total}::bigint, ${order.reference}, ${shippingAddress && JSON.stringify(shippingAddress)}::jsonb,
              ${order.shippingMethodId}::uuid, ${order.expiresAt}::timestamptz, ${createdAt}::timestamptz, ${createdAt}::timestamptz
            FROM customer
            RETURNING *
          ), l AS (
            INSERT INTO order_lines (id, order_id, position, type, product_id, sku, name, quantity, unit_amount, total)
            SELECT line.id, o.id, line.position, line.type, line."productId", line.sku, line.name, line.quantity,
              line."unitAmount", line.total
            FROM o, jsonb_to_recordset(${JSON.stringify(lines.map((line, at) => ({ ...line, position: at + 1 })))}::jsonb)
              AS line (id uuid, position integer, type text, "productId" uuid, sku text, name text, quantity integer,
                "unitAmount" bigint, total bigint)
            RETURNING *
          )
          SELECT ${OWN_COLUMNS}, ${linesFrom(raw('l'))} FROM o`,
    );
    return row;
  }

  /** Changes an order that is locked: it is in the next version then, also when nothing else changes. */
  async update(id: string, change: OrderChange): Promise<OrderRow> {
    const version = raw('version = version + 1');
    const set = Object.keys(change).length === 0 ? version : sql`${assignmentsOf(change)}, ${version}`;
    return runForRow(this.rows.manager, sql`UPDATE orders o SET ${set} WHERE o.id = ${id} RETURNING ${COLUMNS}`);
  }

  /** Counts units of lines of an order that were sent. */
  async addFulfilled(orderId: string, quantities: readonly LineQuantity[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE order_lines l SET fulfilled_quantity = l.fulfilled_quantity + sent.quantity
          FROM jsonb_to_recordset(${JSON.stringify(quantities)}::jsonb) AS sent ("lineId" uuid, quantity integer)
          WHERE l.id = sent."lineId" AND l.order_id = ${orderId}`,
    );
  }

  /** Counts units of lines of an order for which the money was paid back. */
  async addRefunded(orderId: string, quantities: readonly LineQuantity[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE order_lines l SET refunded_quantity = l.refunded_quantity + refunded.quantity
          FROM jsonb_to_recordset(${JSON.stringify(quantities)}::jsonb) AS refunded ("lineId" uuid, quantity integer)
          WHERE l.id = refunded."lineId" AND l.order_id = ${orderId}`,
    );
  }

  /** Removes what is personal in the orders of a customer; country, city and the beginning of the postcode stay. @returns their new versions. */
  async erasePersonal(customerId: string): Promise<OrderRow[]> {
    declareLock('order');
    return run(
      this.rows.manager,
      sql`WITH locked AS (
            SELECT id FROM orders
            WHERE customer_id = ${customerId} AND (reference IS NOT NULL OR shipping_address ->> 'street' IS NOT NULL)
            ORDER BY id FOR NO KEY UPDATE
          )
          UPDATE orders o SET reference = NULL,
            shipping_address = o.shipping_address || jsonb_build_object('name', NULL, 'phone', NULL, 'street', NULL,
              'postcode', left(o.shipping_address ->> 'postcode', 3))
          FROM locked WHERE o.id = locked.id
          RETURNING ${OWN_COLUMNS}, '[]'::json AS lines`,
    );
  }
}

const conditionsOf = (query: OrderQuery): Sql[] =>
  [
    query.status !== undefined && sql`o.status = ${query.status}`,
    query.paymentStatus !== undefined && sql`o.payment_status = ${query.paymentStatus}`,
    query.fulfillmentStatus !== undefined && sql`o.fulfillment_status = ${query.fulfillmentStatus}`,
    query.reference !== undefined && sql`o.reference = ${query.reference}`,
    query.customerId !== undefined && sql`o.customer_id = ${query.customerId}`,
    query.from !== undefined && sql`o.created_at >= ${query.from}::timestamptz`,
    query.to !== undefined && sql`o.created_at < ${query.to}::timestamptz`,
  ].filter((condition) => condition !== false);

const SORTS: Record<OrderSort, SortKey> = {
  createdAt: { expression: raw('o.created_at'), type: 'timestamptz', descending: false },
  '-createdAt': { expression: raw('o.created_at'), type: 'timestamptz', descending: true },
};
