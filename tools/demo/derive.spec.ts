import { describe, expect, it } from '@jest/globals';
import { toCsv } from './catalogue-csv.js';
import { catalogueOf } from './derive.js';
import type { InvoiceLine } from './invoice-files.js';

/** A line, with a price in pennies. */
function line({ pennies = 255, ...changes }: Partial<InvoiceLine> & { pennies?: number }): InvoiceLine {
  const sale = { invoice: '536365', code: '22423', description: 'BIG MUG', quantity: 1 };
  return { ...sale, mills: pennies * 10, date: '2010-12-01 08:26:00', customer: '17850', ...changes };
}

describe('catalogueOf', () => {
  it('names a product by its most frequent name and prices it at its most frequent price', () => {
    const { products } = catalogueOf([
      line({ description: 'BIG MUG ', pennies: 295 }),
      line({ description: 'MUG', pennies: 255 }),
      line({ description: 'BIG  MUG', pennies: 255 }),
    ]);
    expect(products).toMatchObject([{ name: 'Big Mug', price: 255 }]);
  });

  it('does not depend on the order of the lines where two names or prices are equally frequent', () => {
    const lines = [line({ description: 'MUG A', pennies: 295 }), line({ description: 'MUG B', pennies: 255 })];
    expect(catalogueOf(lines).products).toEqual(catalogueOf(lines.toReversed()).products);
    expect(catalogueOf(lines).products).toMatchObject([{ name: 'Mug A', price: 255 }]);
  });

  it('stocks what was sold less what came back, and a tenth more, rounded up', () => {
    const { products } = catalogueOf([line({ quantity: 15 }), line({ invoice: 'C536379', quantity: -4 })]);
    expect(products).toMatchObject([{ stock: 13 }]);
  });

  it('adds exactly a tenth to round numbers', () => {
    expect(catalogueOf([line({ quantity: 70 })]).products).toMatchObject([{ stock: 77 }]);
  });

  it('stocks nothing when more came back than was sold', () => {
    const { products } = catalogueOf([line({ quantity: 1 }), line({ invoice: 'C536379', quantity: -5 })]);
    expect(products).toMatchObject([{ stock: 0 }]);
  });

  it('passes over bookings of damage and finds, and counts them', () => {
    const { products, adjustmentLines } = catalogueOf([
      line({ quantity: 10 }),
      line({ quantity: -8, pennies: 0, description: 'damaged' }),
      line({ quantity: 50, pennies: 0, description: 'found' }),
    ]);
    expect(products).toMatchObject([{ stock: 11, name: 'Big Mug' }]);
    expect(adjustmentLines).toBe(2);
  });

  it('leaves out services, goods without a price and goods without a name, each counted with its reason', () => {
    const { products, leftOut } = catalogueOf([
      line({ code: 'POST', description: 'POSTAGE' }),
      line({ code: 'POST', description: 'POSTAGE' }),
      line({ code: 'DOT', description: 'DOTCOM POSTAGE' }),
      line({ code: '21134', description: '', pennies: 0 }),
      line({ code: 'PADS', description: 'PADS TO MATCH ALL CUSHIONS', pennies: 0.1 }),
      line({ code: '22424', description: 'damages?' }),
    ]);
    expect(products).toEqual([]);
    expect(Object.fromEntries(leftOut)).toEqual({
      'postage, carriage and packing': { codes: 2, lines: 3 },
      'no price above zero in whole pennies': { codes: 2, lines: 2 },
      'no description': { codes: 1, lines: 1 },
    });
  });
});

describe('toCsv', () => {
  it('writes the columns that the import reads, with the price in pennies and both categories', () => {
    const { products } = catalogueOf([line({ code: '22424', description: 'CHRISTMAS MUG', quantity: 10 })]);
    expect(toCsv(products)).toBe(
      'sku,name,description,price.amount,price.currency,categories,stock,status\n' +
        '22424,Christmas Mug,,255,GBP,Christmas > Table & Gifts | Kitchen & Dining > Mugs & Cups,11,active\n',
    );
  });

  it('quotes a name that holds a comma or quotes', () => {
    const { products } = catalogueOf([line({ description: 'KEY FOB , "SHED"' })]);
    expect(toCsv(products)).toContain('22423,"Key Fob, ""Shed""",,255,');
  });
});
