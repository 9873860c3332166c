import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ExportedProduct } from '../products/products.export.service.js';
import { columnsFor, objectOf, tableOf } from './export.columns.js';
import { csvOf } from './export.csv.js';
import { xlsxOf } from './export.xlsx.js';
import { type ImportFormat, readProducts } from './reader.js';
import { namesIn, pathOf, pathsIn } from './reader.paths.js';

/** What separates, quotes, escapes or computes, and letters. */
const UNITS = [
  "'",
  '"',
  '=',
  '-',
  '+',
  '|',
  '>',
  '\\',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  ' ',
  '%',
  '_x000D_',
  '<',
  '&',
  'a',
  '😀',
];
const NEAR = fc.string({ unit: fc.constantFrom(...UNITS), minLength: 1, maxLength: 30 });
const TEXT = fc
  .oneof(NEAR, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }))
  .map((text) => text.normalize('NFC').replaceAll(/[^\P{Cc}\t\n\r]|\p{M}{20,}/gu, ''))
  .filter((text) => text !== '');
const LINE = TEXT.map((text) => text.replaceAll(/\p{Cc}/gu, ' ').trim()).filter((text) => text !== '');

const PRODUCTS: fc.Arbitrary<ExportedProduct> = fc.record({
  id: fc.uuid(),
  sku: fc.stringMatching(/^[A-Z\d]{12}$/),
  name: LINE,
  description: fc.option(TEXT),
  priceAmount: fc.nat(),
  priceCurrency: fc.constantFrom('GBP', 'JPY', 'KWD'),
  status: fc.constantFrom('draft', 'active', 'archived'),
  onHand: fc.nat(1000),
  categories: fc.uniqueArray(fc.array(LINE, { minLength: 1, maxLength: 3 }), { maxLength: 3, selector: pathOf }),
  attributes: fc.record({
    note: LINE,
    mixed: fc.oneof(
      fc.string({ maxLength: 5 }).map((text) => text.replaceAll(/\p{Cc}/gu, '')),
      fc.boolean(),
      fc.integer(),
    ),
  }),
});

async function* filesOf(format: ImportFormat, products: ExportedProduct[]): AsyncGenerator<Uint8Array | string> {
  const columns = columnsFor([
    { name: 'mixed', type: 'json' },
    { name: 'note', type: 'text' },
  ]);
  const table = tableOf(
    columns,
    (async function* () {
      yield await Promise.resolve(products);
    })(),
  );
  if (format === 'csv') yield* csvOf(table);
  else if (format === 'xlsx') yield* xlsxOf(table, new Date(0));
  else yield products.map((product) => `${JSON.stringify(objectOf(product))}\n`).join('');
}

describe('an export', () => {
  it.each(['csv', 'ndjson', 'xlsx'] as const)('in %s is read as the products that it is of', async (format) => {
    const products = [...new Map(fc.sample(PRODUCTS, 500).map((product) => [product.sku, product])).values()];
    const read = [];
    for await (const line of readProducts(filesOf(format, products), format)) {
      read.push('product' in line ? line.product : line.faults);
    }

    expect(read).toEqual(
      products.map(({ id: _, onHand, priceAmount, priceCurrency, ...product }) => ({
        ...product,
        price: { amount: priceAmount, currency: priceCurrency },
        stock: onHand,
      })),
    );
  });

  it('escapes the names of categories so that they are read again', () => {
    const paths = fc.array(fc.array(LINE, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(paths, (all) => {
        expect(pathsIn(all.map(pathOf).join(' | ')).map(namesIn)).toEqual(all);
      }),
    );
  });
});
