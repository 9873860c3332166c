import { describe, expect, it } from '@jest/globals';
import { SkuLines } from './reader.skus.js';

describe('SkuLines', () => {
  it('knows the first line of each of many SKUs, without case', () => {
    const lines = new SkuLines();
    const skus = Array.from({ length: 20_000 }, (_, place) => `A-${String(place)}`);

    expect(skus.map((sku, place) => lines.add(sku, place + 1)).filter((line) => line !== undefined)).toEqual([]);
    expect(skus.map((sku) => lines.add(sku.toLowerCase(), 99_999))).toEqual(skus.map((_, place) => place + 1));
  });

  it('remembers no more than its limit, and those still', () => {
    const lines = new SkuLines(2);
    for (const [place, sku] of ['A', 'B', 'C'].entries()) lines.add(sku, place + 1);

    expect(['A', 'B', 'C', 'C'].map((sku) => lines.add(sku, 9))).toEqual([1, 2, undefined, undefined]);
  });
});
