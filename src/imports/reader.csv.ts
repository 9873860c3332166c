import { CsvError, parse } from 'csv-parse/sync';
import { unguarded } from '../common/text/formulas.js';
import { type Line, MAX_LINE_BYTES } from './reader.lines.js';
import type { Turns } from './reader.turns.js';

/** What may separate the fields of a record, the first one where nothing else is known. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The most columns of a header, and fields of a record: checked before csv-parse makes a list of them. */
export const MAX_FIELDS = 200;

/** How many lines are parsed at once, and about how many bytes for each of them. */
const SLICE_LINES = 64;
const LINE_BYTES = 1024;

/** A record of a CSV file, or what is wrong with the line that stands in its place. */
export interface CsvRecord {
  /** The number of its first line. */
  line: number;
  /** How many bytes of the stream there are up to its end. */
  end: number;
  fields: string[];
  /** The places of the fields that a workbook has as numbers: of these a point is always before the fraction. */
  numbers?: ReadonlySet<number>;
  /** Whether all of it is in the encoding of the file; what is not stands as U+FFFD in its field. */
  isText: boolean;
  /** What stands in the place of fields where the line is broken: what is between delimiters. */
  pieces?: string[];
  fault?: { code: string; detail: string; field?: number };
}

/**
 * Groups lines into the records that they are (RFC 4180: a quoted field may hold line breaks), parsed by csv-parse. Where
 * that gives up, the line where the broken record begins is at fault, and reading goes on with the next line. Empty lines
 * are no records.
 */
export async function* readRecords(
  batches: AsyncIterable<Line[]>,
  delimiter: Delimiter,
  turns: Turns,
): AsyncGenerator<CsvRecord, void> {
  let pending: Line[] = [];
  let enough = 0;
  for await (const lines of batches) {
    pending = pending.length > 0 ? [...pending, ...lines] : lines;
    if (pending.length < enough) continue;
    pending = yield* recordsOf(pending, delimiter, false, turns);
    // An open quote may close far away: looking again only after as much again has come keeps the work linear.
    enough = pending.length * 2;
  }
  yield* recordsOf(pending, delimiter, true, turns);
}

/** @returns the lines of a record that is not complete yet; with `last` there are none. */
async function* recordsOf(
  lines: readonly Line[],
  delimiter: Delimiter,
  last: boolean,
  turns: Turns,
): AsyncGenerator<CsvRecord, Line[]> {
  let start = 0;
  let size = SLICE_LINES;
  for (let first = lines[start]; first; first = lines[start]) {
    if (turns.over) await turns.next();
    if (isEmpty(first)) {
      start++;
      continue;
    }
    const slice = sliceOf(lines, start, size, delimiter);
    if (slice.lines.length === 0) {
      yield faulty(first, delimiter, slice.stop === 'tooLong' ? TOO_LONG : TOO_WIDE);
      start++;
      continue;
    }
    const { records, error } = parseAll(slice.lines, delimiter);
    for (const fields of records) {
      const begin = lines[start];
      const count = linesOf(fields);
      const isText = lines.slice(start, start + count).every((line) => line.isText);
      start += count;
      const end = lines[start - 1];
      if (begin && end && fields.some((field) => field.trim() !== '')) {
        yield { line: begin.number, end: end.end, fields: fields.map(unguarded), isText };
      }
    }
    if (records.length > 0 || !error) {
      size = Math.min(SLICE_LINES, size * 2);
      continue;
    }

    const mayClose = error.code === 'CSV_QUOTE_NOT_CLOSED' && bytesOf(slice.lines) <= MAX_LINE_BYTES;
    if (mayClose && slice.stop === 'full') {
      size *= 2;
    } else if (mayClose && slice.stop === 'end' && !last) {
      return lines.slice(start);
    } else {
      yield faulty(first, delimiter, { code: 'quote', detail: describe(error), field: fieldOf(error) });
      start++;
      // Where one is broken others may be: each of them would have all the lines behind it parsed in vain.
      size = 1;
    }
  }
  return [];
}

/** Lines that are parsed together: whole ones, and why there are no more of them. */
interface Slice {
  lines: readonly Line[];
  stop: 'end' | 'full' | 'tooLong' | 'tooWide';
}

/**
 * The next lines to parse: none that is too long, and none of a record with too many fields. To count fields it is enough
 * to know where quotes open and close: csv-parse gives up at the first quote that it understands otherwise.
 */
function sliceOf(lines: readonly Line[], start: number, size: number, delimiter: Delimiter): Slice {
  const separator = delimiter.charCodeAt(0);
  let quoted = false;
  let fields = 1;
  let bytes = 0;
  let record = start;
  for (let at = start; ; at++) {
    const line = lines[at];
    if (!line) return { lines: lines.slice(start, at), stop: 'end' };
    if (line.tooLong) return { lines: lines.slice(start, at), stop: 'tooLong' };
    if (at - start >= size || bytes > LINE_BYTES * size) {
      return { lines: lines.slice(start, at), stop: 'full' };
    }
    const { text } = line;
    bytes += text.length + 1;
    for (let place = 0; place < text.length; place++) {
      const character = text.charCodeAt(place);
      if (character === QUOTE) quoted = !quoted;
      else if (character === separator && !quoted && ++fields > MAX_FIELDS) {
        return { lines: lines.slice(start, record), stop: 'tooWide' };
      }
    }
    if (!quoted) [fields, record] = [1, at + 1];
  }
}

const QUOTE = 0x22;
export const TOO_LONG = { code: 'tooLong', detail: `must be at most ${String(MAX_LINE_BYTES)} bytes` };
export const TOO_WIDE = { code: 'fields', detail: `has more than ${String(MAX_FIELDS)} fields` };

function parseAll(lines: readonly Line[], delimiter: Delimiter): { records: string[][]; error?: CsvError } {
  const records: string[][] = [];
  try {
    parse(lines.map(({ text }) => `${text}\n`).join(''), {
      delimiter,
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

const isEmpty = ({ text, tooLong }: Line): boolean => !tooLong && (text === '' || text === '\r');

const bytesOf = (lines: readonly Line[]): number => lines.reduce((bytes, { text }) => bytes + text.length + 1, 0);

/** How many lines a record takes: a line break inside of it stands in a field. */
const linesOf = (fields: readonly string[]): number =>
  fields.reduce((lines, field) => lines + field.split('\n').length - 1, 1);

const faulty = ({ number, end, text }: Line, delimiter: Delimiter, fault: CsvRecord['fault']): CsvRecord => ({
  line: number,
  end,
  fields: [],
  isText: true,
  pieces: text.replace(/\r$/, '').split(delimiter, MAX_FIELDS),
  fault,
});

const fieldOf = (error: CsvError): number | undefined =>
  'column' in error && typeof error.column === 'number' ? error.column : undefined;

const describe = ({ code }: CsvError): string =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'begins with a quote that is not closed'
    : code === 'CSV_INVALID_CLOSING_QUOTE'
      ? 'goes on after its closing quote: write a quote inside of a quoted field twice'
      : 'has a quote inside: put the field into quotes, and write the quote in it twice';
