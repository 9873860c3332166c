import { parseStrictJson } from '../common/http/syntax/strict-json.js';
import type { Layout } from './formats/format.js';
import { type ImportSettings, settingsOf } from './imports.settings.js';
import { type CsvRecord, type Delimiter, readRecords } from './reader.csv.js';
import { delimiterOf, HEADER_LINES } from './reader.delimiter.js';
import type { Encoding } from './reader.encoding.js';
import { InvalidHeaderError, readHeader } from './reader.header.js';
import { ColumnNames } from './reader.mapping.js';
import { type Line, MAX_LINE_BYTES, Text } from './reader.lines.js';
import { type Checked, ENCODING_FAULT, faultsIn, type LineFault, toProduct } from './reader.product.js';
import { Table } from './reader.table.js';
import { Turns } from './reader.turns.js';

export { InvalidHeaderError } from './reader.header.js';

export const IMPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** What stands on a line: a product, or all that is wrong. */
export type ImportLine = Checked & {
  /** As an editor counts: of a record of several lines the first. */
  line: number;
  /** How many bytes of the stream there are up to its end. */
  end: number;
  /** What is to be said of it although its product is imported. */
  remarks?: readonly LineFault[];
};

/** How a file is written, as its beginning shows. */
export interface Detected {
  encoding: Encoding;
  /** Between the fields of a record; null in NDJSON. */
  delimiter: Delimiter | null;
  /** Whose names the columns have. */
  layout: Layout;
  /** What the columns are; null are those that are skipped. */
  columns: readonly { column: string; member: string | null }[];
}

/** The names in the header that are no columns of an import. */
export const skippedIn = ({ columns }: Detected): string[] => [
  ...new Set(columns.filter(({ member }) => member === null).map(({ column }) => column)),
];

/** What is wrong, and on which line. */
export interface ImportFaultAt extends LineFault {
  line: number;
}

/** How a file is read. */
export interface ReadOptions {
  /** The number of a line: up to that one, lines are passed over without a look. */
  after?: number;
  /** What the file does not show. */
  settings?: ImportSettings;
  /** Whether lines may name photos: a fault otherwise. */
  takesPhotos?: boolean;
  /** Gets how the file is written, before its first line and before its header is refused. */
  onDetected?: (detected: Detected) => Promise<void>;
}

/**
 * Reads the products of a file, in constant memory; the one reader of `npm run import`, `POST /imports` and the demo.
 * @throws InvalidHeaderError before the first line, when the header of a CSV file is wrong.
 */
export async function* readProducts(
  stream: AsyncIterable<Uint8Array | string>,
  format: ImportFormat,
  options: ReadOptions = {},
): AsyncGenerator<ImportLine> {
  yield* (format === 'csv' ? readCsv : readNdjson)(await Text.open(stream), options, new Turns());
}

async function* readCsv(
  text: Text,
  { after = 0, settings = settingsOf(), takesPhotos = false, onDetected }: ReadOptions,
  turns: Turns,
): AsyncGenerator<ImportLine> {
  const known = new ColumnNames(settings);
  const delimiter = delimiterOf(text.beginning, known);
  const tableOf = async (record: CsvRecord): Promise<Table> => {
    const header = readHeader(record, known, takesPhotos);
    const { mapping, columns } = header;
    await onDetected?.({ encoding: text.encoding, delimiter, layout: mapping.layout, columns });
    return Table.of(header, { settings, takesPhotos });
  };
  let table: Table | undefined;
  const above: CsvRecord[] = [];
  for await (const record of readRecords(text.lines(), delimiter, turns)) {
    if (turns.over) await turns.next();
    if (table) {
      // also of lines that are done: once is enough
      const remarks = table.remarksOn(record);
      const row = table.rowOf(record);
      if (record.line <= after || !row) continue;
      const { line, end } = record;
      if ('faults' in row) {
        yield { line, end, ...row, ...(remarks.length > 0 && { remarks }) };
        continue;
      }
      if (row.remark) remarks.push(row.remark);
      yield { line, end, ...(await table.read(row)), ...(remarks.length > 0 && { remarks }) };
    } else if (known.isHeader(record.fields)) {
      table = await tableOf(record);
    } else if (above.push(record) === HEADER_LINES) {
      break;
    }
  }
  if (table) return;
  // Without a header, what is wrong is said of the first line.
  const [first] = above;
  if (first) await tableOf(first);
  throw new InvalidHeaderError(1, [{ column: null, code: 'required', detail: 'has no header' }]);
}

async function* readNdjson(
  text: Text,
  { after = 0, takesPhotos = false, onDetected }: ReadOptions,
  turns: Turns,
): AsyncGenerator<ImportLine> {
  await onDetected?.({
    encoding: text.encoding,
    delimiter: null,
    layout: 'stockroom',
    columns: [],
  });
  for await (const lines of text.lines()) {
    for (const line of lines) {
      if (turns.over) await turns.next();
      if (line.number <= after || (line.text.trim() === '' && !line.tooLong)) continue;
      yield { line: line.number, end: line.end, ...(await fromJson(line, takesPhotos)) };
    }
  }
}

async function fromJson({ text, isText, tooLong }: Line, takesPhotos: boolean): Promise<Checked> {
  if (tooLong) return faulty({ code: 'tooLong', detail: `must be at most ${String(MAX_LINE_BYTES)} bytes` });
  if (!isText) return faulty(ENCODING_FAULT);
  const fractions = new Map<string, string>();
  let value: unknown;
  try {
    value = parseStrictJson(text, (path, written) => fractions.set(path.join('.'), written));
  } catch (error) {
    return { faults: faultsIn(error) };
  }
  keepAsWritten(value, fractions);
  return toProduct(value, takesPhotos);
}

/** Puts the text of a whole number that was written as 24.00 or 1e3 in its place, for the validator to refuse. */
function keepAsWritten(value: unknown, fractions: ReadonlyMap<string, string>): void {
  if (fractions.size === 0 || typeof value !== 'object' || value === null) return;
  const stock = fractions.get('stock');
  if (stock !== undefined) Object.assign(value, { stock });
  const amount = fractions.get('price.amount');
  if (amount !== undefined && 'price' in value) Object.assign(Object(value.price), { amount });
}

const faulty = (fault: Omit<LineFault, 'column'>): Checked => ({ faults: [{ column: null, ...fault }] });
