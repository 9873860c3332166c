import { describe, expect, it } from '@jest/globals';
import { readPrice } from './major-units.js';
import { numberStyleOf } from './number-style.js';

describe('a price in major units', () => {
  it.each([
    ['19.99', 'GBP', 1999],
    ['19,90', 'EUR', 1990],
    ['8', 'EUR', 800],
    ['19.9', 'EUR', 1990],
    ['0.05', 'EUR', 5],
    ['1299.95', 'EUR', 129995],
    ['1.299,95', 'EUR', 129995],
    ['1,299.95', 'GBP', 129995],
    ['1 299,95', 'EUR', 129995],
    ['1\u202F299,95', 'EUR', 129995],
    ['1\u00A0299', 'EUR', 129900],
    ["1'299.95", 'CHF', 129995],
    ['1’299.95', 'CHF', 129995],
    ['1.299.950', 'EUR', 129995000],
    ['1,234,567.8', 'EUR', 123456780],
    ['19,-', 'EUR', 1900],
    ['19.–', 'CHF', 1900],
    ['1200', 'JPY', 1200],
    ['1.299.950', 'JPY', 1299950],
    ['1299.950', 'KWD', 1299950],
    ['0.299', 'KWD', 299],
    ['24.0000', 'EUR', 2400],
    ['24.5000', 'EUR', 2450],
    ['1299.00', 'JPY', 1299],
    ['-5.00', 'EUR', -500],
    [' 5.00 ', 'EUR', 500],
  ])('is read from %s in %s as %d', (text, otherwise, amount) => {
    expect(readPrice(text, { otherwise })).toEqual({ amount, currency: otherwise });
  });

  it.each([
    ['1.299,95 €', 'EUR', 129995],
    ['€1.299,95', 'EUR', 129995],
    ['€ 5', 'EUR', 500],
    ['-€5', 'EUR', -500],
    ['€ -5', 'EUR', -500],
    ['£1,299.95', 'GBP', 129995],
    ['19.99 GBP', 'GBP', 1999],
    ['GBP19.99', 'GBP', 1999],
    ['EUR 19,-', 'EUR', 1900],
    ['19,90 euro', 'EUR', 1990],
    ['5 zł', 'PLN', 500],
    ['CA$5', 'CAD', 500],
    ['US$ 5', 'USD', 500],
    ['₩5000', 'KRW', 5000],
    ['€5 EUR', 'EUR', 500],
  ])('has its currency by %s', (text, currency, amount) => {
    expect(readPrice(text, { otherwise: 'NOK' })).toEqual({ amount, currency });
  });

  it.each([
    ['$5', 'USD', 500],
    ['$5', 'AUD', 500],
    ['¥500', 'JPY', 500],
    ['¥500', 'CNY', 50000],
    ['5 kr', 'SEK', 500],
    ['£5', 'GBP', 500],
    ['5', 'EUR', 500],
  ])('%s has the currency that stands beside it', (text, beside, amount) => {
    expect(readPrice(text, { beside, otherwise: 'CHF' })).toEqual({ amount, currency: beside });
  });

  it.each([
    ['1.299', 'de-DE', 129900],
    ['1,299', 'en-GB', 129900],
    ['1.299,95', 'de-DE', 129995],
    ['1.299,95', 'de-AT', 129995],
    ['1 299,95', 'de-AT', 129995],
    ['1.299,95', 'en-US', undefined],
    ['19.99', 'de-DE', undefined],
    ['0.299', 'de-DE', undefined],
    ['19,99', 'fr-FR', 1999],
    ['1 299,95', 'fr-FR', 129995],
    ["1'299.95", 'de-CH', 129995],
    ['12,34,567.89', 'en-IN', 123456789],
    ['1.2.345', 'de-DE', undefined],
    ['5', 'ar-EG', 500],
  ])('%s as %s writes it is %p', (text, locale, amount) => {
    const read = readPrice(text, { otherwise: 'EUR', style: numberStyleOf(locale) });

    expect(read).toEqual(
      amount === undefined ? expect.objectContaining({ code: 'price' }) : { amount, currency: 'EUR' },
    );
  });

  it.each([
    ['1.299', 'ambiguous', 'state how numbers are written by the option locale'],
    ['1,299', 'ambiguous', '1,299 may be read in two ways'],
    ['12.345 €', 'ambiguous', 'two ways'],
    ['19.999', 'ambiguous', 'two ways'],
    ['1999.999', 'decimals', '1999.999 has 3 decimal places, and EUR has 2'],
    ['0,999', 'decimals', 'has 3 decimal places'],
    ['', 'price', 'is empty'],
    ['.99', 'price', 'is not a price'],
    ['1e3', 'price', '1e3 is not a price'],
    ['12x', 'price', 'is not a price'],
    ['19.99 / kg', 'price', 'is not a price'],
    ['1.299.95', 'price', 'is not a price'],
    ['19 99', 'price', 'is not a price'],
    ['1.299,950.00', 'price', 'is not a price'],
    ['19²', 'price', 'is not a price'],
    ['5-', 'price', 'is not a price'],
    ['five', 'price', 'is not a price'],
    ['1'.repeat(100), 'price', `${'1'.repeat(39)}… is not a price`],
    ['$5', 'currency', '$ is not a sign of EUR'],
  ])('%p is a fault: %s', (text, code, detail) => {
    expect(readPrice(text, { otherwise: 'EUR' })).toEqual({ code, detail: expect.stringContaining(detail) });
  });

  it.each([
    ['12.50', 'JPY', 'has 2 decimal places, and JPY has 0'],
    ['12.5', 'JPY', 'has 1 decimal place, and JPY has 0'],
    ['12.3456', 'KWD', 'has 4 decimal places, and KWD has 3'],
  ])('%s has more decimal places than %s', (text, otherwise, detail) => {
    expect(readPrice(text, { otherwise })).toMatchObject({ code: 'decimals', detail: expect.stringContaining(detail) });
  });

  it.each([
    ['1.299', 'en-GB'],
    ['1,299', 'de-DE'],
  ])('%s has more of them as %s writes it', (text, locale) => {
    expect(readPrice(text, { otherwise: 'EUR', style: numberStyleOf(locale) })).toMatchObject({ code: 'decimals' });
  });

  it.each([
    ['5', {}, 'names no currency: add the column price.currency, or state the option currency'],
    ['$5', {}, '$ is the sign of several currencies: add the column'],
    ['€5', { beside: 'GBP' }, '€ is not a sign of GBP, the currency of the price'],
    ['5 EUR', { beside: 'GBP' }, 'EUR is not a sign of GBP'],
    ['€5 GBP', {}, 'GBP is not a sign of EUR'],
  ])('%s with %p has no certain currency', (text, context, detail) => {
    expect(readPrice(text, context)).toMatchObject({ code: 'currency', detail: expect.stringContaining(detail) });
  });

  it('leaves a currency that is none to be refused', () => {
    expect(readPrice('€5', { beside: 'XXP' })).toEqual({ amount: 0, currency: 'XXP' });
  });

  it.each(['de-DE', 'de-AT', 'fr-CH', 'pt-PT', 'nb-NO', 'en-ZA', 'es-MX'])(
    'has no separator with two meanings in %s',
    (locale) => {
      const { decimals, groups } = numberStyleOf(locale);

      expect(Array.from(decimals).filter((separator) => groups.includes(separator))).toEqual([]);
    },
  );
});
