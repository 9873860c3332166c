import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import {
  type AdjustStockDto,
  type StockMovementDto,
  type StockMovementPage,
  type StockMovementQuery,
  toStockMovementDto,
} from './dto/stock.dto.js';
import { OutOfStock, StockFull } from './products.errors.js';
import { StockRepository } from './stock.repository.js';

/** The maximum number of units of a product. */
const MAX_STOCK = 1_000_000_000;

/** Stock of products: changed by movements, never below the reserved units. */
@Injectable()
export class StockService {
  constructor(
    private readonly stock: StockRepository,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 409 when fewer units are available than would go, or more would be there than can. */
  async adjust(productId: string, { delta, reason }: AdjustStockDto, caller: Caller): Promise<StockMovementDto> {
    return this.transactions.run(async () => {
      const onHand = await this.stock.add(productId, delta, MAX_STOCK);
      if (onHand === undefined) throw await this.refusal(productId, delta);
      const movement = {
        id: uuidv7(),
        productId,
        delta,
        onHand,
        reason,
        actorId: caller.userId,
        createdAt: this.clock.now(),
      };
      await this.stock.insertMovement(movement);
      return toStockMovementDto(movement);
    });
  }

  /** A product's movements, the latest first. @throws AppError 404. */
  async list(productId: string, asked: StockMovementQuery): Promise<StockMovementPage> {
    await this.available(productId);
    return mapPage(await this.stock.readPage(this.pages.open(asked, productId), productId), toStockMovementDto);
  }

  private async refusal(productId: string, delta: number): Promise<AppError> {
    const available = await this.available(productId);
    if (delta > 0) return new AppError(StockFull, `There can’t be ${String(delta)} more.`);
    return new AppError(OutOfStock, `There are ${String(available)} units available.`, { members: { available } });
  }

  /** @throws AppError 404. */
  private async available(productId: string): Promise<number> {
    const available = await this.stock.findAvailable(productId);
    if (available === undefined) throw new AppError(NotFound, `There is no product ${productId}.`);
    return available;
  }
}
