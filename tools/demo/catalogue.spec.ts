import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { REST_CATEGORY } from './categories.js';
import { CATEGORY_PATHS, topOf } from './categorise.js';

const rows: Record<string, string>[] = parse(
  readFileSync(new URL('../../src/demo/data/catalogue.csv', import.meta.url)),
  {
    columns: true,
  },
);

function valuesOf(column: string): string[] {
  return rows.map((row) => row[column] ?? '');
}

const categories = valuesOf('categories').map((paths) => paths.split(' | '));

describe('the demo catalogue', () => {
  it('holds thousands of products under the columns of the import', () => {
    expect(rows.length).toBeGreaterThan(3000);
    expect(Object.keys(rows[0] ?? {}).join()).toBe(
      'sku,name,description,price.amount,price.currency,categories,stock,status',
    );
  });

  it('has each sku once, in order, short enough for the shop', () => {
    const skus = valuesOf('sku');
    expect(skus).toEqual([...new Set(skus)].sort());
    expect(skus.filter((sku) => !/^[A-Z0-9]{1,32}$/.test(sku))).toEqual([]);
  });

  it('has a name for each product', () => {
    expect(valuesOf('name').filter((name) => name.trim() !== name || name === '' || name.length > 200)).toEqual([]);
  });

  it('has prices above zero in whole pennies of pound sterling', () => {
    expect(valuesOf('price.amount').filter((amount) => !/^[1-9]\d*$/.test(amount))).toEqual([]);
    expect(new Set(valuesOf('price.currency'))).toEqual(new Set(['GBP']));
  });

  it('has a stock that is never negative, and every product on sale', () => {
    expect(valuesOf('stock').filter((stock) => !/^\d+$/.test(stock))).toEqual([]);
    expect(new Set(valuesOf('status'))).toEqual(new Set(['active']));
  });

  it('files each product under one or two categories that the rules know', () => {
    expect(categories.flat().filter((path) => !CATEGORY_PATHS.includes(path))).toEqual([]);
    expect(categories.filter((paths) => paths.length < 1 || paths.length > 2)).toEqual([]);
  });

  it('has something in each category', () => {
    const used = new Set(categories.flat());
    expect(CATEGORY_PATHS.filter((path) => path !== REST_CATEGORY && !used.has(path))).toEqual([]);
  });

  it('leaves less than a quarter to the rest, and no top category a third of the shop', () => {
    const share = (top: string): number =>
      categories.filter((paths) => paths.some((path) => topOf(path) === top)).length / categories.length;
    expect(share(REST_CATEGORY)).toBeLessThan(0.25);
    expect([...new Set(CATEGORY_PATHS.map(topOf))].filter((top) => share(top) > 0.3)).toEqual([]);
  });
});
