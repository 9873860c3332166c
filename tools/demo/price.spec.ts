import { describe, expect, it } from '@jest/globals';
import { toPennies } from './price.js';

describe('toPennies', () => {
  it.each([
    ['2.55', 255],
    ['15.0', 1500],
    ['8', 800],
    ['0.29', 29],
    ['1.15', 115],
    ['13541.33', 1354133],
    ['0.0', 0],
    ['-11062.06', -1106206],
    ['2.550', 255],
  ])('reads %s pounds as %i pennies', (price, pennies) => {
    expect(toPennies(price)).toBe(pennies);
  });

  it('has no whole pennies for a price in fractions of a penny', () => {
    expect(toPennies('0.001')).toBeUndefined();
  });

  it.each(['', '2,55', '£2.55', '1e3', 'free', '.5'])('refuses "%s" as a price', (price) => {
    expect(() => toPennies(price)).toThrow(RangeError);
  });
});
