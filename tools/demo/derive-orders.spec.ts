import { describe, expect, it } from '@jest/globals';
import { type Plan, planOf } from '../replay/plan.js';
import { catalogueOf } from './derive.js';
import { deriveOrders, type DemoOrderLine, toOrdersCsv } from './derive-orders.js';
import type { InvoiceLine } from './invoice-files.js';

const line = (invoice: string, date: string, changes: Partial<InvoiceLine> = {}): InvoiceLine => ({
  invoice,
  code: '22423',
  description: 'BIG MUG',
  quantity: 2,
  mills: 2550,
  date: `${date} 10:00:00`,
  customer: '17850',
  ...changes,
});
const derive = (lines: readonly InvoiceLine[], plan: Plan = planOf(lines)): DemoOrderLine[] =>
  deriveOrders(plan, catalogueOf(lines).products);
/** Bought by others, so that there is stock. */
const OTHERS = line('1', '2010-12-01', { quantity: 100 });

describe('deriveOrders', () => {
  it('counts the time of each order back from the latest one', () => {
    const orders = derive([OTHERS, line('2', '2011-09-28'), line('3', '2011-09-29')]);

    expect(orders.map(({ order, minutesAgo }) => [order, minutesAgo])).toEqual([
      [1, 1440],
      [2, 0],
    ]);
  });

  it('takes orders of the last four weeks alone', () => {
    expect(derive([OTHERS, line('2', '2011-09-01'), line('3', '2011-09-30')])).toHaveLength(1);
  });

  it.each<[string, InvoiceLine[]]>([
    ['of a guest', [line('2', '2011-09-29', { customer: null })]],
    [
      'of more than the stock',
      [line('2', '2011-09-29', { quantity: 1000 }), line('C3', '2011-09-29', { quantity: -900 })],
    ],
    ['with a product at two prices', [line('2', '2011-09-29'), line('2', '2011-09-29', { mills: 2000 })]],
    [
      'with more items than are shown at once',
      Array.from({ length: 13 }, (_, at) => line('2', '2011-09-29', { code: `2242${String(at)}` })),
    ],
  ])('takes no order %s', (_, lines) => {
    expect(derive([OTHERS, ...lines, line('9', '2011-09-30')]).map(({ minutesAgo }) => minutesAgo)).toEqual([0]);
  });

  it('says what came back, and when', () => {
    const lines = [OTHERS, line('2', '2011-09-28'), line('C3', '2011-09-29', { quantity: -1 })];

    expect(derive(lines)).toEqual([
      { order: 1, customer: 1, minutesAgo: 1440, sku: '22423', quantity: 2, returned: 1, returnedMinutesAgo: 0 },
    ]);
  });

  it('makes the customer who returned something the first one, and writes no number of the data', () => {
    const lines = [
      OTHERS,
      line('2', '2011-09-26', { customer: '12345' }),
      line('3', '2011-09-27', { customer: '12345' }),
      line('4', '2011-09-28', { customer: '13047' }),
      line('C5', '2011-09-29', { customer: '13047', quantity: -1 }),
    ];
    const orders = derive(lines);

    expect(orders.map(({ order, customer }) => [order, customer])).toEqual([
      [1, 2],
      [2, 2],
      [3, 1],
    ]);
    expect(toOrdersCsv(orders)).not.toMatch(/12345|13047/);
  });

  it('takes at most six orders of a customer, those of which something came back first', () => {
    const other = { code: '85123A' };
    const days = Array.from({ length: 9 }, (_, at) => line(String(at + 2), `2011-09-1${String(at)}`));
    const orders = derive([
      line('1', '2010-12-01', { quantity: 100, ...other }),
      OTHERS,
      line('30', '2011-09-09', other),
      ...days,
      line('C31', '2011-09-19', { quantity: -1, ...other }),
    ]);

    expect(orders).toHaveLength(6);
    expect(orders[0]).toMatchObject({ sku: '85123A', returned: 1 });
  });

  it('is written as CSV', () => {
    const lines = [
      OTHERS,
      line('2', '2011-09-28'),
      line('3', '2011-09-29'),
      line('C4', '2011-09-29', { quantity: -1 }),
    ];

    expect(toOrdersCsv(derive(lines))).toBe(
      'order,customer,minutesAgo,sku,quantity,returned,returnedMinutesAgo\n1,1,1440,22423,2,0,\n2,1,0,22423,2,1,0\n',
    );
  });
});
