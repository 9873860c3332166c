import type { CatalogueProduct } from './derive.js';

const HEADER = 'sku,name,description,price.amount,price.currency,categories,stock,status';

/**
 * The products as the CSV file that the shop imports (RFC 4180, but lines end in LF): `price.amount` in pennies,
 * `categories` as paths joined by ` | `. No description is written, for the data tells no more than the name.
 */
export function toCsv(products: readonly CatalogueProduct[]): string {
  const rows = products.map(({ sku, name, price, categories, stock }) =>
    [sku, name, '', String(price), 'GBP', categories.join(' | '), String(stock), 'active'].map(toField).join(','),
  );
  return [HEADER, ...rows].map((row) => `${row}\n`).join('');
}

function toField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
