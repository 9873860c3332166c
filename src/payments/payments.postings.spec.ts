import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entriesOfPayment, entriesOfRefund } from './payments.postings.js';

const amounts = fc.integer({ min: 1, max: 999_999_999_999 });
const sumOf = (entries: { amount: number }[]): number => entries.reduce((sum, { amount }) => sum + amount, 0);

describe('what payments post', () => {
  it('is clearing, revenue and shipping of an order that is paid in full', () => {
    expect(entriesOfPayment(1000, { total: 1000, shippingTotal: 150, currency: 'GBP' })).toEqual([
      { account: 'clearing', amount: 1000, currency: 'GBP' },
      { account: 'revenue', amount: -850, currency: 'GBP' },
      { account: 'shipping', amount: -150, currency: 'GBP' },
    ]);
  });

  it('P26: is whole, never zero, and sums to zero, for any part of an order that is paid or refunded', () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (total, paid, shipping) => {
        const order = { total, shippingTotal: Math.min(shipping, total), currency: 'GBP' };
        const all = [
          entriesOfPayment(Math.min(paid, total), order),
          entriesOfRefund(paid, Math.min(shipping, paid), 'GBP'),
        ];
        for (const entries of all) {
          expect(sumOf(entries)).toBe(0);
          for (const { amount } of entries) expect(Number.isSafeInteger(amount) && amount !== 0).toBe(true);
        }
      }),
    );
  });

  it('is refunds and shipping, out of clearing, of a refund', () => {
    expect(entriesOfRefund(650, 150, 'GBP')).toEqual([
      { account: 'refunds', amount: 500, currency: 'GBP' },
      { account: 'shipping', amount: 150, currency: 'GBP' },
      { account: 'clearing', amount: -650, currency: 'GBP' },
    ]);
  });
});
