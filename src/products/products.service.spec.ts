import { describe, expect, it } from '@jest/globals';
import { slugOf } from './products.service.js';

describe('the slug of a product', () => {
  const id = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

  it('is its name in letters for addresses, and the end of its id', () => {
    expect(slugOf('Crème Brûlée Dish, Set of 6', id)).toBe('creme-brulee-dish-set-of-6-6c2b8a10');
  });

  it('is there for a name without any', () => {
    expect(slugOf('★★★', id)).toBe('product-6c2b8a10');
  });
});
