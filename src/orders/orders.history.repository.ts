import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
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

  async insert(events: readonly OrderEvent[]): Promise<void> {
    await this.rows.insert([...events]);
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
