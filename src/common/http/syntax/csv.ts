import { guarded } from '../../text/formulas.js';

/** The columns of a list as CSV: by the name in the first line, the members that lead to the value, with dots between them. */
export type CsvColumns = Readonly<Record<string, string>>;

/** A text that is a number, also a negative one. */
const NUMBER = /^[+-]?\d[\d.,]*$/;

/** What has to stand in quotes, beside what separates fields; RFC 4180 §2. */
const QUOTED = /["\r\n]/;

/**
 * Says in CSV (RFC 4180) what the rows of a page say in JSON, the names of the columns first. A text that a spreadsheet would take
 * for a formula has an apostrophe before it; numbers are numbers, also negative ones. Null is nothing.
 * @param json a page: `{"data": […], …}`.
 */
export function csvOf(json: string, columns: CsvColumns): string {
  const page: unknown = JSON.parse(json);
  const data: unknown = memberOf(page, 'data');
  const rows: unknown[] = Array.isArray(data) ? data : [];
  const paths = Object.values(columns).map((path) => path.split('.'));
  return [Object.keys(columns), ...rows.map((row) => paths.map((path) => path.reduce(memberOf, row)))]
    .map(csvRecord)
    .join('');
}

/** One record of CSV, with its line end: texts are guarded against formulas, null is nothing. */
export const csvRecord = (values: readonly unknown[]): string => `${values.map(fieldOf).join(',')}\r\n`;

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return quoted(guarded(value));
}

const quoted = (text: string, delimiter = ','): string =>
  text.includes(delimiter) || QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * A line of a CSV file with texts as they are; one that a spreadsheet would take for a formula, and that is no number, is guarded.
 */
export const csvLine = (cells: readonly string[], delimiter: string): string =>
  `${cells.map((cell) => quoted(NUMBER.test(cell) ? cell : guarded(cell), delimiter)).join(delimiter)}\r\n`;
