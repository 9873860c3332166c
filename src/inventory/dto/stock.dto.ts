import type { Caller } from '../../common/security/caller.js';
import type { StockLevel } from '../entities/stock-level.entity.js';
import { WriteStock } from '../inventory.permissions.js';

/** How much there is of a product. */
export class StockDto {
  /**
   * Units that can be bought.
   * @example 117
   */
  available: number;

  /**
   * Units on hand; only for users with `stock:write`.
   * @example 120
   */
  onHand?: number;

  /**
   * Units of those that are reserved, so that nobody else can buy them; only for users with `stock:write`.
   * @example 3
   */
  reserved?: number;
}

/** Shows how much there is; what of it is reserved, only to those who may write stock. */
export const toStockDto = ({ onHand, reserved }: Pick<StockLevel, 'onHand' | 'reserved'>, caller?: Caller): StockDto =>
  caller?.permissions.has(WriteStock.name)
    ? { available: onHand - reserved, onHand, reserved }
    : { available: onHand - reserved };
