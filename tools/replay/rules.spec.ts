import { describe, expect, it } from '@jest/globals';
import type { InvoiceLine } from '../demo/invoice-files.js';
import { classify, type LeftOutReason } from './rules.js';

const PURCHASE: InvoiceLine = {
  invoice: '536365',
  code: '85123A',
  description: 'WHITE HANGING HEART T-LIGHT HOLDER',
  quantity: 6,
  mills: 2550,
  date: '2010-12-01 08:26:00',
  customer: '17850',
};
const CANCELLATION: InvoiceLine = { ...PURCHASE, invoice: 'C536379', quantity: -6 };

describe('a line of an invoice', () => {
  it.each<[string, Partial<InvoiceLine>]>([
    ['of a customer', {}],
    ['of a guest', { customer: null }],
    ['of a product whose code is a word', { code: 'DCGSSGIRL' }],
  ])('is a purchase %s', (_, members) => {
    expect(classify({ ...PURCHASE, ...members })).toBe('purchase');
  });

  it('is a cancellation of goods that a customer returned', () => {
    expect(classify(CANCELLATION)).toBe('cancellation');
  });

  it.each<[LeftOutReason, Partial<InvoiceLine>]>([
    ['postage, carriage and packing', { code: 'POST' }],
    ['fees, discounts and bookkeeping', { code: 'M' }],
    ['gift vouchers', { code: 'GIFT_0001_20' }],
    ['samples', { code: 'S' }],
    ['test codes', { code: 'TEST001' }],
    ['a code that is no SKU', { code: '' }],
    ['a code that is no SKU', { code: '85123 A' }],
    ['debts and their corrections', { invoice: 'A563185', code: 'B', mills: -11_062_060 }],
    ['an invoice number of an unknown form', { invoice: 'X1' }],
    ['a correction of the stock: no units, or fewer, without a cancellation', { quantity: -5, mills: 0 }],
    ['a correction of the stock: no units, or fewer, without a cancellation', { quantity: 0 }],
    ['more units than an order takes', { quantity: 100_001 }],
    ['no price', { mills: 0 }],
    ['a negative price', { mills: -10 }],
    ['a price in fractions of a penny', { mills: 1 }],
  ])('is left out for %s: %j', (leftOut, members) => {
    expect(classify({ ...PURCHASE, ...members })).toEqual({ leftOut });
  });

  it.each<[LeftOutReason, Partial<InvoiceLine>]>([
    ['a cancellation that returns nothing', { quantity: 6 }],
    ['a cancellation without a customer', { customer: null }],
    ['no price', { mills: 0 }],
    ['fees, discounts and bookkeeping', { code: 'D' }],
  ])('of a cancellation is left out for %s: %j', (leftOut, members) => {
    expect(classify({ ...CANCELLATION, ...members })).toEqual({ leftOut });
  });
});
