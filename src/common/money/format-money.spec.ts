import { describe, expect, it } from '@jest/globals';
import { formatMoney } from './format-money.js';

describe('money for people', () => {
  it.each([
    [1999, 'GBP', 'GBP 19.99'],
    [5, 'GBP', 'GBP 0.05'],
    [0, 'GBP', 'GBP 0.00'],
    [-150, 'EUR', 'EUR -1.50'],
    [1999, 'JPY', 'JPY 1999'],
    [1500, 'KWD', 'KWD 1.500'],
    [999_999_999_999, 'USD', 'USD 9999999999.99'],
  ])('%i of %s is %s', (amount, currency, text) => {
    expect(formatMoney({ amount, currency })).toBe(text);
  });
});
