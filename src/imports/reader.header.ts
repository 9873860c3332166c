import type { ImportSettings } from './imports.settings.js';
import type { CsvRecord } from './reader.csv.js';
import { FAULT_COLUMN } from './reader.columns.js';
import type { ColumnMapping, ColumnNames } from './reader.mapping.js';
import { ENCODING_FAULT, isStorableText, type LineFault, PHOTOS_FAULT, truncated } from './reader.product.js';

/** The file can't be imported because of its header. Nothing was written. */
export class InvalidHeaderError extends Error {
  constructor(
    readonly line: number,
    readonly faults: readonly LineFault[],
  ) {
    super('The header of the file is wrong.');
  }
}

/** How the table of a file is read. */
export interface TableOptions {
  settings: ImportSettings;
  takesPhotos: boolean;
}

/** The header of a CSV file. */
export interface Header {
  line: number;
  names: readonly string[];
  mapping: ColumnMapping;
  /** The columns as they are shown; null are those that are skipped. */
  columns: readonly { column: string; member: string | null }[];
  /** Why it can't be read. */
  faults: readonly LineFault[];
}

/** How much of a column's name is shown, in characters. */
const SHOWN_NAME = 100;

const NOT_TEXT: LineFault = { column: null, ...ENCODING_FAULT };

/** Looks at what may be a header. */
export function readHeader(record: CsvRecord, known: ColumnNames, takesPhotos: boolean): Header {
  const { line, fields, isText, fault } = record;
  const names = fields.map((field) => field.trim());
  const isReadable = isText && names.every(isStorableText);
  const faults = fault ? [{ column: null, ...fault }] : isReadable ? [] : [NOT_TEXT];
  const mapping = known.map(isReadable ? names : [], takesPhotos);
  const columns = mapping.columns
    .filter(({ name }) => name !== '' && name !== FAULT_COLUMN)
    .map(({ name, member = null }) => ({ column: truncated(name, SHOWN_NAME), member }));
  return { line, names, mapping, columns, faults };
}

/** What is wrong with a header; nothing when the file can be read. */
export function faultsOfHeader({ mapping, faults }: Header, options: TableOptions): readonly LineFault[] {
  if (faults.length > 0) return faults;
  const known = new Set<string>();
  const twice = new Set<string>();
  for (const { member } of mapping.columns) if (member !== undefined) (known.has(member) ? twice : known).add(member);
  return [
    ...mapping.faults,
    ...(known.has('photos') && !options.takesPhotos ? [{ column: 'photos', ...PHOTOS_FAULT }] : []),
    ...[...twice].map((column) => ({ column, code: 'twice', detail: 'is named more than once' })),
    ...(known.has('price') && known.has('price.amount')
      ? [{ column: 'price', code: 'twice', detail: TWO_PRICES }]
      : []),
    ...missingIn(known, mapping, options),
  ];
}

const TWO_PRICES = 'stands beside price.amount, which is the same in minor units: leave one of them out';

const NOTHING_BUT_SKU = 'has no column but sku, so that there is nothing to import';

/** Lists of what is to change need a SKU and what changes; only a new product needs more. */
function missingIn(
  known: ReadonlySet<string>,
  { format }: ColumnMapping,
  { settings: { currency } }: TableOptions,
): LineFault[] {
  const missing = (column: string, todo = ''): LineFault => ({ column, code: 'required', detail: `is missing${todo}` });
  const hasPrice = known.has('price') || known.has('price.amount');
  // a cell of `price` may name its currency, but not in the files of some shops
  const isNamedInCells = known.has('price') && format?.namesCurrency !== false;
  const hasCurrency = known.has('price.currency') || currency !== undefined || isNamedInCells;
  // half of a price would be read with the other half of another
  return [
    ...(known.has('sku') ? [] : [missing('sku')]),
    ...(known.has('price.currency') && !hasPrice
      ? [missing('price', ': name a column price, or price.amount for minor units')]
      : []),
    ...(hasPrice && !hasCurrency ? [missing('price.currency', ': add the column, or state the option currency')] : []),
    ...(known.size === 1 && known.has('sku') ? [{ column: null, code: 'required', detail: NOTHING_BUT_SKU }] : []),
  ];
}
