import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { queryShared, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { FulfillmentRow } from './dto/fulfillment.dto.js';
import type { FulfillmentQuery } from './dto/order-query.dto.js';
import { Fulfillment } from './entities/fulfillment.entity.js';

const COLUMNS = raw(`
  f.id, f.order_id AS "orderId", f.carrier, f.tracking_number AS "trackingNumber", f.actor_id AS "actorId",
  f.created_at AS "createdAt",
  (SELECT coalesce(json_agg(json_build_object('lineId', fl.line_id, 'quantity', fl.quantity) ORDER BY fl.line_id), '[]')
   FROM fulfillment_lines fl WHERE fl.fulfillment_id = f.id) AS lines`);

/** The rows of parcels and what is in them, and all SQL about them. */
@Injectable()
export class FulfillmentsRepository {
  constructor(
    @InjectRepository(Fulfillment) private readonly rows: Repository<Fulfillment>,
    private readonly pages: Pages,
  ) {}

  /** One page of the parcels of an order, the oldest first. */
  async readPage(list: AskedList<FulfillmentQuery>, orderId: string): Promise<Page<FulfillmentRow>> {
    return this.pages.read<FulfillmentRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('fulfillments f'),
      where: [sql`f.order_id = ${orderId}`],
      id: raw('f.id'),
      sort: { expression: raw('f.created_at'), type: 'timestamptz', descending: false },
    });
  }

  async find(id: string): Promise<FulfillmentRow | undefined> {
    const [row] = await queryShared<FulfillmentRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM fulfillments f WHERE f.id = ${id}`,
    );
    return row;
  }

  /** Forgets the tracking numbers of parcels of a customer: carriers show names and addresses by them. */
  async eraseTrackingNumbers(customerId: string): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE fulfillments f SET tracking_number = NULL FROM orders o
          WHERE o.id = f.order_id AND o.customer_id = ${customerId} AND f.tracking_number IS NOT NULL`,
    );
  }

  /** Inserts a parcel with what is in it. */
  async insert({ id, orderId, carrier, trackingNumber, actorId, createdAt, lines }: FulfillmentRow): Promise<void> {
    await run(
      this.rows.manager,
      sql`WITH inserted AS (
            INSERT INTO fulfillments (id, order_id, carrier, tracking_number, actor_id, created_at)
            VALUES (${id}, ${orderId}, ${carrier}, ${trackingNumber}, ${actorId}, ${createdAt})
          )
          INSERT INTO fulfillment_lines (fulfillment_id, line_id, quantity)
          SELECT ${id}::uuid, line."lineId", line.quantity
          FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS line ("lineId" uuid, quantity integer)`,
    );
  }
}
