import { describe, expect, it } from '@jest/globals';
import { toCsv } from './catalogue-csv.js';
import { CatalogueDerivation, type DerivedCatalogue } from './derive.js';
import type { InvoiceLine } from './invoice-files.js';

function line(changes: Partial<InvoiceLine>): InvoiceLine {
  return { invoice: '536365', code: '22423', description: 'BIG MUG', quantity: 1, pennies: 255, ...changes };
}

function derive(lines: InvoiceLine[]): DerivedCatalogue {
  const derivation = new CatalogueDerivation();
  for (const one of lines) {
    derivation.add(one);
  }
  return derivation.finish();
}

describe('CatalogueDerivation', () => {
  it('makes one product of all lines of a code, in upper or lower case', () => {
    const { products } = derive([line({ code: '85123A' }), line({ code: '85123a' })]);
    expect(products.map(({ sku }) => sku)).toEqual(['85123A']);
  });

  it('names a product by its most frequent name and prices it at its most frequent price', () => {
    const { products } = derive([
      line({ description: 'BIG MUG ', pennies: 295 }),
      line({ description: 'MUG', pennies: 255 }),
      line({ description: 'BIG  MUG', pennies: 255 }),
    ]);
    expect(products).toMatchObject([{ name: 'Big Mug', price: 255 }]);
  });

  it('does not depend on the order of the lines where two names or prices are equally frequent', () => {
    const lines = [line({ description: 'MUG A', pennies: 295 }), line({ description: 'MUG B', pennies: 255 })];
    expect(derive(lines).products).toEqual(derive(lines.toReversed()).products);
    expect(derive(lines).products).toMatchObject([{ name: 'Mug A', price: 255 }]);
  });

  it('stocks what was sold less what came back, and a tenth more, rounded up', () => {
    const { products } = derive([line({ quantity: 15 }), line({ invoice: 'C536379', quantity: -4 })]);
    expect(products).toMatchObject([{ stock: 13 }]);
  });

  it('adds exactly a tenth to round numbers', () => {
    expect(derive([line({ quantity: 70 })]).products).toMatchObject([{ stock: 77 }]);
  });

  it('stocks nothing when more came back than was sold', () => {
    const { products } = derive([line({ quantity: 1 }), line({ invoice: 'C536379', quantity: -5 })]);
    expect(products).toMatchObject([{ stock: 0 }]);
  });

  it('passes over bookings of damage and finds, and counts them', () => {
    const { products, adjustmentLines } = derive([
      line({ quantity: 10 }),
      line({ quantity: -8, pennies: 0, description: 'damaged' }),
      line({ quantity: 50, pennies: 0, description: 'found' }),
    ]);
    expect(products).toMatchObject([{ stock: 11, name: 'Big Mug' }]);
    expect(adjustmentLines).toBe(2);
  });

  it('leaves out services, goods without a price and goods without a name, each counted with its reason', () => {
    const { products, leftOut } = derive([
      line({ code: 'POST', description: 'POSTAGE' }),
      line({ code: 'POST', description: 'POSTAGE' }),
      line({ code: 'DOT', description: 'DOTCOM POSTAGE' }),
      line({ code: '21134', description: '', pennies: 0 }),
      line({ code: 'PADS', description: 'PADS TO MATCH ALL CUSHIONS', pennies: undefined }),
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
    const { products } = derive([line({ code: '22424', description: 'CHRISTMAS MUG', quantity: 10 })]);
    expect(toCsv(products)).toBe(
      'sku,name,description,price.amount,price.currency,categories,stock,status\n' +
        '22424,Christmas Mug,,255,GBP,Christmas > Table & Gifts | Kitchen & Dining > Mugs & Cups,11,active\n',
    );
  });

  it('quotes a name that holds a comma or quotes', () => {
    const { products } = derive([line({ description: 'KEY FOB , "SHED"' })]);
    expect(toCsv(products)).toContain('22423,"Key Fob, ""Shed""",,255,');
  });
});
