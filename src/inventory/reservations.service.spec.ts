import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeEvents, FakeTransactions, refusalOf, standInFor, TestClock } from '../../test/support/fakes.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import type { Reservation } from './entities/reservation.entity.js';
import { OutOfStock } from './inventory.errors.js';
import type { VersionedLevel } from './inventory.repository.js';
import {
  type CausedMovement,
  type LevelChange,
  type NewReservation,
  type ReservationOutcome,
  ReservationsRepository,
  type ReservedUnits,
} from './reservations.repository.js';
import { ReservationsService } from './reservations.service.js';

const LATER = new Date('2026-11-26T12:15:00.000Z');

/** Reservations, and the levels that they change. */
class ReservationsInMemory implements Pick<ReservationsRepository, keyof ReservationsRepository> {
  readonly levels = new Map<string, VersionedLevel>();
  readonly reservations: Omit<Reservation, 'createdAt' | 'updatedAt'>[] = [];
  readonly movements: (LevelChange & CausedMovement)[] = [];

  add(productId: string, onHand: number, reserved = 0): void {
    this.levels.set(productId, { productId, onHand, reserved, version: 1 });
  }

  reserve(
    orderId: string,
    asked: readonly NewReservation[],
    { expiresAt }: { expiresAt: Date },
  ): Promise<ReservationOutcome> {
    const lacking = asked.flatMap(({ productId, quantity }) => {
      const { onHand, reserved } = this.levels.get(productId) ?? { onHand: 0, reserved: 0 };
      return onHand - reserved < quantity ? [{ productId, available: onHand - reserved }] : [];
    });
    if (lacking.length > 0) return Promise.resolve({ levels: [], lacking });
    this.reservations.push(...asked.map((one) => ({ ...one, orderId, expiresAt, state: 'active' as const })));
    return Promise.resolve({
      levels: asked.flatMap(({ productId, quantity }) => this.change(productId, 0, quantity)),
      lacking: [],
    });
  }

  extend(orderId: string, expiresAt: Date): Promise<void> {
    for (const one of this.activeOf(orderId)) one.expiresAt = expiresAt;
    return Promise.resolve();
  }

  end(orderId: string, state: 'consumed' | 'released'): Promise<ReservedUnits[]> {
    const ended = this.activeOf(orderId);
    for (const one of ended) one.state = state;
    return Promise.resolve(ended.map(({ productId, quantity }) => ({ productId, quantity })));
  }

  release(units: readonly ReservedUnits[]): Promise<VersionedLevel[]> {
    return Promise.resolve(units.flatMap(({ productId, quantity }) => this.change(productId, 0, -quantity)));
  }

  move(changes: readonly LevelChange[], movement: CausedMovement): Promise<VersionedLevel[]> {
    this.movements.push(...changes.map((change) => ({ ...change, ...movement })));
    return Promise.resolve(
      changes.flatMap(({ productId, delta, released }) => this.change(productId, delta, -released)),
    );
  }

  private activeOf(orderId: string): Omit<Reservation, 'createdAt' | 'updatedAt'>[] {
    return this.reservations.filter((one) => one.orderId === orderId && one.state === 'active');
  }

  private change(productId: string, delta: number, reserved: number): VersionedLevel[] {
    const level = this.levels.get(productId);
    if (!level) return [];
    const changed = {
      productId,
      onHand: level.onHand + delta,
      reserved: level.reserved + reserved,
      version: level.version + 1,
    };
    this.levels.set(productId, changed);
    return [changed];
  }
}

describe('ReservationsService', () => {
  let stock: ReservationsInMemory;
  let events: FakeEvents;
  let transactions: FakeTransactions;
  let clock: TestClock;
  let reservations: ReservationsService;
  beforeEach(() => {
    stock = new ReservationsInMemory();
    transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    clock = new TestClock();
    reservations = new ReservationsService(
      standInFor(ReservationsRepository, stock),
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      clock,
    );
  });

  const reserve = (orderId: string, ...quantities: [productId: string, quantity: number][]): Promise<void> =>
    transactions.run(() =>
      reservations.reserve(
        orderId,
        quantities.map(([productId, quantity]) => ({ productId, quantity })),
        LATER,
      ),
    );

  it('reserves units, the products in their order, and announces each level', async () => {
    stock.add('candle', 9);
    stock.add('lantern', 5, 1);
    await reserve('order', ['lantern', 2], ['candle', 3]);

    expect(stock.reservations).toMatchObject([
      { orderId: 'order', productId: 'candle', quantity: 3, expiresAt: LATER, state: 'active' },
      { orderId: 'order', productId: 'lantern', quantity: 2, expiresAt: LATER, state: 'active' },
    ]);
    expect(new Set(stock.reservations.map(({ id }) => id)).size).toBe(2);
    expect(events.published).toEqual([
      { name: 'stock.changed', id: 'candle', version: 2, data: { onHand: 9, reserved: 3, cause: 'reservation' } },
      { name: 'stock.changed', id: 'lantern', version: 2, data: { onHand: 5, reserved: 3, cause: 'reservation' } },
    ]);
  });

  it('sums the quantities of a product first, however its id is written', async () => {
    stock.add('lantern', 5);
    const refusal = await refusalOf(reserve('order', ['lantern', 3], ['LANTERN', 3]));
    await reserve('order', ['lantern', 3], ['LANTERN', 2]);

    expect(refusal.kind).toBe(OutOfStock);
    expect(stock.reservations).toMatchObject([{ productId: 'lantern', quantity: 5 }]);
  });

  it('names each product that has too few and how many are available, and no other one', async () => {
    stock.add('candle', 9, 7);
    stock.add('lantern', 5);
    const { kind, extras } = await refusalOf(reserve('order', ['candle', 3], ['lantern', 5], ['nothing', 1]));

    expect(kind).toBe(OutOfStock);
    expect(extras.members).toEqual({
      products: [
        { productId: 'candle', available: 2 },
        { productId: 'nothing', available: 0 },
      ],
    });
    expect(extras.errors).toEqual([
      { code: 'outOfStock', detail: 'there are 2 units available of the product candle' },
      { code: 'outOfStock', detail: 'there are 0 units available of the product nothing' },
    ]);
    expect([stock.reservations, events.published]).toEqual([[], []]);
  });

  it('takes sold units out of stock once, with a movement for each product', async () => {
    stock.add('candle', 9);
    stock.add('lantern', 5);
    await reserve('order', ['candle', 3], ['lantern', 1]);
    const answers: boolean[] = [];
    for (let time = 0; time < 2; time++) {
      answers.push(await transactions.run(() => reservations.consume('order', 'sam')));
    }

    expect(answers).toEqual([true, false]);
    const movement = { cause: 'sale', causeId: 'order', reason: 'Sale', actorId: 'sam', createdAt: clock.time };
    expect(stock.movements).toMatchObject([
      { ...movement, productId: 'candle', delta: -3 },
      { ...movement, productId: 'lantern', delta: -1 },
    ]);
    expect(events.published.slice(2)).toMatchObject([
      { id: 'candle', data: { onHand: 6, reserved: 0, cause: 'sale' } },
      { id: 'lantern', data: { onHand: 4, reserved: 0, cause: 'sale' } },
    ]);
  });

  it('makes units available again once, without a movement', async () => {
    stock.add('lantern', 5);
    await reserve('order', ['lantern', 2]);
    await reserve('other', ['lantern', 1]);
    const release = (): Promise<boolean> => transactions.run(() => reservations.release('order'));
    const answers = [await release(), await release()];

    expect([answers, stock.movements]).toEqual([[true, false], []]);
    expect(events.published.slice(2)).toMatchObject([{ data: { onHand: 5, reserved: 1, cause: 'release' } }]);
    expect(await transactions.run(() => reservations.consume('order', null))).toBe(false);
  });

  it('puts units back for a refund', async () => {
    stock.add('lantern', 5, 2);
    const restocking = { refundId: 'refund', reason: 'Returned', actorId: 'sam' };
    const quantities = [1, 2].map((quantity) => ({ productId: 'lantern', quantity }));
    await transactions.run(() => reservations.restock(quantities, restocking));

    expect(stock.movements).toMatchObject([
      { productId: 'lantern', delta: 3, cause: 'refund', causeId: 'refund', reason: 'Returned', actorId: 'sam' },
    ]);
    expect(events.published).toMatchObject([{ data: { onHand: 8, reserved: 2, cause: 'refund' } }]);
  });

  it('keeps units reserved for longer', async () => {
    stock.add('lantern', 5);
    await reserve('order', ['lantern', 2]);
    const longer = new Date('2026-11-26T13:00:00.000Z');
    await reservations.extend('order', longer);

    expect(stock.reservations).toMatchObject([{ expiresAt: longer }]);
  });

  it('changes and announces nothing for no products', async () => {
    await reserve('order');
    await transactions.run(() => reservations.restock([], { refundId: 'refund', reason: 'Returned', actorId: null }));

    expect([stock.reservations, stock.movements, events.published]).toEqual([[], [], []]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['reserve', () => reservations.reserve('order', [{ productId: 'lantern', quantity: 1 }], LATER)],
    ['consume', () => reservations.consume('order', null)],
    ['release', () => reservations.release('order')],
    ['restock', () => reservations.restock([], { refundId: 'refund', reason: 'Returned', actorId: null })],
  ])('does not %s outside of a unit of work', async (_, attempt) => {
    stock.add('lantern', 5, 1);

    await expect(attempt()).rejects.toThrow('outside of a unit of work');
    expect([stock.reservations, stock.levels.get('lantern')?.reserved]).toEqual([[], 1]);
  });
});
