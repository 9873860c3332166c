import { describe, expect, it } from '@jest/globals';
import type { InvoiceLine } from '../demo/invoice-files.js';
import { faultsOf, planOf } from './plan.js';
import { describePlan } from './report.js';

const line = (invoice: string, code: string, quantity: number, mills: number, more: object = {}): InvoiceLine => ({
  invoice,
  code,
  description: 'WHITE METAL LANTERN',
  quantity,
  mills,
  date: '2010-12-01 08:26:00',
  customer: '17850',
  ...more,
});

describe('the plan of a replay', () => {
  it('has an order for each invoice, with the lines of one product at one price as one item', () => {
    const { orders } = planOf([
      line('1', '71053', 2, 3390),
      line('1', '71053', 3, 3390),
      line('1', '71053', 1, 3000),
      line('2', '71053', 1, 3390, { customer: null }),
    ]);

    expect(orders).toEqual([
      {
        reference: '1',
        customer: '17850',
        date: '2010-12-01 08:26:00',
        items: [
          { sku: '71053', price: 339, quantity: 5 },
          { sku: '71053', price: 300, quantity: 1 },
        ],
      },
      {
        reference: '2',
        customer: 'guest',
        date: '2010-12-01 08:26:00',
        items: [{ sku: '71053', price: 339, quantity: 1 }],
      },
    ]);
  });

  it('has several orders for an invoice with more items than an order has', () => {
    const lines = Array.from({ length: 201 }, (_, at) => line('1', `SKU${String(at)}`, 1, 1000));
    const { orders } = planOf([...lines, line('C2', 'SKU200', -1, 1000)]);
    const { refunds } = planOf([...lines, line('C2', 'SKU200', -1, 1000)]);

    expect(orders.map(({ reference, items }) => [reference, items.length])).toEqual([
      ['1', 100],
      ['1/2', 100],
      ['1/3', 1],
    ]);
    expect(refunds.map(({ order }) => order)).toEqual(['1/3']);
  });

  it('puts invoices in the order of their times, and finds no purchase that is later', () => {
    const later = { date: '2010-12-02 08:00:00' };
    const plan = planOf([
      line('3', '71053', 1, 3390, later),
      line('C2', '71053', -1, 3390),
      line('1', '71053', 1, 3390, { customer: '13047' }),
    ]);

    expect(plan.orders.map(({ reference }) => reference)).toEqual(['1', '3']);
    expect(plan.refunds).toEqual([]);
    expect(plan.leftOut.get('a cancellation without a purchase')).toEqual({ lines: 1, amount: -3390 });
  });

  it('refunds what was bought at the price of the purchase, and counts what that differs by', () => {
    const plan = planOf([line('1', '71053', 10, 3390), line('C2', '71053', -12, 3250)]);

    expect(plan.refunds).toEqual([
      {
        cancellation: 'C2',
        order: '1',
        date: '2010-12-01 08:26:00',
        items: [{ sku: '71053', price: 339, quantity: 10 }],
      },
    ]);
    expect(Object.fromEntries(plan.leftOut)).toEqual({
      'units of a cancellation beyond those bought': { lines: 0, amount: -6500 },
      'the price of a cancellation differs from that of its purchase': { lines: 0, amount: 1400 },
    });
    expect(plan.totals).toEqual({
      lines: 2,
      importedLines: 2,
      sum: -5100,
      sold: 10,
      returned: 10,
      captured: 3390,
      refunded: 3390,
    });
    expect(faultsOf(plan)).toEqual([]);
  });

  it('adds to what earlier lines made, and changes nothing of it', () => {
    const lines = [line('1', '71053', 2, 3390), line('C2', '71053', -1, 3390)];
    const later = [line('3', '71053', 9, 3390), line('C4', '71053', -10, 3390)];
    const [before, after] = [planOf(lines), planOf([...lines, ...later])];

    expect(after.orders.slice(0, 1)).toEqual(before.orders);
    expect(after.refunds.slice(0, 1)).toEqual(before.refunds);
  });

  it('is at fault when lines or money are neither imported nor left out', () => {
    const plan = planOf([line('1', '71053', 2, 3390), line('2', 'POST', 1, 18_000)]);

    expect(faultsOf(plan)).toEqual([]);
    expect(faultsOf({ ...plan, leftOut: new Map() })).toEqual([
      '1 of 2 lines are imported or left out',
      '6780 of 24780 mills are imported or left out',
    ]);
  });

  it('is printed with what is left out, to the tenth of a penny', () => {
    const plan = planOf([line('1', '71053', 2, 3390), line('2', 'POST', -1, 18_001), line('3', '71053', 1, 1)]);

    expect(describePlan(plan).split('\n')).toEqual([
      '                                   lines      GBP',
      'in the files                           3  -11.220',
      'imported: 1 orders, 0 refunds          1    6.780',
      'left out                               2  -18.000',
      '  a price in fractions of a penny      1    0.001',
      '  postage, carriage and packing        1  -18.001',
      '',
    ]);
  });
});
