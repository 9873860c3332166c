import type { CsvRecord } from './reader.csv.js';
import {
  type Checked,
  ENCODING_FAULT,
  isStorableText,
  limitFaults,
  type LineFault,
  PHOTOS_FAULT,
  toProduct,
} from './reader.product.js';

/** The file can't be imported because of its header. Nothing was written. */
export class InvalidHeaderError extends Error {
  constructor(
    readonly line: number,
    readonly faults: readonly LineFault[],
  ) {
    super('The header of the file is wrong.');
  }
}

/** A product as the cells of its record spell it, to be validated. */
interface RawValues {
  price: Record<string, unknown>;
  attributes?: Record<string, unknown>;
  [member: string]: unknown;
}

type Read = (cell: string, spelled: RawValues) => void;

interface Column {
  name: string;
  read: Read;
}

const REQUIRED = ['sku', 'name', 'price.amount', 'price.currency'];
const ATTRIBUTE = /^attributes\.([a-z][A-Za-z0-9]{0,39})$/;

const split = (cell: string): string[] => (cell.trim() === '' ? [] : cell.split('|').map((part) => part.trim()));

/** An empty cell of a description or of categories takes away what is there; leave the column out to keep it. */
const COLUMNS = new Map<string, Read>([
  ['sku', (cell, spelled) => void (spelled.sku = cell)],
  ['name', (cell, spelled) => void (spelled.name = cell)],
  ['description', (cell, spelled) => void (spelled.description = cell === '' ? null : cell)],
  ['price.amount', (cell, spelled) => void (spelled.price.amount = numberOr(cell))],
  ['price.currency', (cell, spelled) => void (spelled.price.currency = cell)],
  ['categories', (cell, spelled) => void (spelled.categories = split(cell))],
  ['stock', (cell, spelled) => void (spelled.stock = cell === '' ? undefined : numberOr(cell))],
  ['status', (cell, spelled) => void (spelled.status = cell === '' ? undefined : cell)],
  ['photos', (cell, spelled) => void (spelled.photos = split(cell))],
]);

/** The columns of a CSV file, as its header names them. */
export class Table {
  private constructor(
    private readonly columns: readonly Column[],
    private readonly takesPhotos: boolean,
  ) {}

  /** @throws InvalidHeaderError naming the faults of it at once. */
  static of({ line, fields, isText, fault }: CsvRecord, takesPhotos: boolean): Table {
    const names = fields.map((field) => field.trim());
    const faults = fault ? [{ column: null, ...fault }] : isText ? headerFaults(names, takesPhotos) : [NOT_TEXT];
    if (faults.length > 0) throw new InvalidHeaderError(line, limitFaults(faults));
    return new Table(
      names.map((name) => ({ name, read: reading(name) })),
      takesPhotos,
    );
  }

  /** The product that a record spells, or what is wrong with it. */
  async read({ fields, isText, fault }: CsvRecord): Promise<Checked> {
    if (fault) {
      const { code, detail, field } = fault;
      return { faults: [{ column: field === undefined ? null : (this.columns[field]?.name ?? null), code, detail }] };
    }
    if (fields.length !== this.columns.length) {
      const detail = `has ${String(fields.length)} fields where the header has ${String(this.columns.length)}`;
      return { faults: [{ column: null, code: 'fields', detail }] };
    }
    if (!isText) {
      const broken = this.columns.filter((_, place) => fields[place]?.includes('\uFFFD'));
      return { faults: limitFaults(broken.map(({ name }) => ({ column: name, ...ENCODING_FAULT }))) };
    }
    const spelled: RawValues = { price: {} };
    for (const [place, { read }] of this.columns.entries()) read(fields[place] ?? '', spelled);
    const checked = await toProduct(spelled, this.takesPhotos);
    // From left to right, as a person goes through the line.
    return 'faults' in checked ? { faults: checked.faults.sort((a, b) => this.place(a) - this.place(b)) } : checked;
  }

  private place({ column }: LineFault): number {
    return this.columns.findIndex(({ name }) => name === column);
  }
}

const NOT_TEXT: LineFault = { column: null, ...ENCODING_FAULT };

function headerFaults(names: readonly string[], takesPhotos: boolean): LineFault[] {
  if (!names.every(isStorableText)) return [NOT_TEXT];
  if (names.length === 1 && /[;\t]/.test(names[0] ?? '')) {
    return [{ column: null, code: 'delimiter', detail: 'must have its fields separated by commas' }];
  }
  const known = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (known.has(name) ? twice : known).add(name);
  const unknown = [...known].filter((name) => !COLUMNS.has(name) && !isAttribute(name));
  const missing = REQUIRED.filter((name) => !known.has(name));
  return [
    ...unknown.map((name) => ({ column: name.slice(0, 100), code: 'unknown', detail: 'is not a column of an import' })),
    ...(known.has('photos') && !takesPhotos ? [{ column: 'photos', ...PHOTOS_FAULT }] : []),
    ...[...twice].map((name) => ({ column: name.slice(0, 100), code: 'twice', detail: 'is named more than once' })),
    ...missing.map((name) => ({ column: name, code: 'required', detail: 'is missing' })),
  ];
}

/** `constructor` is refused in every body. */
const isAttribute = (name: string): boolean => ATTRIBUTE.test(name) && name !== 'attributes.constructor';

function reading(column: string): Read {
  const attribute = ATTRIBUTE.exec(column)?.[1];
  if (attribute === undefined) return COLUMNS.get(column) ?? (() => undefined);
  return (cell, spelled) => {
    spelled.attributes ??= {};
    spelled.attributes[attribute] = attributeOf(cell);
  };
}

/** A number where the cell is digits, else the text, for the validator to refuse: 24.00 may mean 24 or 2400, 1e3 is not an amount. */
const numberOr = (cell: string): number | string => (/^-?\d{1,20}$/.test(cell) ? Number(cell) : cell);

/** A number or truth value where the cell spells one as JSON does (`007` is a text); an empty cell removes the attribute. */
function attributeOf(cell: string): string | number | boolean | null {
  if (cell === '') return null;
  if (cell === 'true' || cell === 'false') return cell === 'true';
  const number = Number(cell);
  return String(number) === cell && Number.isFinite(number) ? number : cell;
}
