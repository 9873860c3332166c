import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import {
  type AdjustStockDto,
  type StockMovementDto,
  type StockMovementPage,
  type StockMovementQuery,
  toStockMovementDto,
} from './dto/stock-movement.dto.js';
import type { StockMovement } from './entities/stock-movement.entity.js';
import { OutOfStock, StockFull } from './inventory.errors.js';
import { StockChanged, toStockChanges } from './inventory.events.js';
import { InventoryRepository, type Level, type VersionedLevel } from './inventory.repository.js';

/** The maximum number of units of a product. */
const MAX_STOCK = 1_000_000_000;

/** A change of the stock of one of many products. */
export interface StockChange {
  productId: string;
  /** Units that came (positive) or went (negative). */
  delta: number;
  /** Units on hand after it. */
  onHand: number;
}

/** What the changes of many products are caused by. */
export interface StockCausation extends Pick<StockMovement, 'reason' | 'actorId'> {
  cause: 'adjustment' | 'import';
}

/** The stock of products: changed by movements, which sum to what is on hand; never below the reserved units. */
@Injectable()
export class InventoryService {
  constructor(
    private readonly inventory: InventoryRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 404; 409 when fewer units are available than would go, or more would be there than can. */
  async adjust(productId: string, { delta, reason }: AdjustStockDto, caller: Caller): Promise<StockMovementDto> {
    return this.transactions.run(async () => {
      const level = await this.inventory.addToLevel(productId, delta, MAX_STOCK);
      if (!level) throw await this.refusal(productId, delta);
      const movement: StockMovement = {
        id: uuidv7(),
        productId,
        delta,
        onHand: level.onHand,
        cause: 'adjustment',
        causeId: null,
        reason,
        actorId: caller.userId,
        createdAt: this.clock.now(),
      };
      await this.inventory.insertMovement(movement);
      this.announce([level], 'adjustment');
      return toStockMovementDto(movement);
    });
  }

  /** A product's movements, the latest first. @throws AppError 404. */
  async list(productId: string, asked: StockMovementQuery): Promise<StockMovementPage> {
    await this.available(productId);
    return mapPage(await this.inventory.readPage(this.pages.open(asked, productId), productId), toStockMovementDto);
  }

  /** Begins the stock of a new product, with no units; in the transaction that creates the product. */
  async createLevel(productId: string): Promise<VersionedLevel> {
    return this.inventory.insertLevel(productId);
  }

  /** Begins the stock of new products, with units or none; in the transaction that creates the products. */
  async createLevels(levels: readonly StockChange[], causation: StockCausation): Promise<void> {
    if (levels.length === 0) return;
    await this.inventory.insertLevels(levels.map(withId), this.movementOf(causation));
    const filled = levels.filter(({ onHand }) => onHand > 0);
    this.announce(
      filled.map(({ productId, onHand }) => ({ productId, onHand, reserved: 0, version: 1 })),
      causation.cause,
    );
  }

  /** The stock of products, by product, which nobody else changes until the transaction ends. */
  async lockLevels(productIds: readonly string[]): Promise<Map<string, Level>> {
    if (productIds.length === 0) return new Map();
    const levels = await this.inventory.lockLevels(productIds);
    return new Map(levels.map((level) => [level.productId, level]));
  }

  /** Changes the stock of products that are locked by {@link lockLevels}: none falls below its reserved units. */
  async changeLevels(changes: readonly StockChange[], causation: StockCausation): Promise<void> {
    if (changes.length === 0) return;
    const levels = await this.inventory.updateLevels(changes.map(withId), this.movementOf(causation));
    this.announce(levels, causation.cause);
  }

  private announce(levels: readonly VersionedLevel[], cause: StockCausation['cause']): void {
    this.events.publishAll(StockChanged, toStockChanges(levels, cause));
  }

  private movementOf(causation: StockCausation): StockCausation & Pick<StockMovement, 'createdAt'> {
    return { ...causation, createdAt: this.clock.now() };
  }

  private async refusal(productId: string, delta: number): Promise<AppError> {
    const available = await this.available(productId);
    if (delta > 0)
      return new AppError(StockFull, `Adding ${String(delta)} units would exceed ${MAX_STOCK.toLocaleString('en')}.`);
    return new AppError(OutOfStock, `There are ${String(available)} units available.`, { members: { available } });
  }

  /** @throws AppError 404. */
  private async available(productId: string): Promise<number> {
    const available = await this.inventory.findAvailable(productId);
    if (available === undefined) throw new AppError(NotFound, `There is no product ${productId}.`);
    return available;
  }
}

const withId = (change: StockChange): StockChange & { id: string } => ({ id: uuidv7(), ...change });
