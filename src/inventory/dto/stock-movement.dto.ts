import { IsInt, IsString, IsUUID, Max, MaxLength, Min, MinLength, NotEquals } from 'class-validator';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { StockMovement } from '../entities/stock-movement.entity.js';

/** A change of the stock. */
export class AdjustStockDto {
  /**
   * Units that came (positive) or went (negative).
   * @example 24
   */
  @IsInt()
  @Min(-1000000)
  @Max(1000000)
  @NotEquals(0)
  delta: number;

  /**
   * The reason, for people who read it later.
   * @example "Delivery of 20 November"
   */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  reason: string;
}

/** The list of a product's stock movements, the latest first. */
export class StockMovementQuery extends PageQuery {}

/** A stock movement as it goes out. */
export class StockMovementDto {
  @IsUUID()
  id: string;

  @IsUUID()
  productId: string;

  /** @example 24 */
  @Min(-1000000)
  @Max(1000000)
  delta: number;

  /**
   * Units on hand after it.
   * @example 144
   */
  onHand: number;

  /** @example "Delivery of 20 November" */
  @MaxLength(200)
  reason: string;

  /** The user who did it; null for the shop itself. */
  @IsUUID()
  actorId: string | null;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;
}

/** A page of stock movements. */
export class StockMovementPage extends PageOf(StockMovementDto) {}

export const toStockMovementDto = (movement: StockMovement): StockMovementDto => ({
  id: movement.id,
  productId: movement.productId,
  delta: movement.delta,
  onHand: movement.onHand,
  reason: movement.reason,
  actorId: movement.actorId,
  createdAt: movement.createdAt.toISOString(),
});
