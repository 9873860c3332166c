import { csvLine } from '../common/http/syntax/csv.js';
import type { FaultyLine } from './imports.faulty-lines.repository.js';
import { FAULT_COLUMN } from './reader.columns.js';

/**
 * A CSV file of the lines that were left out, as they were, to be corrected and imported: the last column says what is wrong, and is
 * skipped then. It begins with a byte order mark, by which spreadsheets know that it is UTF-8.
 * @param lines the header first.
 */
export function correctionsOf(lines: readonly FaultyLine[], delimiter: string): string {
  const [header, ...faulty] = lines;
  if (!header) return '';
  // that of a file that was corrected once
  const earlier = header.cells.findIndex((name) => name.trim() === FAULT_COLUMN);
  const without = (cells: readonly string[]): string[] => cells.filter((_, place) => place !== earlier);
  const names = without(header.cells);
  const padded = (cells: readonly string[]): string[] => [
    ...cells,
    ...Array.from({ length: Math.max(0, names.length - cells.length) }, () => ''),
  ];
  const records = faulty.map(({ cells, faults }) => [...padded(without(cells)), faults ?? '']);
  return `\uFEFF${[[...names, FAULT_COLUMN], ...records].map((cells) => csvLine(cells, delimiter)).join('')}`;
}
