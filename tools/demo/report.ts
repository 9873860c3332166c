import { REST_CATEGORY } from './categories.js';
import { CATEGORY_PATHS, topOf } from './categorise.js';
import type { CatalogueProduct, DerivedCatalogue } from './derive.js';

const number = new Intl.NumberFormat('en-GB');

/**
 * What the command prints: how many products there are in each category, and what was left out and why. A product in
 * two categories counts in both; a share is of all products.
 */
export function describeCatalogue(catalogue: DerivedCatalogue): string {
  const { products, leftOut, lines, adjustmentLines, codes } = catalogue;
  const inTwo = products.filter(({ categories }) => categories.length > 1).length;
  return [
    `${number.format(lines)} lines, ${number.format(codes)} stock codes, ${number.format(products.length)} products`,
    `(${number.format(inTwo)} of them in two categories, ${number.format(withoutStock(products))} without stock).`,
    `${number.format(adjustmentLines)} lines of these products are neither a sale nor a return at a price: passed over.`,
    '',
    'Products by category',
    ...categoryRows(products),
    '',
    'Left out',
    ...[...leftOut]
      .sort(([, a], [, b]) => b.codes - a.codes || b.lines - a.lines)
      .map(([reason, figures]) => row(reason, figures.codes, `codes, ${number.format(figures.lines)} lines`)),
    '',
  ].join('\n');
}

function categoryRows(products: readonly CatalogueProduct[]): string[] {
  const rowsOfTop = (top: string): string[] => {
    const inTop = products.filter(({ categories }) => categories.some((path) => topOf(path) === top)).length;
    const share = `${((inTop * 100) / Math.max(1, products.length)).toFixed(1)} %`;
    const subs = CATEGORY_PATHS.filter((path) => path !== top && topOf(path) === top).map((path) =>
      row(`  ${path.slice(top.length + ' > '.length)}`, products.filter((p) => p.categories.includes(path)).length),
    );
    return [row(top, inTop, share), ...subs.sort()];
  };
  const tops = [...new Set(CATEGORY_PATHS.map(topOf))].filter((top) => top !== REST_CATEGORY).sort();
  return [...tops, REST_CATEGORY].flatMap(rowsOfTop);
}

function withoutStock(products: readonly CatalogueProduct[]): number {
  return products.filter(({ stock }) => stock === 0).length;
}

function row(label: string, value: number, note = ''): string {
  return `  ${label.padEnd(40)}${number.format(value).padStart(6)}  ${note}`.trimEnd();
}
