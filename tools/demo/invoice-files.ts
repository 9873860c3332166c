import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { StartError } from '../../src/common/config/start-error.js';
import { toPennies } from './price.js';

const COLUMNS = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'UnitPrice'] as const;

/** One line of an invoice, as far as the catalogue needs it. */
export interface InvoiceLine {
  /** Digits for a sale, `C` and digits for a cancellation, `A` and digits for a booking of a debt. */
  invoice: string;
  code: string;
  description: string;
  quantity: number;
  /** The price of one unit in pennies; undefined for a price in fractions of a penny. */
  pennies: number | undefined;
}

/** What is wrong with the given folder or file, in one line for the person who gave it. */
export class InputError extends StartError {}

/**
 * The invoice files (`*.csv`, `*.csv.gz`) of a folder, sorted by name.
 *
 * @throws InputError when the folder can't be read or holds none
 */
export async function listInvoiceFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new InputError(`cannot read the folder ${folder}${isSystemError(error) ? `: ${error.message}` : ''}`);
  });
  const files = names.filter((name) => /\.csv(?:\.gz)?$/.test(name)).sort();
  if (files.length === 0) {
    throw new InputError(`no *.csv or *.csv.gz file in ${folder}`);
  }
  return files.map((name) => join(folder, name));
}

/**
 * Reads one invoice file line by line, holding no more than a line of it. The header must name the columns InvoiceNo,
 * StockCode, Description, Quantity and UnitPrice, in any order; others are passed over.
 *
 * @throws InputError naming the file and the line where it isn't so
 */
export function readInvoiceLines(path: string): AsyncGenerator<InvoiceLine> {
  return readLines(path, COLUMNS, (field) => ({
    invoice: field('InvoiceNo'),
    code: field('StockCode'),
    description: field('Description'),
    quantity: toInteger(field('Quantity')),
    pennies: toPennies(field('UnitPrice')),
  }));
}

/**
 * As {@link readInvoiceLines}, with the columns that the caller needs.
 *
 * @param toLine makes a line of its fields; a RangeError that it throws is reported with the file and the line.
 * @throws InputError naming the file and the line where it isn't so
 */
export async function* readLines<Column extends string, Line>(
  path: string,
  columns: readonly Column[],
  toLine: (field: (column: Column) => string) => Line,
): AsyncGenerator<Line> {
  const file = basename(path);
  let line = 1;
  try {
    let positions: ReadonlyMap<Column, number> | undefined;
    for await (const { record, info } of records(path)) {
      line = info.lines;
      if (positions === undefined) {
        positions = positionsOf(columns, record);
      } else {
        const known = positions;
        yield toLine((column) => record[known.get(column) ?? -1] ?? '');
      }
    }
    if (positions === undefined) {
      throw new RangeError('the file is empty');
    }
  } catch (error) {
    throw describeFault(error, file, line);
  }
}

function describeFault(error: unknown, file: string, line: number): unknown {
  if (error instanceof CsvError) {
    return new InputError(`${file}: ${error.message}`);
  }
  if (error instanceof RangeError) {
    return new InputError(`${file}, line ${String(line)}: ${error.message}`);
  }
  return isSystemError(error) ? new InputError(`${file}, after line ${String(line)}: ${error.message}`) : error;
}

/** A file that can't be opened or is no gzip: of errors here only such carry a code. */
function isSystemError(error: unknown): error is { code: unknown; message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}

function records(path: string): AsyncIterable<{ record: string[]; info: { lines: number } }> {
  const unpack = path.endsWith('.gz') ? createGunzip() : new PassThrough();
  // A failure anywhere destroys the parser with it, and so reaches the loop that reads from the parser.
  return pipeline(createReadStream(path), unpack, parse({ bom: true, info: true }), () => undefined);
}

function positionsOf<Column extends string>(columns: readonly Column[], header: string[]): Map<Column, number> {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new RangeError(`the header has no column ${missing.join(', ')}`);
  }
  return new Map(columns.map((column) => [column, header.indexOf(column)]));
}

/** @throws RangeError for what is no whole number */
export function toInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) {
    throw new RangeError(`"${text}" is not a quantity`);
  }
  return Number(text);
}
