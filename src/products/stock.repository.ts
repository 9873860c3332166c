import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { StockMovementQuery } from './dto/stock.dto.js';
import { StockMovement } from './entities/stock-movement.entity.js';

const COLUMNS = raw(
  `m.id, m.product_id AS "productId", m.delta, m.on_hand AS "onHand", m.reason, m.actor_id AS "actorId", m.created_at AS "createdAt"`,
);

/** The rows of stock movements, and all SQL about the stock of a product. */
@Injectable()
export class StockRepository {
  constructor(
    @InjectRepository(StockMovement) private readonly rows: Repository<StockMovement>,
    private readonly pages: Pages,
  ) {}

  /** One page of the movements of a product, the latest first. */
  async readPage(list: AskedList<StockMovementQuery>, productId: string): Promise<Page<StockMovement>> {
    return this.pages.read<StockMovement>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('stock_movements m'),
      where: [sql`m.product_id = ${productId}`],
      id: raw('m.id'),
      sort: { expression: raw('m.created_at'), type: 'timestamptz', descending: true },
    });
  }

  /** How many units of a product are available; undefined when there is no such product. */
  async findAvailable(productId: string): Promise<number | undefined> {
    const [row] = await run<{ available: number }>(
      this.rows.manager,
      sql`SELECT on_hand - reserved AS available FROM products WHERE id = ${productId}`,
    );
    return row?.available;
  }

  /**
   * Adds to the units on hand, unless fewer were left than are reserved, or more than `most`. One statement decides and
   * changes, so that of two at once the second sees what the first left.
   * @returns the units on hand then; undefined when nothing was changed.
   */
  async add(productId: string, delta: number, most: number): Promise<number | undefined> {
    const [changed] = await run<{ onHand: number }>(
      this.rows.manager,
      sql`WITH changed AS (
            UPDATE products SET on_hand = on_hand + ${delta}
            WHERE id = ${productId} AND on_hand + ${delta} BETWEEN reserved AND ${most} RETURNING on_hand
          ) SELECT on_hand AS "onHand" FROM changed`,
    );
    return changed?.onHand;
  }

  async insertMovement(movement: StockMovement): Promise<void> {
    await this.rows.insert(movement);
  }
}
