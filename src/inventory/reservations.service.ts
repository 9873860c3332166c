import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { AppError, MOST_FAULTS } from '../common/errors/app-error.js';
import { EventsService } from '../common/events/events.service.js';
import { Clock } from '../common/time/clock.js';
import { OutOfStock } from './inventory.errors.js';
import { StockChanged, type StockChangeCause, toStockChanges } from './inventory.events.js';
import type { VersionedLevel } from './inventory.repository.js';
import { type Availability, ReservationsRepository } from './reservations.repository.js';

/** Units of a product, at least one. */
export interface Quantity {
  productId: string;
  quantity: number;
}

/** What units are put back into stock for. */
export interface Restocking {
  refundId: string;
  /** For people who read it later: at most 200 characters. */
  reason: string;
  /** The user who did it; null for the shop itself. */
  actorId: string | null;
}

/**
 * Units that are reserved for orders. All of it joins the unit of work of its caller, which has locked the order. A unit of work that
 * reserves, consumes, releases or restocks does that last: a popular product is locked from then until the commit.
 */
@Injectable()
export class ReservationsService {
  constructor(
    private readonly reservations: ReservationsRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /**
   * Reserves units for an order, once for each order: all of them or none. Several quantities of a product are one.
   * @param expiresAt until when the caller keeps them reserved; it releases them then.
   * @throws AppError 409 out-of-stock, which names each product that has too few units available.
   */
  async reserve(orderId: string, quantities: readonly Quantity[], expiresAt: Date): Promise<void> {
    this.transactions.requireOpen('stock is reserved');
    const units = sumByProduct(quantities).map((one) => ({ id: uuidv7(), ...one }));
    if (units.length === 0) return;
    const times = { expiresAt, createdAt: this.clock.now() };
    const { levels, lacking } = await this.reservations.reserve(orderId, units, times);
    if (lacking.length > 0) throw outOfStock(lacking);
    this.announce(levels, 'reservation');
  }

  /** Keeps the units of an order reserved for longer; never for less long than before. */
  async extend(orderId: string, expiresAt: Date): Promise<void> {
    await this.reservations.extend(orderId, expiresAt, this.clock.now());
  }

  /**
   * Takes the reserved units of an order out of stock: they are sold.
   * @param actorId the user who did it; null for the shop itself.
   * @returns whether any were reserved: of several calls, the first one's answer is true.
   */
  async consume(orderId: string, actorId: string | null): Promise<boolean> {
    this.transactions.requireOpen('reserved stock is consumed');
    const now = this.clock.now();
    const units = await this.reservations.end(orderId, 'consumed', now);
    if (units.length === 0) return false;
    const changes = units.map(({ productId, quantity }) => ({
      id: uuidv7(),
      productId,
      delta: -quantity,
      released: quantity,
    }));
    const movement = { cause: 'sale', causeId: orderId, reason: 'Sale', actorId, createdAt: now } as const;
    this.announce(await this.reservations.move(changes, movement), 'sale');
    return true;
  }

  /**
   * Makes the reserved units of an order available again.
   * @returns whether any were reserved: of several calls, the first one's answer is true.
   */
  async release(orderId: string): Promise<boolean> {
    this.transactions.requireOpen('reserved stock is released');
    const units = await this.reservations.end(orderId, 'released', this.clock.now());
    if (units.length === 0) return false;
    this.announce(await this.reservations.release(units), 'release');
    return true;
  }

  /**
   * Puts units back into stock for a refund, once for each: the database refuses a product of the same refund a second time. Of a
   * product that is deleted nothing is put back.
   */
  async restock(quantities: readonly Quantity[], { refundId, reason, actorId }: Restocking): Promise<void> {
    this.transactions.requireOpen('stock is put back');
    const changes = sumByProduct(quantities).map(({ productId, quantity }) => ({
      id: uuidv7(),
      productId,
      delta: quantity,
      released: 0,
    }));
    if (changes.length === 0) return;
    const movement = { cause: 'refund', causeId: refundId, reason, actorId, createdAt: this.clock.now() } as const;
    this.announce(await this.reservations.move(changes, movement), 'refund');
  }

  private announce(levels: readonly VersionedLevel[], cause: StockChangeCause): void {
    this.events.publishAll(StockChanged, toStockChanges(levels, cause));
  }
}

/** The quantities of each product as one, in the order of the products. */
function sumByProduct(quantities: readonly Quantity[]): Quantity[] {
  const sums = new Map<string, number>();
  for (const { productId, quantity } of quantities) {
    // PostgreSQL reads an id in capital letters as the same one
    const id = productId.toLowerCase();
    sums.set(id, (sums.get(id) ?? 0) + quantity);
  }
  return [...sums]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .sort((one, other) => (one.productId < other.productId ? -1 : 1));
}

function outOfStock(lacking: readonly Availability[]): AppError {
  const products = lacking.slice(0, MOST_FAULTS);
  return new AppError(OutOfStock, 'Fewer units are available than are asked for; products names how many there are.', {
    errors: products.map(({ productId, available }) => ({
      code: 'outOfStock',
      detail: `there are ${String(available)} units available of the product ${productId}`,
    })),
    members: { products },
  });
}
