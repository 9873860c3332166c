import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { MoneyDto } from './money.dto.js';

const faultsOf = (value: object): Record<string, string> =>
  validateSync(plainToInstance(MoneyDto, value)).reduce(
    (faults, { constraints }) => ({ ...faults, ...constraints }),
    {},
  );
const detailOf = (amount: unknown, currency: unknown = 'GBP'): string | undefined =>
  faultsOf({ amount, currency }).isInt;

describe('a currency', () => {
  it.each(['GBP', 'XCG', 'ZWG', 'SLE', 'VED', 'XAD', 'JPY', 'CLF'])('is %s', (currency) => {
    expect(faultsOf({ amount: 1, currency })).toEqual({});
  });

  it.each([
    'ZWL',
    'ANG',
    'BGN',
    'CUC',
    'HRK',
    'SLL',
    'XXX',
    'XAU',
    'gbp',
    'GBP ',
    '',
    'AAA',
    'toString',
    826,
    null,
    ['GBP'],
  ])('is not %j: withdrawn, without a minor unit, or not a code', (currency) => {
    expect(Object.keys(faultsOf({ amount: 1, currency }))).toEqual(['isISO4217CurrencyCode']);
  });
});

describe('an amount', () => {
  it.each([
    ['24.00', 'GBP', '24.00 is not a whole number of minor units; for GBP 24.00 write 2400'],
    ['29,5', 'EUR', '29,5 is not a whole number of minor units; for EUR 29.50 write 2950'],
    [19.99, 'GBP', '19.99 is not a whole number of minor units; for GBP 19.99 write 1999'],
    ['0.05', 'USD', '0.05 is not a whole number of minor units; for USD 0.05 write 5'],
    ['24.00', 'JPY', '24.00 is not a whole number of minor units; for JPY 24 write 24'],
    ['1.5', 'KWD', '1.5 is not a whole number of minor units; for KWD 1.500 write 1500'],
  ])('%s of %s is explained with what to write', (amount, currency, detail) => {
    expect(detailOf(amount, currency)).toBe(detail);
  });

  it.each([
    { amount: '1.000', currency: 'EUR' },
    { amount: '24.001', currency: 'GBP' },
    { amount: '24.50', currency: 'JPY' },
    { amount: '1e3', currency: 'GBP' },
    { amount: '1 000', currency: 'GBP' },
    { amount: '0x10', currency: 'GBP' },
    { amount: '+5', currency: 'GBP' },
    { amount: '٣', currency: 'GBP' },
    { amount: '24.00', currency: 'ZZZ' },
  ])('is not guessed from %j', ({ amount, currency }) => {
    expect(detailOf(amount, currency)).toMatch(/^.{1,40} is not a whole number of minor units; write digits only/);
  });

  it('is shown in part when it is long', () => {
    expect(detailOf('x'.repeat(100_000))).toHaveLength(121);
  });

  it.each([
    ['2400', 'must be a number, not a text'],
    ['', 'e.g. 1999 for GBP 19.99'],
    [null, 'must be a whole number of minor units'],
    [[], 'must be a whole number of minor units'],
  ])('is not %j', (amount, detail) => {
    expect(detailOf(amount)).toContain(detail);
  });
});
