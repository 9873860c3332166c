import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ORDER_LINE_TYPES } from './entities/order-line.entity.js';
import { newOrderNumber } from './orders.numbers.js';
import { isCovered, PAYMENT_STATUSES, paymentStatusOf } from './orders.payment-status.js';
import { itemsTotalOf, mergeItems, shippingAmountOf, totalOf, totalOfLine } from './orders.totals.js';

/** As large as a request lets them be. */
const lines = fc.array(
  fc.record({
    type: fc.constantFrom(...ORDER_LINE_TYPES),
    quantity: fc.integer({ min: 1, max: 100_000 }),
    unitAmount: fc.integer({ min: -50_000, max: 50_000 }),
  }),
  { maxLength: 101 },
);

describe('the total of an order (P26)', () => {
  it('is the sum of its lines, a whole number, for any lines', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const exact = some.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitAmount), 0n);

        expect(some.every((line) => Number.isSafeInteger(totalOfLine(line)))).toBe(true);
        expect(BigInt(totalOf(some))).toBe(exact);
      }),
    );
  });

  it('is the total of the items and that of all other lines', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const others = some.filter(({ type }) => type !== 'item');

        expect(itemsTotalOf(some) + totalOf(others)).toBe(totalOf(some));
      }),
    );
  });

  it('is the same whether quantities are merged or not (I1)', () => {
    const items = fc.array(
      fc.record({
        type: fc.constant('item' as const),
        productId: fc.constantFrom('lantern', 'candle', 'rope'),
        quantity: fc.integer({ min: 1, max: 1000 }),
        unitAmount: fc.constantFrom(0, 295, 1999),
      }),
    );
    fc.assert(
      fc.property(items, (some) => {
        const merged = mergeItems(some);

        expect(totalOf(merged)).toBe(totalOf(some));
        expect(new Set(merged.map(({ productId, unitAmount }) => `${productId} ${String(unitAmount)}`)).size).toBe(
          merged.length,
        );
      }),
    );
  });

  it('keeps two prices of one product apart, and the order of what was asked for', () => {
    const merged = mergeItems([
      { productId: 'rope', quantity: 1, unitAmount: 5 },
      { productId: 'lantern', quantity: 2, unitAmount: 1999 },
      { productId: 'lantern', quantity: 1, unitAmount: 1 },
      { productId: 'lantern', quantity: 3, unitAmount: 1999 },
    ]);

    expect(merged.map(({ productId, quantity }) => [productId, quantity])).toEqual([
      ['rope', 1],
      ['lantern', 5],
      ['lantern', 1],
    ]);
  });
});

describe('what sending costs', () => {
  const price = { amount: 395 };

  it.each([
    [4999, 395],
    [5000, 0],
    [5001, 0],
  ])('of items for %i, free from 5000: %i', (itemsTotal, expected) => {
    expect(shippingAmountOf({ price, freeFrom: { amount: 5000 } }, itemsTotal)).toBe(expected);
  });

  it('is its price when it is never free', () => {
    expect(shippingAmountOf({ price, freeFrom: null }, 1_000_000)).toBe(395);
  });
});

describe('how far an order is paid', () => {
  const sums = { authorized: 0, captured: 0, refunded: 0, isUnresolved: false };

  it.each([
    [1000, {}, 'unpaid'],
    [1000, { authorized: 1000 }, 'authorized'],
    [1000, { authorized: 400 }, 'authorized'],
    [1000, { captured: 400 }, 'authorized'],
    [1000, { captured: 1000 }, 'paid'],
    [1000, { authorized: 1000, captured: 1000 }, 'paid'],
    [1000, { captured: 1000, refunded: 1 }, 'partially_refunded'],
    [1000, { captured: 1000, refunded: 999 }, 'partially_refunded'],
    [1000, { captured: 1000, refunded: 1000 }, 'refunded'],
    [1000, { captured: 400, refunded: 400 }, 'refunded'],
    [1000, { captured: 1000, isUnresolved: true }, 'unresolved'],
    [1000, { isUnresolved: true }, 'unresolved'],
    [0, {}, 'paid'],
  ] as const)('of %i with %j is %s', (total, given, expected) => {
    expect(paymentStatusOf(total, { ...sums, ...given })).toBe(expected);
  });

  it('is one of the known states for any sums', () => {
    const any = fc.record({
      authorized: fc.nat(2000),
      captured: fc.nat(2000),
      refunded: fc.nat(2000),
      isUnresolved: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(2000), any, (total, given) => {
        expect(PAYMENT_STATUSES).toContain(paymentStatusOf(total, given));
      }),
    );
  });

  it.each([
    [1000, 1000, 0, true],
    [1000, 0, 1000, true],
    [1000, 999, 999, false],
    [0, 0, 0, true],
  ])('covers %i by %i authorized and %i captured: %s', (total, authorized, captured, expected) => {
    expect(isCovered(total, { authorized, captured })).toBe(expected);
  });
});

describe('the number of an order', () => {
  it('is easy to read out, and tells nothing of the one before', () => {
    const numbers = Array.from({ length: 200 }, newOrderNumber);

    for (const number of numbers) expect(number).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(new Set(numbers).size).toBe(200);
    expect(numbers.toSorted()).not.toEqual(numbers);
    // the first characters differ, too: it does not count
    expect(new Set(numbers.map((number) => number[0])).size).toBeGreaterThan(10);
  });
});
