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
  truncated,
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

  /** The columns without a name in which no cell had anything so far. */
  private readonly unnamed: Set<number>;

  private constructor(
    private readonly columns: readonly PlacedColumn[],
    private readonly header: Header,
    private readonly takesPhotos: boolean,
  ) {
    this.unnamed = new Set(header.names.flatMap((name, place) => (name === '' ? [place] : [])));
    const required = columns.filter(({ name }) => REQUIRED_COLUMNS.includes(name));
    this.leastFields = Math.max(0, ...required.map(({ place }) => place + 1));
  }

  /** @throws InvalidHeaderError naming the faults of it at once. */
  static of(header: Header, takesPhotos: boolean): Table {
    const columns = header.names.flatMap((name, place) => {
      const column = columnNamed(name);
      return column ? [{ ...column, place }] : [];
    });
    const faults =
      header.faults.length > 0
        ? header.faults
        : headerFaults(
            columns.map(({ name }) => name),
            takesPhotos,
          );
    if (faults.length > 0) throw new InvalidHeaderError(header.line, limitFaults(faults));
    return new Table(columns, header, takesPhotos);
  }

  /** What is said of a record although its product is imported: the first cell with something in it of each column without a name. */
  remarksOn({ fields }: CsvRecord): LineFault[] {
    const found = [...this.unnamed].filter((place) => (fields[place] ?? '').trim() !== '');
    for (const place of found) this.unnamed.delete(place);
    return limitFaults(found.map((place) => ({ column: null, code: 'unnamed', detail: describeUnnamed(place) })));
  }

  /** The product that a record spells, or what is wrong with it. */
  async read({ fields, isText, fault }: CsvRecord): Promise<Checked> {
    if (fault) {
      const { code, detail, field } = fault;
      const column = this.columns.find(({ place }) => place === field);
      return { faults: [{ column: column?.name ?? null, code, detail }] };
    }
    if (!this.fits(fields)) {
      const detail = `has ${String(fields.length)} fields where the header has ${String(this.header.names.length)}`;
      return { faults: [{ column: null, code: 'fields', detail }] };
    }
    if (!isText) {
      const broken = this.columns.filter(({ place }) => fields[place]?.includes('\uFFFD'));
      return { faults: limitFaults(broken.map(({ name }) => ({ column: name, ...ENCODING_FAULT }))) };
    }
    const spelled: RawValues = { price: {} };
    for (const { place, read } of this.columns) {
      const cell = fields[place];
      if (cell !== undefined) read(cell, spelled);
    }
    const checked = await toProduct(spelled, this.takesPhotos);
    // From left to right, as a person goes through the line.
    return 'faults' in checked ? { faults: checked.faults.sort((a, b) => this.place(a) - this.place(b)) } : checked;
  }

  /** Cells at the end may be missing, which keeps what is there, and empty ones may be more than the header has. */
  private fits(fields: readonly string[]): boolean {
    return (
      fields.length >= this.leastFields && !fields.slice(this.header.names.length).some((field) => field.trim() !== '')
    );
  }

  private place({ column }: LineFault): number {
    return this.columns.findIndex(({ name }) => name === column);
  }
}

const NOT_TEXT: LineFault = { column: null, ...ENCODING_FAULT };

const describeUnnamed = (place: number): string =>
  `has something in column ${String(place + 1)}, which has no name in the header: its cells are skipped`;

/** How much of a column's name is shown, in characters. */
const SHOWN_NAME = 100;

/** The header of a CSV file. */
export interface Header {
  line: number;
  names: readonly string[];
  /** The names that are no columns of an import. */
  skipped: readonly string[];
  /** Why it can't be read. */
  faults: readonly LineFault[];
}

export function readHeader({ line, fields, isText, fault }: CsvRecord): Header {
  const names = fields.map((field) => field.trim());
  const isReadable = isText && names.every(isStorableText);
  const faults = fault ? [{ column: null, ...fault }] : isReadable ? [] : [NOT_TEXT];
  const skipped = isReadable ? names.filter((name) => name !== '' && !columnNamed(name)) : [];
  return { line, names, skipped: [...new Set(skipped.map((name) => truncated(name, SHOWN_NAME)))], faults };
}

/** @param names of the columns that an import knows. */
function headerFaults(names: readonly string[], takesPhotos: boolean): LineFault[] {
  const known = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (known.has(name) ? twice : known).add(name);
  const missing = REQUIRED_COLUMNS.filter((name) => !known.has(name));
  return [
    ...(known.has('photos') && !takesPhotos ? [{ column: 'photos', ...PHOTOS_FAULT }] : []),
    ...[...twice].map((name) => ({ column: name, code: 'twice', detail: 'is named more than once' })),
    ...missing.map((name) => ({ column: name, code: 'required', detail: 'is missing' })),
  ];
}
