import type { Row } from './measure.js';

const rate = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

const HEADINGS = ['operation', 'Stockroom/s', 'bare/s', 'docs/s', 'to bare', 'to docs', 'p99 ms'];

const cells = (row: Row): string[] => [
  row.operation,
  rate.format(row.stockroom),
  rate.format(row.bare),
  rate.format(row.docs),
  row.ratioToBare.toFixed(2),
  row.ratioToDocs.toFixed(2),
  row.p99.toFixed(1),
];

/** The rows for a terminal. */
export function table(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
