import { setImmediate } from 'node:timers/promises';
import { readRecords } from './reader.csv.js';
import { type Line, MAX_LINE_BYTES, readLines } from './reader.lines.js';
import { type Checked, isSoundText, type LineFault, ENCODING_FAULT, toProduct } from './reader.product.js';
import { Table, WrongHeader } from './reader.table.js';

export type { LineFault } from './reader.product.js';
export { WrongHeader } from './reader.table.js';

export const IMPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** What stands on a line: a product, or all that is wrong. */
export type ImportLine = Checked & {
  /** As an editor counts: of a record of several lines the first. */
  line: number;
  /** How many bytes of the stream there are up to its end. */
  end: number;
};

/** After so many lines, others who wait for the processor get it. */
const TURN = 64;

/**
 * Reads the products of a file, in constant memory; the one reader of `npm run import`, `POST /imports` and the demo.
 * @param after the number of a line: up to that one, lines are passed over without a look.
 * @throws WrongHeader before the first line, when the header of a CSV file is wrong.
 */
export async function* readProducts(
  stream: AsyncIterable<Uint8Array | string>,
  format: ImportFormat,
  after = 0,
): AsyncGenerator<ImportLine> {
  const lines = format === 'csv' ? readCsv(readLines(stream), after) : readNdjson(readLines(stream), after);
  let count = 0;
  for await (const line of lines) {
    yield line;
    if (++count % TURN === 0) await setImmediate();
  }
}

async function* readCsv(lines: AsyncIterable<Line[]>, after: number): AsyncGenerator<ImportLine> {
  let table: Table | undefined;
  for await (const record of readRecords(lines)) {
    if (!table) table = Table.of(record);
    else if (record.line > after) yield { line: record.line, end: record.end, ...table.read(record) };
  }
  if (!table) throw new WrongHeader(1, [{ column: null, code: 'required', detail: 'has no header' }]);
}

async function* readNdjson(batches: AsyncIterable<Line[]>, after: number): AsyncGenerator<ImportLine> {
  for await (const lines of batches) {
    for (const line of lines) {
      if (line.number <= after || (line.text.trim() === '' && !line.tooLong)) continue;
      yield { line: line.number, end: line.end, ...fromJson(line) };
    }
  }
}

function fromJson({ text, tooLong }: Line): Checked {
  if (tooLong) return faulty({ code: 'tooLong', detail: `must be at most ${String(MAX_LINE_BYTES)} bytes` });
  if (!isSoundText(text)) return faulty(ENCODING_FAULT);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return faulty({ code: 'json', detail: 'must be one JSON object' });
  }
  return toProduct(value);
}

const faulty = (fault: Omit<LineFault, 'column'>): Checked => ({ faults: [{ column: null, ...fault }] });
