import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { run, runForRow } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { StockMovementQuery } from './dto/stock-movement.dto.js';
import { StockLevel } from './entities/stock-level.entity.js';
import { StockMovement } from './entities/stock-movement.entity.js';

/** How much there is of a product. */
export type Level = Pick<StockLevel, 'productId' | 'onHand' | 'reserved'>;

/** How much there is of a product, in which version of its stock. */
export type VersionedLevel = Level & Pick<StockLevel, 'version'>;

/** Of the movements that are inserted together, what is not the same for all. */
export type Moved = Pick<StockMovement, 'id' | 'productId' | 'delta' | 'onHand'>;

/** Of the movements that are inserted together, what is the same for all. */
export type Movement = Pick<StockMovement, 'cause' | 'reason' | 'actorId' | 'createdAt'>;

const COLUMNS = raw(
  `m.id, m.product_id AS "productId", m.delta, m.on_hand AS "onHand", m.reason, m.actor_id AS "actorId", m.created_at AS "createdAt"`,
);

/** The rows of stock levels and stock movements, and all SQL about them. */
@Injectable()
export class InventoryRepository {
  constructor(
    @InjectRepository(StockLevel) private readonly rows: Repository<StockLevel>,
    @InjectRepository(StockMovement) private readonly movements: Repository<StockMovement>,
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
      sql`SELECT on_hand - reserved AS available FROM stock_levels WHERE product_id = ${productId}`,
    );
    return row?.available;
  }

  /** Locks rows until the end of the transaction; in the order of their products, so that no two transactions wait for each other. */
  async lockLevels(productIds: readonly string[]): Promise<Level[]> {
    declareLock('stock level');
    return run(
      this.rows.manager,
      sql`SELECT product_id AS "productId", on_hand AS "onHand", reserved
          FROM stock_levels WHERE product_id = ANY (${productIds}) ORDER BY product_id FOR NO KEY UPDATE`,
    );
  }

  /**
   * Adds to the units on hand, unless fewer were left than are reserved, or more than `most`. One statement decides and
   * changes, so that of two at once the second sees what the first left.
   * @returns the level then; undefined when nothing was changed.
   */
  async addToLevel(productId: string, delta: number, most: number): Promise<VersionedLevel | undefined> {
    const [changed] = await run<VersionedLevel>(
      this.rows.manager,
      sql`UPDATE stock_levels SET on_hand = on_hand + ${delta}
          WHERE product_id = ${productId} AND on_hand + ${delta} BETWEEN reserved AND ${most}
          RETURNING product_id AS "productId", on_hand AS "onHand", reserved, version`,
    );
    return changed;
  }

  async insertMovement(movement: StockMovement): Promise<void> {
    await this.movements.insert(movement);
  }

  async insertLevel(productId: string): Promise<VersionedLevel> {
    return runForRow(
      this.rows.manager,
      sql`INSERT INTO stock_levels (product_id) VALUES (${productId})
          RETURNING product_id AS "productId", on_hand AS "onHand", reserved, version`,
    );
  }

  /** Inserts the levels of new products, and the movements of those that have units on hand. */
  async insertLevels(moved: readonly Moved[], { cause, reason, actorId, createdAt }: Movement): Promise<void> {
    await run(
      this.rows.manager,
      sql`WITH moved AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) AS moved (
              id uuid, "productId" uuid, delta integer, "onHand" integer)
          ), levels AS (
            INSERT INTO stock_levels (product_id, on_hand) SELECT "productId", "onHand" FROM moved
          )
          INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason, actor_id, created_at)
          SELECT id, "productId", delta, "onHand", ${cause}, ${reason}, ${actorId}::uuid, ${createdAt}
          FROM moved WHERE delta <> 0`,
    );
  }

  /**
   * Brings levels to the units on hand that are given, and inserts the movements.
   * @returns the levels then.
   */
  async updateLevels(
    moved: readonly Moved[],
    { cause, reason, actorId, createdAt }: Movement,
  ): Promise<VersionedLevel[]> {
    return run(
      this.rows.manager,
      sql`WITH moved AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) AS moved (
              id uuid, "productId" uuid, delta integer, "onHand" integer)
          ), levels AS (
            UPDATE stock_levels l SET on_hand = moved."onHand" FROM moved WHERE l.product_id = moved."productId"
            RETURNING l.product_id, l.on_hand, l.reserved, l.version
          ), movements AS (
            INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason, actor_id, created_at)
            SELECT id, "productId", delta, "onHand", ${cause}, ${reason}, ${actorId}::uuid, ${createdAt}::timestamptz FROM moved
          )
          SELECT product_id AS "productId", on_hand AS "onHand", reserved, version FROM levels`,
    );
  }
}
