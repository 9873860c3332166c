import { beforeEach, describe, expect, it } from '@jest/globals';
import { Purchases } from './purchases.js';

const units = (quantity: number, price = 255): { sku: string; price: number; quantity: number } => ({
  sku: '85123A',
  price,
  quantity,
});

describe('what customers return', () => {
  let purchases: Purchases;
  beforeEach(() => {
    purchases = new Purchases();
  });

  const take = (quantity: number, price?: number, customer = '17850'): [string, number, number][] =>
    purchases.take(customer, units(quantity, price)).map((one) => [one.order, one.price, one.quantity]);

  it('is of the latest purchase first, then of those before it', () => {
    purchases.add('17850', '1', units(6));
    purchases.add('17850', '2', units(4));

    expect(take(5)).toEqual([
      ['2', 255, 4],
      ['1', 255, 1],
    ]);
  });

  it('is of a purchase at the same price before a later one at another price', () => {
    purchases.add('17850', '1', units(6, 255));
    purchases.add('17850', '2', units(6, 295));

    expect(take(8, 255)).toEqual([
      ['1', 255, 6],
      ['2', 295, 2],
    ]);
  });

  it('is returned once', () => {
    purchases.add('17850', '1', units(6));

    expect([take(4), take(4), take(4)]).toEqual([[['1', 255, 4]], [['1', 255, 2]], []]);
  });

  it('is what the same customer bought', () => {
    purchases.add('13047', '1', units(6));

    expect(take(1)).toEqual([]);
  });

  it('is of the same product', () => {
    purchases.add('17850', '1', { ...units(6), sku: '71053' });

    expect(take(1)).toEqual([]);
  });
});
