import { CsvError, parse } from 'csv-parse/sync';
import { type Line, MAX_LINE_BYTES } from './reader.lines.js';

/** How many lines are parsed at once: few enough that what follows a broken one is soon parsed again. */
const SLICE = 64;

/** A record of a CSV file, or what is wrong with the line that stands in its place. */
export interface CsvRecord {
  /** The number of its first line. */
  line: number;
  /** How many bytes of the stream there are up to its end. */
  end: number;
  fields: string[];
  fault?: { code: string; detail: string; field?: number };
}

/**
 * Groups lines into the records that they are (RFC 4180: a quoted field may hold line breaks), parsed by csv-parse. Where
 * that gives up, the line where the broken record begins is at fault, and reading goes on with the next line. Empty lines
 * are no records.
 */
export async function* readRecords(batches: AsyncIterable<Line[]>): AsyncGenerator<CsvRecord> {
  let pending: Line[] = [];
  let enough = 0;
  for await (const lines of batches) {
    pending = pending.length > 0 ? [...pending, ...lines] : lines;
    if (pending.length < enough) continue;
    pending = yield* recordsOf(pending, false);
    // An open quote may close far away: looking again only after as much again has come keeps the work linear.
    enough = pending.length * 2;
  }
  yield* recordsOf(pending, true);
}

/** @returns the lines of a record that is not complete yet; with `last` there are none. */
function* recordsOf(lines: readonly Line[], last: boolean): Generator<CsvRecord, Line[]> {
  let start = 0;
  let size = SLICE;
  for (let first = lines[start]; first; first = lines[start]) {
    if (first.tooLong) {
      yield faulty(first, { code: 'tooLong', detail: `must be at most ${String(MAX_LINE_BYTES)} bytes` });
      start++;
      continue;
    }
    const slice = lines.slice(start, start + size);
    const readable = slice.slice(0, firstTooLong(slice));
    const { records, error } = parseAll(readable);
    for (const fields of records) {
      const begin = lines[start];
      start += linesOf(fields);
      const end = lines[start - 1];
      if (begin && end && fields.some((field) => field !== '')) yield { line: begin.number, end: end.end, fields };
    }
    size = SLICE;
    if (!error || records.length > 0) continue;

    const mayClose = error.code === 'CSV_QUOTE_NOT_CLOSED' && readable.length === slice.length && !isTooLong(readable);
    if (mayClose && start + slice.length < lines.length) {
      size = slice.length * 2;
    } else if (mayClose && !last) {
      return lines.slice(start);
    } else {
      yield faulty(first, { code: 'quote', detail: describe(error), field: fieldOf(error) });
      start++;
    }
  }
  return [];
}

function parseAll(lines: readonly Line[]): { records: string[][]; error?: CsvError } {
  const records: string[][] = [];
  try {
    parse(lines.map(({ text }) => `${text}\n`).join(''), {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      on_record: (fields: string[]) => {
        records.push(fields);
        return null;
      },
    });
    return { records };
  } catch (error) {
    if (error instanceof CsvError) return { records, error };
    throw error;
  }
}

const firstTooLong = (lines: readonly Line[]): number | undefined => {
  const at = lines.findIndex(({ tooLong }) => tooLong);
  return at === -1 ? undefined : at;
};

const isTooLong = (lines: readonly Line[]): boolean =>
  lines.reduce((bytes, { text }) => bytes + text.length, 0) > MAX_LINE_BYTES;

/** How many lines a record takes: a line break inside of it stands in a field. */
const linesOf = (fields: readonly string[]): number =>
  fields.reduce((lines, field) => lines + field.split('\n').length - 1, 1);

const faulty = ({ number, end }: Line, fault: CsvRecord['fault']): CsvRecord => ({
  line: number,
  end,
  fields: [],
  fault,
});

const fieldOf = (error: CsvError): number | undefined =>
  'column' in error && typeof error.column === 'number' ? error.column : undefined;

const describe = ({ code }: CsvError): string =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'begins with a quote that is not closed'
    : code === 'CSV_INVALID_CLOSING_QUOTE'
      ? 'goes on after its closing quote: a quote inside of a quoted field is written twice'
      : 'has a quote inside: such a field is put into quotes, and the quote in it written twice';
