import { type Column, columnNamed, type RawValues, REQUIRED_COLUMNS } from './reader.columns.js';
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

/** A column of a file, at its place. */
type PlacedColumn = Column & { place: number };

/** The columns of a CSV file, as its header names them. */
export class Table {
  /** How many fields a record has at least, for each required column to have one. */
  private readonly leastFields: number;

  private constructor(
    private readonly columns: readonly PlacedColumn[],
    /** How many columns the header has. */
    private readonly width: number,
    private readonly takesPhotos: boolean,
  ) {
    const required = columns.filter(({ name }) => REQUIRED_COLUMNS.includes(name));
    this.leastFields = Math.max(0, ...required.map(({ place }) => place + 1));
  }

  /** @throws InvalidHeaderError naming the faults of it at once. */
  static of({ line, fields, isText, fault }: CsvRecord, takesPhotos: boolean): Table {
    const names = fields.map((field) => field.trim());
    const faults = fault ? [{ column: null, ...fault }] : isText ? headerFaults(names, takesPhotos) : [NOT_TEXT];
    if (faults.length > 0) throw new InvalidHeaderError(line, limitFaults(faults));
    const columns = names.flatMap((name, place) => {
      const column = columnNamed(name);
      return column ? [{ ...column, place }] : [];
    });
    return new Table(columns, names.length, takesPhotos);
  }

  /** The product that a record spells, or what is wrong with it. */
  async read({ fields, isText, fault }: CsvRecord): Promise<Checked> {
    if (fault) {
      const { code, detail, field } = fault;
      const column = this.columns.find(({ place }) => place === field);
      return { faults: [{ column: column?.name ?? null, code, detail }] };
    }
    if (!this.fits(fields)) {
      const detail = `has ${String(fields.length)} fields where the header has ${String(this.width)}`;
      return { faults: [{ column: null, code: 'fields', detail }] };
    }
    if (!isText) {
      const broken = this.columns.filter(({ place }) => fields[place]?.includes('\uFFFD'));
      return { faults: limitFaults(broken.map(({ name }) => ({ column: name, ...ENCODING_FAULT }))) };
    }
    const spelled: RawValues = { price: {} };
    for (const { place, read } of this.columns) read(fields[place] ?? '', spelled);
    const checked = await toProduct(spelled, this.takesPhotos);
    // From left to right, as a person goes through the line.
    return 'faults' in checked ? { faults: checked.faults.sort((a, b) => this.place(a) - this.place(b)) } : checked;
  }

  /** Empty cells at the end may be missing, or be more than the header has. */
  private fits(fields: readonly string[]): boolean {
    return fields.length >= this.leastFields && !fields.slice(this.width).some((field) => field.trim() !== '');
  }

  private place({ column }: LineFault): number {
    return this.columns.findIndex(({ name }) => name === column);
  }
}

const NOT_TEXT: LineFault = { column: null, ...ENCODING_FAULT };

function headerFaults(names: readonly string[], takesPhotos: boolean): LineFault[] {
  if (!names.every(isStorableText)) return [NOT_TEXT];
  const known = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (known.has(name) ? twice : known).add(name);
  const unknown = [...known].filter((name) => !columnNamed(name));
  const missing = REQUIRED_COLUMNS.filter((name) => !known.has(name));
  return [
    ...unknown.map((name) => ({ column: name.slice(0, 100), code: 'unknown', detail: 'is not a column of an import' })),
    ...(known.has('photos') && !takesPhotos ? [{ column: 'photos', ...PHOTOS_FAULT }] : []),
    ...[...twice].map((name) => ({ column: name.slice(0, 100), code: 'twice', detail: 'is named more than once' })),
    ...missing.map((name) => ({ column: name, code: 'required', detail: 'is missing' })),
  ];
}
