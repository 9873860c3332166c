import type { ExportedAttribute, ExportedProduct } from '../products/products.export.service.js';
import { pathOf } from './reader.paths.js';

/** A cell of a table; null for an empty one. */
export type Cell = string | number | boolean | null;

interface ExportColumn {
  name: string;
  cellOf: (product: ExportedProduct) => Cell;
}

/** A product as an import takes it on a line of NDJSON. */
export const objectOf = (product: ExportedProduct): object => ({
  sku: product.sku,
  name: product.name,
  description: product.description,
  price: { amount: product.priceAmount, currency: product.priceCurrency },
  categories: product.categories.map(pathOf),
  stock: product.onHand,
  status: product.status,
  attributes: product.attributes,
});

const COLUMNS: readonly ExportColumn[] = [
  { name: 'sku', cellOf: ({ sku }) => sku },
  { name: 'name', cellOf: ({ name }) => name },
  { name: 'description', cellOf: ({ description }) => description },
  { name: 'price.amount', cellOf: ({ priceAmount }) => priceAmount },
  { name: 'price.currency', cellOf: ({ priceCurrency }) => priceCurrency },
  { name: 'categories', cellOf: ({ categories }) => categories.map(pathOf).join(' | ') || null },
  { name: 'stock', cellOf: ({ onHand }) => onHand },
  { name: 'status', cellOf: ({ status }) => status },
];

/** The columns of a table as an import reads it: `attributes.colour:text` is a column of texts. */
export const columnsFor = (attributes: readonly ExportedAttribute[]): readonly ExportColumn[] => [
  ...COLUMNS,
  ...attributes.map(({ name, type }) => ({
    name: `attributes.${name}:${type}`,
    cellOf: ({ attributes: values }: ExportedProduct): Cell => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) return null;
      return type === 'json' ? JSON.stringify(value) : value;
    },
  })),
];

/** The records of a table, the names of its columns first. */
export async function* tableOf(
  columns: readonly ExportColumn[],
  batches: AsyncIterable<ExportedProduct[]>,
): AsyncGenerator<Cell[][]> {
  yield [columns.map(({ name }) => name)];
  for await (const batch of batches) yield batch.map((product) => columns.map(({ cellOf }) => cellOf(product)));
}
