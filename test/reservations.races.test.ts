import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../src/common/errors/app-error.js';
import { OutOfStock } from '../src/inventory/inventory.errors.js';
import { ProductsBulkService } from '../src/products/products.bulk.service.js';
import { type Asked, LANTERN, LATER, ReservingShop } from './support/reservations.js';

let stock: ReservingShop;
beforeAll(async () => {
  stock = await ReservingShop.open();
});
afterAll(() => stock.close());

/** What work gives, or that it was refused for want of stock. */
const outcomeOf = <T>(work: Promise<T>): Promise<T | 'out of stock'> =>
  work.catch((error: unknown) => {
    if (error instanceof AppError && error.kind === OutOfStock) return 'out of stock' as const;
    throw error;
  });

describe('reservations at once', () => {
  it('are 50 of the last unit, and one gets it (I7)', async () => {
    for (let round = 0; round < 10; round++) {
      const lantern = await stock.create(1);
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, n) => outcomeOf(stock.reserve(randomUUID(), [[lantern, 1]], n))),
      );

      expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'out of stock')).toHaveLength(49);
      expect(await stock.levelOf(lantern)).toEqual({ onHand: 1, reserved: 1 });
      expect(await stock.sql('SELECT 1 FROM reservations WHERE product_id = $1', [lantern])).toHaveLength(1);
    }
  });

  it('lose no update (I2)', async () => {
    const [lantern, candle] = [await stock.create(100), await stock.create(60)];
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        outcomeOf(
          stock.reserve(
            randomUUID(),
            [
              [lantern, 1],
              [candle, 2],
            ],
            n,
          ),
        ),
      ),
    );

    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(30);
    expect([await stock.levelOf(lantern), await stock.levelOf(candle)]).toEqual([
      { onHand: 100, reserved: 30 },
      { onHand: 60, reserved: 60 },
    ]);
  });

  it('do not deadlock in opposite orders of products: no unit of work is done again', async () => {
    const [one, other] = [await stock.create(1000), await stock.create(1000)];
    let attempts = 0;
    const units = Array.from({ length: 100 }, (_, n) =>
      stock.inUnit((reservations) => {
        attempts++;
        const asked = [one, other].map((productId) => ({ productId, quantity: 1 }));
        return reservations.reserve(randomUUID(), n % 2 ? asked : asked.reverse(), LATER);
      }, n),
    );
    await Promise.all(units);

    expect(attempts).toBe(100);
    expect([await stock.levelOf(one), await stock.levelOf(other)]).toEqual(
      Array(2).fill({ onHand: 1000, reserved: 100 }),
    );
  });

  it('are consumed or released exactly once by 20, and their units are sold or available again', async () => {
    for (let round = 0; round < 10; round++) {
      const [lantern, candle, order] = [await stock.create(5), await stock.create(5), randomUUID()];
      await stock.reserve(order, [
        [lantern, 2],
        [candle, 1],
      ]);
      const isSale = round % 3 !== 1;
      const isReturn = round % 3 !== 0;
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const sells = isSale && (!isReturn || n % 2 === 0);
          return { sells, done: await (sells ? stock.consume(order, n >> 1) : stock.release(order, n >> 1)) };
        }),
      );

      const done = answers.filter((answer) => answer.done);
      expect(done).toHaveLength(1);
      const isSold = done[0]?.sells === true;
      expect(await stock.levelOf(lantern)).toEqual({ onHand: isSold ? 3 : 5, reserved: 0 });
      expect(await stock.levelOf(candle)).toEqual({ onHand: isSold ? 4 : 5, reserved: 0 });
      const movements = await stock.sql(
        'SELECT delta, on_hand, reason, actor_id FROM stock_movements WHERE cause_id = $1 AND cause = $2 ORDER BY delta',
        [order, 'sale'],
      );
      expect(movements).toEqual(
        isSold
          ? [
              { delta: -2, on_hand: 3, reason: 'Sale', actor_id: stock.staff.id },
              { delta: -1, on_hand: 4, reason: 'Sale', actor_id: stock.staff.id },
            ]
          : [],
      );
    }
  });
});

describe('counters', () => {
  const sku = fc.nat(2);
  const order = fc.nat(5);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('reserve' as const),
        skus: fc.array(sku, { minLength: 1, maxLength: 4 }),
        quantity: fc.integer({ min: 1, max: 9 }),
      }),
    },
    fc.record({ kind: fc.constantFrom('consume' as const, 'release' as const, 'extend' as const), order }),
    fc.record({
      kind: fc.constantFrom('adjust' as const, 'import' as const, 'restock' as const),
      sku,
      units: fc.integer({ min: 1, max: 40 }),
      isLess: fc.boolean(),
    }),
  );

  it('are the sums of the rows after any operations at once (I2, I8)', async () => {
    const bulk = stock.shop.app.get(ProductsBulkService);
    const skus = [randomUUID(), randomUUID(), randomUUID()];
    await bulk.upsertMany(skus.map((one) => ({ ...LANTERN, sku: one, stock: 30 })));
    const products = await stock.sql<{ id: string; sku: string }>('SELECT id, sku FROM products WHERE sku = ANY ($1)', [
      skus,
    ]);
    const idOf = (n: number): string => products.find((one) => one.sku === skus[n])?.id ?? '';
    // the last ones first, which are consumed and released
    const orders: string[] = [];
    const counts = { reserved: 0, refused: 0, consumed: 0, released: 0 };

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        await Promise.all(
          steps.map(async (one, n) => {
            if (one.kind === 'reserve') {
              const id = randomUUID();
              const outcome = await outcomeOf(
                stock.reserve(
                  id,
                  one.skus.map((at): Asked => [idOf(at), one.quantity]),
                  n,
                ),
              );
              if (outcome === undefined) orders.unshift(id);
              counts[outcome === undefined ? 'reserved' : 'refused']++;
              return;
            }
            if ('order' in one) {
              const id = orders[one.order] ?? randomUUID();
              if (one.kind === 'extend') return stock.inUnit((reservations) => reservations.extend(id, LATER), n);
              if (one.kind === 'consume') counts.consumed += Number(await stock.consume(id, n));
              else counts.released += Number(await stock.release(id, n));
              return;
            }
            if (one.kind === 'restock') return stock.restock(randomUUID(), [[idOf(one.sku), one.units]]);
            if (one.kind === 'adjust')
              return outcomeOf(stock.adjust(idOf(one.sku), one.isLess ? -one.units : one.units));
            return bulk.upsertMany([{ ...LANTERN, sku: skus[one.sku] ?? '', stock: one.units }]);
          }),
        );
        expect(await stock.unbalanced()).toEqual([]);
      }),
      { numRuns: 50 },
    );

    // each of them happened; how often depends on the seed
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
    // a counter that is wrong would be found
    await stock.sql('UPDATE stock_levels SET reserved = 0, on_hand = on_hand + 1 WHERE product_id = $1', [idOf(1)]);
    expect(await stock.unbalanced()).toMatchObject([{ id: idOf(1) }]);
  });
});
