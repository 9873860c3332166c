import { describe, expect, it } from '@jest/globals';
import { toMills } from './price.js';

describe('toMills', () => {
  it.each([
    ['2.55', 2550],
    ['15.0', 15_000],
    ['8', 8000],
    ['0.29', 290],
    ['1.15', 1150],
    ['0.001', 1],
    ['13541.33', 13_541_330],
    ['0.0', 0],
    ['-11062.06', -11_062_060],
    ['2.5500', 2550],
  ])('reads %s pounds as %i tenths of a penny', (price, mills) => {
    expect(toMills(price)).toBe(mills);
  });

  it('refuses a price that is finer', () => {
    expect(() => toMills('0.0001')).toThrow('finer than a tenth of a penny');
  });

  it.each(['', '2,55', '£2.55', '1e3', 'free', '.5'])('refuses "%s" as a price', (price) => {
    expect(() => toMills(price)).toThrow('is not a price');
  });
});
