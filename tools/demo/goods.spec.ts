import { describe, expect, it } from '@jest/globals';
import { isRealDescription, normaliseCode, whyNotGoods } from './goods.js';

describe('whyNotGoods', () => {
  it.each([
    ['POST', 'postage, carriage and packing'],
    ['23444', 'postage, carriage and packing'],
    ['AMAZONFEE', 'fees, discounts and bookkeeping'],
    ['BANK CHARGES', 'fees, discounts and bookkeeping'],
    ['M', 'fees, discounts and bookkeeping'],
    ['S', 'samples'],
    ['GIFT_0001_20', 'gift vouchers'],
  ])('keeps %s out of the shop: %s', (code, reason) => {
    expect(whyNotGoods(code)).toBe(reason);
  });

  it.each(['85123A', '22423', '15056BL', 'DCGSSBOY', 'DCGS0004'])('sells %s', (code) => {
    expect(whyNotGoods(code)).toBeUndefined();
  });
});

describe('normaliseCode', () => {
  it('takes two spellings of a code for one product', () => {
    expect(normaliseCode(' 85123a')).toBe(normaliseCode('85123A'));
  });

  it('knows a fee in small letters', () => {
    expect(whyNotGoods(normaliseCode('m'))).toBe('fees, discounts and bookkeeping');
  });
});

describe('isRealDescription', () => {
  it.each([
    'WHITE HANGING HEART T-LIGHT HOLDER',
    'BAG 125g SWIRLY MARBLES',
    'POLYESTER FILLER PAD 40x40cm',
    "Dr. Jam's Arouzer Stress Ball",
    'FLOWERS HANDBAG blue and orange',
    'CRACKED GLAZE NECKLACE RED',
    'FAUX FUR CHOCOLATE THROW',
  ])('takes "%s" for a name', (description) => {
    expect(isRealDescription(description)).toBe(true);
  });

  it.each([
    ...['', '?', '??', 'damaged', 'Damaged', 'DAMAGED', 'wet/rusty', 'found', 'FOUND', 'amazon', 'check', 'test'],
    ...['thrown away', 'Thrown away.', 'sold as set on dotcom', 'Show Samples', 'Dotcom set', 'MIA', 'Display'],
    ...["thrown away-can't sell.", 'POSSIBLE DAMAGES OR LOST?', 'MERCHANT CHANDLER CREDIT ERROR, STO'],
  ])('takes "%s" for a remark of the stock room', (description) => {
    expect(isRealDescription(description)).toBe(false);
  });
});
