import { describe, expect, it } from '@jest/globals';
import { slugOf } from './slug.js';

const ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('a slug', () => {
  it.each([
    ['Red Metal Lantern', 'red-metal-lantern'],
    ['Crème Brûlée Dish, Set of 6', 'creme-brulee-dish-set-of-6'],
    ['Größe M', 'groesse-m'],
    ['İstanbul Fincan', 'istanbul-fincan'],
    ['Ποτήρι', 'potiri'],
    ['Самовар', 'samovar'],
    ['商品', 'shang-pin'],
    ['머그컵', 'meo-geu-keob'],
    ['चाय पत्ती', 'cay-ptti'],
    ['كوب', 'kwb'],
    ['★★★', 'product'],
    ['🎁 box', 'gift-box'],
    ['', 'product'],
    ['-', 'product'],
  ])('of %j begins with %s', (name, written) => {
    expect(slugOf(name, ID, 'product')).toBe(`${written}-6c2b8a10`);
  });

  it('of a long name ends between no two hyphens', () => {
    expect(slugOf(`${'a'.repeat(99)} ${'b'.repeat(99)}`, ID, 'product')).toBe(`${'a'.repeat(99)}-6c2b8a10`);
  });
});
