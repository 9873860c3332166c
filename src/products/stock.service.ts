import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { run } from '../common/database/statements.js';
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
import { StockMovement } from './entities/stock-movement.entity.js';
import { OutOfStock, StockFull } from './products.errors.js';

/** The maximum number of units of a product. */
const MAX_STOCK = 1_000_000_000;

const COLUMNS = raw(
  `m.id, m.product_id AS "productId", m.delta, m.on_hand AS "onHand", m.reason, m.actor_id AS "actorId", m.created_at AS "createdAt"`,
);

/** Stock of products: changed by movements, never below the reserved units. */
@Injectable()
export class StockService {
  constructor(
    @InjectRepository(StockMovement) private readonly movements: Repository<StockMovement>,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 409 when fewer units are available than would go, or more would be there than can. */
  async adjust(productId: string, { delta, reason }: AdjustStockDto, caller: Caller): Promise<StockMovementDto> {
    return this.transactions.run(async () => {
      // One statement decides and changes, so that of two at once the second sees what the first left.
      const [changed] = await run<{ onHand: number }>(
        this.movements.manager,
        sql`WITH changed AS (
              UPDATE products SET on_hand = on_hand + ${delta}
              WHERE id = ${productId} AND on_hand + ${delta} BETWEEN reserved AND ${MAX_STOCK} RETURNING on_hand
            ) SELECT on_hand AS "onHand" FROM changed`,
      );
      if (!changed) throw await this.refusal(productId, delta);
      const movement = this.movements.create({
        id: uuidv7(),
        productId,
        delta,
        onHand: changed.onHand,
        reason,
        actorId: caller.userId,
        createdAt: this.clock.now(),
      });
      await this.movements.insert(movement);
      return toStockMovementDto(movement);
    });
  }

  /** A product's movements, the latest first. @throws AppError 404. */
  async list(productId: string, asked: StockMovementQuery): Promise<StockMovementPage> {
    await this.available(productId);
    const found = await this.pages.read<StockMovement>(this.movements.manager, this.pages.open(asked, productId), {
      columns: COLUMNS,
      from: raw('stock_movements m'),
      where: [sql`m.product_id = ${productId}`],
      id: raw('m.id'),
      sort: { expression: raw('m.created_at'), type: 'timestamptz', descending: true },
    });
    return mapPage(found, toStockMovementDto);
  }

  private async refusal(productId: string, delta: number): Promise<AppError> {
    const available = await this.available(productId);
    if (delta > 0) return new AppError(StockFull, `There can’t be ${String(delta)} more.`);
    return new AppError(OutOfStock, `There are ${String(available)} units available.`, { members: { available } });
  }

  private async available(productId: string): Promise<number> {
    const [row] = await run<{ available: number }>(
      this.movements.manager,
      sql`SELECT on_hand - reserved AS available FROM products WHERE id = ${productId}`,
    );
    if (!row) throw new AppError(NotFound, `There is no product ${productId}.`);
    return row.available;
  }
}
