import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { OrderEventQuery } from './dto/order-query.dto.js';
import { OrderEvent } from './entities/order-event.entity.js';

const COLUMNS = raw(`
  e.id, e.order_id AS "orderId", e.version, e.name, e.status, e.subject_id AS "subjectId", e.amount, e.reason,
  e.actor_id AS "actorId", e.request_id AS "requestId", e.created_at AS "createdAt"`);

/** The rows of what happened to orders, and all SQL about them. */
@Injectable()
export class OrdersHistoryRepository {
  constructor(
    @InjectRepository(OrderEvent) private readonly rows: Repository<OrderEvent>,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** One page of what happened to an order, the oldest first. */
  async readPage(list: AskedList<OrderEventQuery>, orderId: string): Promise<Page<OrderEvent>> {
    return this.pages.read<OrderEvent>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('order_events e'),
      where: [sql`e.order_id = ${orderId}`],
      id: raw('e.id'),
      sort: { expression: raw('e.created_at'), type: 'timestamptz', descending: false },
    });
  }

  /** Writes what happened when the open unit of work commits. */
  insert(events: readonly OrderEvent[]): void {
    this.transactions.writeLast(insertionOf, events);
  }

  /** Forgets why things happened to the orders of a customer: those are words of people. */
  async eraseReasons(customerId: string): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE order_events e SET reason = NULL FROM orders o
          WHERE o.id = e.order_id AND o.customer_id = ${customerId} AND e.reason IS NOT NULL`,
    );
  }
}

const insertionOf = (events: readonly OrderEvent[]): Sql => sql`
  INSERT INTO order_events (id, order_id, version, name, status, subject_id, amount, reason, actor_id, request_id, created_at)
  SELECT id, "orderId", version, name, status, "subjectId", amount, reason, "actorId", "requestId", "createdAt"
  FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS event (
    id uuid, "orderId" uuid, version integer, name text, status text, "subjectId" uuid, amount bigint, reason text,
    "actorId" uuid, "requestId" text, "createdAt" timestamptz)`;
