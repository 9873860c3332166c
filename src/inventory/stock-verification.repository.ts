import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { NIL } from 'uuid';
import { run } from '../common/database/statements.js';
import { StockLevel } from './entities/stock-level.entity.js';
import type { Level, Moved, Movement, VersionedLevel } from './inventory.repository.js';

/** A stock level, and what it should be the sum of. */
export interface ComparedLevel extends Level {
  /** The sum of the movements: what `onHand` should be. */
  moved: number;
  /** The sum of the active reservations: what `reserved` should be. */
  active: number;
}

/** The repair of a level: a movement of `delta` units, if that is not 0, and the reserved units. */
export interface LevelRepair extends Moved {
  reserved: number;
}

/** Reads stock levels with the sums of their rows, and repairs them. */
@Injectable()
export class StockVerificationRepository {
  constructor(@InjectRepository(StockLevel) private readonly rows: Repository<StockLevel>) {}

  /** The levels behind a product, in the order of ids: `limit` of them, or the last ones. One statement reads what was committed together. */
  async readBatch(after: string | undefined, limit: number): Promise<ComparedLevel[]> {
    return run(
      this.rows.manager,
      compared(sql`SELECT * FROM stock_levels WHERE product_id > ${after ?? NIL} ORDER BY product_id LIMIT ${limit}`),
    );
  }

  /** The levels of products, which the open unit of work has locked. */
  async readLevels(productIds: readonly string[]): Promise<ComparedLevel[]> {
    return run(this.rows.manager, compared(sql`SELECT * FROM stock_levels WHERE product_id = ANY (${productIds})`));
  }

  /**
   * Repairs levels that are locked: inserts movements, and sets the reserved units. The units on hand stay.
   * @returns the levels whose reserved units changed.
   */
  async repair(
    repairs: readonly LevelRepair[],
    { cause, reason, actorId, createdAt }: Movement,
  ): Promise<VersionedLevel[]> {
    return run(
      this.rows.manager,
      sql`WITH repairs AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(repairs)}::jsonb) AS repairs (
              id uuid, "productId" uuid, delta integer, "onHand" integer, reserved integer)
          ), movements AS (
            INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason, actor_id, created_at)
            SELECT id, "productId", delta, "onHand", ${cause}, ${reason}, ${actorId}::uuid, ${createdAt}::timestamptz
            FROM repairs WHERE delta <> 0
          )
          UPDATE stock_levels l SET reserved = r.reserved FROM repairs r
          WHERE l.product_id = r."productId" AND l.reserved <> r.reserved
          RETURNING l.product_id AS "productId", l.on_hand AS "onHand", l.reserved, l.version`,
    );
  }
}

const compared = (levels: Sql): Sql =>
  sql`SELECT l.product_id AS "productId", l.on_hand AS "onHand", l.reserved, m.moved, r.active
      FROM (${levels}) l
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(delta), 0) AS moved FROM stock_movements WHERE product_id = l.product_id
      ) m
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0) AS active FROM reservations
        WHERE product_id = l.product_id AND state = 'active'
      ) r
      ORDER BY l.product_id`;
