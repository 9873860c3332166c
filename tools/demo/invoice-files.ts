import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { StartError } from '../../src/common/config/start-error.js';
import { normaliseCode } from './goods.js';
import { toMills } from './price.js';

const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
] as const;
type Column = (typeof COLUMNS)[number];

/** One line of an invoice. */
export interface InvoiceLine {
  /** Digits for a purchase, `C` and digits for a cancellation, `A` and digits for a booking of a debt. */
  invoice: string;
  /** In capital letters: see {@link normaliseCode}. */
  code: string;
  description: string;
  /** Below zero for what came back. */
  quantity: number;
  /** The price of one unit, in mills: tenths of a penny. */
  mills: number;
  /** `YYYY-MM-DD HH:MM:SS`. */
  date: string;
  /** A number; null for a guest. */
  customer: string | null;
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
 * StockCode, Description, Quantity, InvoiceDate, UnitPrice and CustomerID, in any order; others are passed over.
 *
 * @throws InputError naming the file and the line where it isn't so
 */
export async function* readInvoiceLines(path: string): AsyncGenerator<InvoiceLine> {
  const file = basename(path);
  let line = 1;
  try {
    let toInvoiceLine: ((record: string[]) => InvoiceLine) | undefined;
    for await (const { record, info } of records(path)) {
      line = info.lines;
      if (toInvoiceLine === undefined) {
        toInvoiceLine = readerFor(record);
      } else {
        yield toInvoiceLine(record);
      }
    }
    if (toInvoiceLine === undefined) {
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

function readerFor(header: string[]): (record: string[]) => InvoiceLine {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new RangeError(`the header has no column ${missing.join(', ')}`);
  }
  const field = (record: string[], column: Column): string => record[header.indexOf(column)] ?? '';
  return (record) => ({
    invoice: field(record, 'InvoiceNo').trim().toUpperCase(),
    code: normaliseCode(field(record, 'StockCode')),
    description: field(record, 'Description'),
    quantity: toInteger(field(record, 'Quantity')),
    mills: toMills(field(record, 'UnitPrice')),
    date: toDate(field(record, 'InvoiceDate')),
    customer: field(record, 'CustomerID').trim() || null,
  });
}

function toInteger(text: string): number {
  if (!/^-?\d+$/.test(text)) {
    throw new RangeError(`"${text}" is not a quantity`);
  }
  return Number(text);
}

function toDate(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) {
    throw new RangeError(`"${text}" is not a time such as 2010-12-01 08:26:00`);
  }
  return text;
}
