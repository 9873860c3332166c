import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { run } from '../common/database/statements.js';
import { Reservation, type ReservationState } from './entities/reservation.entity.js';
import type { StockMovement } from './entities/stock-movement.entity.js';
import type { VersionedLevel } from './inventory.repository.js';

/** A reservation to insert, of what is not the same for all of its order. */
export type NewReservation = Pick<Reservation, 'id' | 'productId' | 'quantity'>;

/** Units of a product that were reserved. */
export type ReservedUnits = Pick<Reservation, 'productId' | 'quantity'>;

/** How many units of a product are available. */
export interface Availability {
  productId: string;
  available: number;
}

/** A change of the level of a product, with the movement for it. */
export interface LevelChange {
  /** The id of the movement. */
  id: string;
  productId: string;
  /** Units that come (positive) or go (negative). */
  delta: number;
  /** Units that are not reserved any more. */
  released: number;
}

/** Of the movements that are inserted together, what is the same for all. */
export type CausedMovement = Pick<StockMovement, 'cause' | 'causeId' | 'reason' | 'actorId' | 'createdAt'>;

/** What came of trying to reserve: the levels then; or else what has too few units, and nothing was changed. */
export interface ReservationOutcome {
  levels: VersionedLevel[];
  lacking: Availability[];
}

/** A product of {@link ReservationsRepository.reserve}: with its level then, or with nulls when nothing was changed. */
type Decided = Availability & { [Member in 'onHand' | 'reserved' | 'version']: VersionedLevel[Member] | null };

/** The rows of reservations, what they change in stock levels, and all SQL about that. */
@Injectable()
export class ReservationsRepository {
  constructor(@InjectRepository(Reservation) private readonly rows: Repository<Reservation>) {}

  /**
   * Reserves units of several products, or of none. One statement decides and changes: it locks the levels in the order of their
   * products, compares what the last one before it has left, and holds them for one round trip.
   */
  async reserve(
    orderId: string,
    reservations: readonly NewReservation[],
    { expiresAt, createdAt }: Pick<Reservation, 'expiresAt' | 'createdAt'>,
  ): Promise<ReservationOutcome> {
    declareLock('stock level');
    // what is decided is joined, not asked for in a subquery: an UPDATE that finds a newer row asks subqueries again
    const decided = await run<Decided>(
      this.rows.manager,
      sql`WITH asked AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(reservations)}::jsonb) AS asked (
              id uuid, "productId" uuid, quantity bigint)
          ), levels AS (
            SELECT product_id, on_hand - reserved AS available FROM stock_levels
            WHERE product_id = ANY (${productsOf(reservations)}) ORDER BY product_id FOR NO KEY UPDATE
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
            SELECT id, ${orderId}::uuid, "productId", quantity, ${expiresAt}::timestamptz,
              ${createdAt}::timestamptz, ${createdAt}::timestamptz
            FROM decided WHERE suffices
          )
          SELECT d."productId", d.available, c.on_hand AS "onHand", c.reserved, c.version
          FROM decided d LEFT JOIN changed c ON c.product_id = d."productId"
          WHERE d.suffices OR d.available < d.quantity ORDER BY d."productId"`,
    );
    const levels = decided.flatMap(({ productId, onHand, reserved, version }) =>
      onHand === null || reserved === null || version === null ? [] : [{ productId, onHand, reserved, version }],
    );
    const lacking = levels.length > 0 ? [] : decided.map(({ productId, available }) => ({ productId, available }));
    return { levels, lacking };
  }

  /** Has the active reservations of an order expire at a time, unless they expire later. */
  async extend(orderId: string, expiresAt: Date, now: Date): Promise<void> {
    await run(
      this.rows.manager,
      sql`WITH active AS (${activeOf(orderId)})
          UPDATE reservations r SET expires_at = ${expiresAt}, updated_at = ${now}
          FROM active WHERE r.id = active.id AND r.expires_at < ${expiresAt}`,
    );
  }

  /**
   * Ends the active reservations of an order. Of several at once, one gets the units: the others see the state that it left.
   * @returns the units that were reserved until then, by product.
   */
  async end(orderId: string, state: Exclude<ReservationState, 'active'>, now: Date): Promise<ReservedUnits[]> {
    return run(
      this.rows.manager,
      sql`WITH active AS (${activeOf(orderId)})
          UPDATE reservations r SET state = ${state}, updated_at = ${now}
          FROM active WHERE r.id = active.id
          RETURNING r.product_id AS "productId", r.quantity`,
    );
  }

  /**
   * Makes units available again. A level that has fewer reserved by mistake than are released has none reserved then: an order can
   * be cancelled all the same.
   * @returns the levels that changed.
   */
  async release(units: readonly ReservedUnits[]): Promise<VersionedLevel[]> {
    return run(
      this.rows.manager,
      sql`WITH units AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(units)}::jsonb) AS units ("productId" uuid, quantity integer)
          ), levels AS (${lockedLevelsOf(units)})
          UPDATE stock_levels l SET reserved = greatest(l.reserved - u.quantity, 0)
          FROM levels JOIN units u ON u."productId" = levels.product_id
          WHERE l.product_id = levels.product_id AND l.reserved > 0
          RETURNING l.product_id AS "productId", l.on_hand AS "onHand", l.reserved, l.version`,
    );
  }

  /**
   * Changes the units on hand of products, and inserts the movements. Of a product that is gone nothing is changed.
   * @returns the levels then.
   */
  async move(
    changes: readonly LevelChange[],
    { cause, causeId, reason, actorId, createdAt }: CausedMovement,
  ): Promise<VersionedLevel[]> {
    return run(
      this.rows.manager,
      sql`WITH changes AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) AS changes (
              id uuid, "productId" uuid, delta integer, released integer)
          ), levels AS (${lockedLevelsOf(changes)}), changed AS (
            UPDATE stock_levels l SET on_hand = l.on_hand + c.delta, reserved = greatest(l.reserved - c.released, 0)
            FROM levels JOIN changes c ON c."productId" = levels.product_id
            WHERE l.product_id = levels.product_id
            RETURNING l.product_id, l.on_hand, l.reserved, l.version, c.id, c.delta
          ), movements AS (
            INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, cause_id, reason, actor_id, created_at)
            SELECT id, product_id, delta, on_hand, ${cause}, ${causeId}::uuid, ${reason}, ${actorId}::uuid,
              ${createdAt}::timestamptz
            FROM changed
          )
          SELECT product_id AS "productId", on_hand AS "onHand", reserved, version FROM changed`,
    );
  }
}

/** Locks the active reservations of an order. */
function activeOf(orderId: string): Sql {
  // They share the place of the levels in the order of locks: a unit that reserves and sells has locked the levels before. No two units
  // wait for each other here, because each has locked the order first.
  declareLock('stock level');
  return sql`SELECT id FROM reservations WHERE order_id = ${orderId} AND state = 'active'
             ORDER BY product_id FOR NO KEY UPDATE`;
}

/** Locks the levels of products, in the order in which all statements do. */
function lockedLevelsOf(units: readonly { productId: string }[]): Sql {
  declareLock('stock level');
  return sql`SELECT product_id FROM stock_levels WHERE product_id = ANY (${productsOf(units)})
             ORDER BY product_id FOR NO KEY UPDATE`;
}

const productsOf = (units: readonly { productId: string }[]): string[] => units.map(({ productId }) => productId);
