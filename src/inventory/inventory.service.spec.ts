import { beforeEach, describe, expect, it } from '@jest/globals';
import { callerOf, FakeEvents, FakeTransactions, refusalOf, standInFor, TestClock } from '../../test/support/fakes.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { Pages } from '../common/http/paging/pages.js';
import type { StockMovement } from './entities/stock-movement.entity.js';
import { OutOfStock, StockFull } from './inventory.errors.js';
import { InventoryRepository, type Moved, type Movement, type VersionedLevel } from './inventory.repository.js';
import { InventoryService } from './inventory.service.js';

const staff = callerOf('sam', 'staff');
const DELIVERY = { cause: 'import', reason: 'Import', actorId: 'sam' } as const;

type Faked =
  'findAvailable' | 'lockLevels' | 'addToLevel' | 'insertMovement' | 'insertLevel' | 'insertLevels' | 'updateLevels';

/** The stock of the products that have a level. */
class StockInMemory implements Pick<InventoryRepository, Faked> {
  readonly levels = new Map<string, VersionedLevel>();
  readonly movements: (Moved & Movement)[] = [];

  add(productId: string, onHand: number, reserved = 0, version = 1): VersionedLevel {
    const level = { productId, onHand, reserved, version };
    this.levels.set(productId, level);
    return level;
  }

  findAvailable(productId: string): Promise<number | undefined> {
    const level = this.levels.get(productId);
    return Promise.resolve(level && level.onHand - level.reserved);
  }

  lockLevels(productIds: readonly string[]): Promise<VersionedLevel[]> {
    return Promise.resolve(productIds.flatMap((id) => this.levels.get(id) ?? []));
  }

  addToLevel(productId: string, delta: number, most: number): Promise<VersionedLevel | undefined> {
    const level = this.levels.get(productId);
    const onHand = (level?.onHand ?? 0) + delta;
    if (!level || onHand < level.reserved || onHand > most) return Promise.resolve(undefined);
    const changed = { ...level, onHand, version: level.version + 1 };
    this.levels.set(productId, changed);
    return Promise.resolve(changed);
  }

  insertMovement(movement: StockMovement): Promise<void> {
    this.movements.push(movement);
    return Promise.resolve();
  }

  insertLevel(productId: string): Promise<VersionedLevel> {
    return Promise.resolve(this.add(productId, 0));
  }

  insertLevels(moved: readonly Moved[], movement: Movement): Promise<void> {
    for (const { productId, onHand } of moved) this.add(productId, onHand);
    this.movements.push(...moved.filter(({ delta }) => delta !== 0).map((one) => ({ ...one, ...movement })));
    return Promise.resolve();
  }

  updateLevels(moved: readonly Moved[], movement: Movement): Promise<VersionedLevel[]> {
    this.movements.push(...moved.map((one) => ({ ...one, ...movement })));
    return Promise.resolve(
      moved.flatMap(({ productId, onHand }) => {
        const level = this.levels.get(productId);
        return level ? { ...level, onHand, version: level.version + 1 } : [];
      }),
    );
  }
}

describe('InventoryService', () => {
  let stock: StockInMemory;
  let events: FakeEvents;
  let transactions: FakeTransactions;
  let clock: TestClock;
  let inventory: InventoryService;
  beforeEach(() => {
    stock = new StockInMemory();
    transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    clock = new TestClock();
    inventory = new InventoryService(
      standInFor(InventoryRepository, stock),
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
      clock,
    );
  });

  it('keeps who changed the stock, when and why', async () => {
    stock.add('lantern', 5);
    clock.time = new Date('2026-11-20T09:30:00.000Z');
    const movement = await inventory.adjust('lantern', { delta: 24, reason: 'Delivery' }, staff);

    expect(movement).toMatchObject({ delta: 24, onHand: 29, actorId: 'sam', createdAt: '2026-11-20T09:30:00.000Z' });
    expect(stock.movements).toEqual([
      expect.objectContaining({ id: movement.id, cause: 'adjustment', reason: 'Delivery', createdAt: clock.time }),
    ]);
  });

  it('announces what there is now, as the next version of the stock', async () => {
    stock.add('lantern', 5, 2, 7);
    await inventory.adjust('lantern', { delta: -1, reason: 'Broken' }, staff);

    expect(events.published).toEqual([
      { name: 'stock.changed', id: 'lantern', version: 8, data: { onHand: 4, reserved: 2, cause: 'adjustment' } },
    ]);
  });

  it('lets the last unit go that is not reserved, and no reserved one', async () => {
    stock.add('lantern', 3, 2);

    expect((await inventory.adjust('lantern', { delta: -1, reason: 'Broken' }, staff)).onHand).toBe(2);
    expect((await refusalOf(inventory.adjust('lantern', { delta: -1, reason: 'Broken' }, staff))).kind).toBe(
      OutOfStock,
    );
  });

  it('says how many are available when fewer are there than would go, and changes nothing', async () => {
    stock.add('lantern', 5, 2);
    const { kind, extras } = await refusalOf(inventory.adjust('lantern', { delta: -4, reason: 'Lost' }, staff));

    expect([kind, extras.members]).toEqual([OutOfStock, { available: 3 }]);
    expect([stock.levels.get('lantern')?.onHand, stock.movements, events.published]).toEqual([5, [], []]);
  });

  it('refuses more units than the stock can hold', async () => {
    stock.add('lantern', 999_999_999);
    await inventory.adjust('lantern', { delta: 1, reason: 'Delivery' }, staff);
    const { kind, extras } = await refusalOf(inventory.adjust('lantern', { delta: 1, reason: 'Delivery' }, staff));

    expect([kind, extras]).toEqual([StockFull, {}]);
    expect(events.published).toHaveLength(1);
  });

  it('announces nothing when the movement cannot be written', async () => {
    stock.add('lantern', 5);
    stock.insertMovement = () => Promise.reject(new Error('the disk is full'));

    await expect(inventory.adjust('lantern', { delta: 1, reason: 'Delivery' }, staff)).rejects.toThrow('disk');
    expect(events.published).toEqual([]);
  });

  it('is missing for a product that is not there, whichever way its stock would change', async () => {
    const attempts = [
      () => inventory.adjust('nothing', { delta: 1, reason: 'Delivery' }, staff),
      () => inventory.adjust('nothing', { delta: -1, reason: 'Lost' }, staff),
      () => inventory.list('nothing', { limit: 20 }),
    ];

    for (const attempt of attempts) expect((await refusalOf(attempt())).kind).toBe(NotFound);
  });

  it('begins the stock of new products, and announces those with units', async () => {
    const levels = [
      { productId: 'lantern', delta: 0, onHand: 0 },
      { productId: 'candle', delta: 40, onHand: 40 },
    ];
    await transactions.run(() => inventory.createLevels(levels, DELIVERY));

    expect([...stock.levels.keys()]).toEqual(['lantern', 'candle']);
    expect(stock.movements).toEqual([{ id: stock.movements[0]?.id, ...levels[1], ...DELIVERY, createdAt: clock.time }]);
    expect(events.published).toEqual([
      { name: 'stock.changed', id: 'candle', version: 1, data: { onHand: 40, reserved: 0, cause: 'import' } },
    ]);
  });

  it('begins the stock of one product with no units, which is not announced', async () => {
    await inventory.createLevel('lantern');

    expect([stock.levels.get('lantern')?.onHand, stock.movements, events.published]).toEqual([0, [], []]);
  });

  it('changes the stock of many products, and announces each with its own version and what it is caused by', async () => {
    stock.add('lantern', 5, 1, 3);
    stock.add('candle', 9, 0, 6);
    const changes = [
      { productId: 'lantern', delta: -2, onHand: 3 },
      { productId: 'candle', delta: 1, onHand: 10 },
    ];
    await transactions.run(() => inventory.changeLevels(changes, { ...DELIVERY, cause: 'adjustment' }));

    expect(new Set(stock.movements.map(({ id }) => id)).size).toBe(2);
    expect(events.published.map(({ id, version, data }) => [id, version, data])).toEqual([
      ['lantern', 4, { onHand: 3, reserved: 1, cause: 'adjustment' }],
      ['candle', 7, { onHand: 10, reserved: 0, cause: 'adjustment' }],
    ]);
  });

  it('sends nothing to the database for no products', async () => {
    const idle = new InventoryService(
      standInFor(InventoryRepository, {}),
      standInFor(EventsService, {}),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
      clock,
    );
    await idle.createLevels([], DELIVERY);
    await idle.changeLevels([], DELIVERY);

    expect(await idle.lockLevels([])).toEqual(new Map());
  });

  it('locks levels by product; one that is not there has none', async () => {
    stock.add('lantern', 5, 1);
    const levels = await inventory.lockLevels(['lantern', 'nothing']);

    expect([...levels.keys()]).toEqual(['lantern']);
    expect(levels.get('lantern')).toMatchObject({ onHand: 5, reserved: 1 });
  });
});
