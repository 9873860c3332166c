import { parseStrictJson } from '../common/http/syntax/strict-json.js';
import { type Layout, textIn } from './formats/format.js';
import { type ImportSettings, settingsOf } from './imports.settings.js';
import { type CsvRecord, type Delimiter, readRecords } from './reader.csv.js';
import { delimiterOf, HEADER_LINES } from './reader.delimiter.js';
import type { Encoding } from './reader.encoding.js';
import { InvalidHeaderError, readHeader } from './reader.header.js';
import { BEGINNING_BYTES, type Line, MAX_LINE_BYTES, Text } from './reader.lines.js';
import { ColumnNames } from './reader.mapping.js';
import { type Checked, ENCODING_FAULT, faultsIn, limitFaults, type LineFault, toProduct } from './reader.product.js';
import { SkuLines } from './reader.skus.js';
import { Table } from './reader.table.js';
import { Turns } from './reader.turns.js';
import { readRows } from './workbooks/reader.js';

export { InvalidHeaderError } from './reader.header.js';

export const IMPORT_FORMATS = ['csv', 'ndjson', 'xlsx'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** What stands on a line: a product, or all that is wrong. */
export type ImportLine = Checked & {
  /** As an editor counts: of a record of several lines the first. */
  line: number;
  /** How many bytes of the stream there are up to its end. */
  end: number;
  /** What is to be said of it although its product is imported. */
  remarks?: readonly LineFault[];
  /** The cells of a record of a CSV file; of a broken one what is between delimiters. */
  cells?: readonly string[];
};

/** How a file is written, as its beginning shows. */
export interface Detected {
  encoding: Encoding;
  /** Between the fields of a record of CSV; null in other formats. */
  delimiter: Delimiter | null;
  /** Whose names the columns have. */
  layout: Layout;
  /** What the columns are; null are those that are skipped. */
  columns: readonly { column: string; member: string | null }[];
  /** Of a CSV file. */
  header?: LineCells;
}

/** The cells of a line, as they are written. */
export interface LineCells {
  line: number;
  cells: readonly string[];
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
  /** The number of a line: up to that one, lines are passed over; only their SKUs are read. */
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
 * @throws InvalidHeaderError before the first line, when the header of a table is wrong.
 * @throws UnreadableFileError for a workbook that is none.
 */
export async function* readProducts(
  stream: AsyncIterable<Uint8Array | string>,
  format: ImportFormat,
  options: ReadOptions = {},
): AsyncGenerator<ImportLine> {
  const turns = new Turns();
  if (format === 'xlsx') {
    const rows = readRows(stream, options.settings?.sheet, turns);
    const known = new ColumnNames(options.settings ?? settingsOf());
    yield* readTable(rows, known, { encoding: 'utf-8', delimiter: null }, options, turns);
  } else {
    yield* (format === 'csv' ? readCsv : readNdjson)(await Text.open(stream), options, turns);
  }
}

async function* readCsv(text: Text, options: ReadOptions, turns: Turns): AsyncGenerator<ImportLine> {
  const known = new ColumnNames(options.settings ?? settingsOf());
  const delimiter = delimiterOf(text.beginning, known);
  const records = readRecords(text.lines(), delimiter, turns);
  yield* readTable(records, known, { encoding: text.encoding, delimiter }, options, turns);
}

async function* readTable(
  records: AsyncGenerator<CsvRecord, void>,
  known: ColumnNames,
  file: Pick<Detected, 'encoding' | 'delimiter'>,
  options: ReadOptions,
  turns: Turns,
): AsyncGenerator<ImportLine> {
  const { after = 0, settings = settingsOf(), takesPhotos = false, onDetected } = options;
  const table = await tableOf(records, known, async (record) => {
    const header = readHeader(record, known, takesPhotos);
    const { line, names, mapping, columns } = header;
    await onDetected?.({ ...file, layout: mapping.layout, columns, header: { line, cells: names } });
    return Table.of(header, { settings, takesPhotos });
  });
  const seen = seenIn(options);
  // a row has no cells behind the last one that has something in it
  const whole = file.delimiter === null ? padded(records, table.width) : records;
  for await (const record of withTypes(whole, table)) {
    if (turns.over) await turns.next();
    // also of lines that are done: once is enough, and rows and SKUs have to do with rows above
    const remarks = table.remarksOn(record);
    const row = table.rowOf(record);
    const { line, end, fields, pieces: cells = fields } = record;
    const twice = repeated(seen, row && 'cells' in row ? textIn(row.cells, 'sku') : '', line);
    if (line <= after || !row) continue;
    if ('remark' in row && row.remark) remarks.push(row.remark);
    const checked = withFaults('faults' in row ? row : await table.read(row), twice);
    yield { line, end, cells, ...checked, ...(remarks.length > 0 && { remarks }) };
  }
}

/**
 * Looks for the header, which is the first record that names columns; where none of the first ones does, what is wrong is said of the
 * first line.
 */
async function tableOf(
  records: AsyncGenerator<CsvRecord, void>,
  known: ColumnNames,
  make: (header: CsvRecord) => Promise<Table>,
): Promise<Table> {
  let first: CsvRecord | undefined;
  for (let number = 0; number < HEADER_LINES; number++) {
    const next = await records.next();
    if (next.done) break;
    if (known.isHeader(next.value.fields)) return make(next.value);
    first ??= next.value;
  }
  if (first) return make(first);
  throw new InvalidHeaderError(1, [{ column: null, code: 'required', detail: 'has no header' }]);
}

async function* padded(records: AsyncIterable<CsvRecord>, width: number): AsyncGenerator<CsvRecord> {
  for await (const record of records) {
    while (!record.fault && record.fields.length < width) record.fields.push('');
    yield record;
  }
}

/** Holds the records that begin in the beginning of the file back until all are there, and the table knows its types by them. */
async function* withTypes(records: AsyncIterable<CsvRecord>, table: Table): AsyncGenerator<CsvRecord> {
  let beginning: CsvRecord[] | undefined = [];
  for await (const record of records) {
    if (!beginning) {
      yield record;
      continue;
    }
    beginning.push(record);
    if (record.end < BEGINNING_BYTES) continue;
    table.decideTypes(beginning);
    yield* beginning;
    beginning = undefined;
  }
  if (!beginning) return;
  table.decideTypes(beginning);
  yield* beginning;
}

async function* readNdjson(text: Text, options: ReadOptions, turns: Turns): AsyncGenerator<ImportLine> {
  const { after = 0, takesPhotos = false, onDetected } = options;
  await onDetected?.({ encoding: text.encoding, delimiter: null, layout: 'stockroom', columns: [] });
  const seen = seenIn(options);
  for await (const lines of text.lines()) {
    for (const line of lines) {
      if (turns.over) await turns.next();
      const { number, end } = line;
      if ((!seen && number <= after) || (line.text.trim() === '' && !line.tooLong)) continue;
      const parsed = parseLine(line);
      const twice = repeated(seen, 'value' in parsed ? skuIn(parsed.value) : '', number);
      if (number <= after) continue;
      const checked = 'value' in parsed ? await toProduct(parsed.value, takesPhotos) : parsed;
      yield { line: number, end, ...withFaults(checked, twice) };
    }
  }
}

function parseLine({ text, isText, tooLong }: Line): { value: unknown } | { faults: LineFault[] } {
  if (tooLong) return faulty({ code: 'tooLong', detail: `must be at most ${String(MAX_LINE_BYTES)} bytes` });
  if (!isText) return faulty(ENCODING_FAULT);
  const fractions = new Map<string, string>();
  try {
    const value = parseStrictJson(text, (path, written) => fractions.set(path.join('.'), written));
    keepAsWritten(value, fractions);
    return { value };
  } catch (error) {
    return { faults: faultsIn(error) };
  }
}

const skuIn = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'sku' in value && typeof value.sku === 'string'
    ? value.sku.trim()
    : '';

/** Where the SKUs of a file stand, unless the last line of each is to count. */
const seenIn = ({ settings = settingsOf() }: ReadOptions): SkuLines | undefined =>
  settings.duplicates === 'first' ? new SkuLines() : undefined;

/** What is wrong with a line whose SKU stands on an earlier one, which counts even if something is wrong with it. */
function repeated(seen: SkuLines | undefined, sku: string, line: number): LineFault[] {
  const first = sku === '' ? undefined : seen?.add(sku, line);
  return first === undefined
    ? []
    : [{ column: 'sku', code: 'duplicate', detail: `is the SKU of line ${String(first)} already, which counts` }];
}

const withFaults = (checked: Checked, more: readonly LineFault[]): Checked =>
  more.length === 0 ? checked : { faults: limitFaults([...more, ...('faults' in checked ? checked.faults : [])]) };

/** Puts the text of a whole number that was written as 24.00 or 1e3 in its place, for the validator to refuse. */
function keepAsWritten(value: unknown, fractions: ReadonlyMap<string, string>): void {
  if (fractions.size === 0 || typeof value !== 'object' || value === null) return;
  const stock = fractions.get('stock');
  if (stock !== undefined) Object.assign(value, { stock });
  const amount = fractions.get('price.amount');
  if (amount !== undefined && 'price' in value) Object.assign(Object(value.price), { amount });
}

const faulty = (fault: Omit<LineFault, 'column'>): { faults: LineFault[] } => ({
  faults: [{ column: null, ...fault }],
});
