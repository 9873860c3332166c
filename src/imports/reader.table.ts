import type { Cells, Row, RowReader } from './formats/format.js';
import { typeNamed } from './reader.columns.js';
import type { CsvRecord } from './reader.csv.js';
import { faultsOfHeader, type Header, InvalidHeaderError, type TableOptions } from './reader.header.js';
import type { MappedColumn } from './reader.mapping.js';
import { type Checked, ENCODING_FAULT, limitFaults, type LineFault, toProduct } from './reader.product.js';
import { type AttributeType, typeOf } from './reader.types.js';
import { ATTRIBUTE, ValueReader } from './reader.values.js';

/** What each record must have a cell for, if there is the column. */
const REQUIRED = new Set(['sku', 'name', 'price', 'price.amount', 'price.currency']);

/** A column that is not skipped. */
type TakenColumn = MappedColumn & { member: string };

/** The columns of a CSV file, as its header names them. */
export class Table {
  /** How many fields a record has at least, for each required column to have one. */
  private readonly leastFields: number;

  /** The columns without a name in which no cell had anything so far. */
  private readonly unnamed: Set<number>;

  /** Of the columns of attributes, by their members. */
  private readonly types = new Map<string, AttributeType>();

  private readonly columns: readonly TakenColumn[];
  private readonly rows: RowReader | undefined;
  private readonly values: ValueReader;

  private constructor(
    private readonly header: Header,
    private readonly options: TableOptions,
  ) {
    const { columns, format, layout } = header.mapping;
    this.unnamed = new Set(header.names.flatMap((name, place) => (name === '' ? [place] : [])));
    this.columns = columns.flatMap(({ member, ...column }) => (member === undefined ? [] : [{ member, ...column }]));
    const required = this.columns.filter(({ member }) => REQUIRED.has(member));
    this.leastFields = Math.max(0, ...required.map(({ place }) => place + 1));
    this.rows = format?.rows();
    this.values = new ValueReader(options.settings, layout !== 'stockroom');
  }

  /** @throws InvalidHeaderError naming the faults of it at once. */
  static of(header: Header, options: TableOptions): Table {
    const faults = faultsOfHeader(header, options);
    if (faults.length > 0) throw new InvalidHeaderError(header.line, limitFaults(faults));
    return new Table(header, options);
  }

  /** How many columns the header has. */
  get width(): number {
    return this.header.names.length;
  }

  /**
   * Decides what columns of attributes are whose header doesn't say it: numbers or truth values, if all cells of the beginning of the
   * file are.
   */
  decideTypes(beginning: readonly CsvRecord[]): void {
    const whole = beginning.filter(({ fields, fault }) => !fault && this.fits(fields));
    for (const { place, name, member } of this.columns) {
      if (!member.startsWith(ATTRIBUTE)) continue;
      this.types.set(member, typeNamed(name) ?? typeOf(whole.map(({ fields }) => fields[place] ?? '')));
    }
  }

  /** What is said of a record although its product is imported: the first cell with something in it of each column without a name. */
  remarksOn({ fields }: CsvRecord): LineFault[] {
    const found = [...this.unnamed].filter((place) => (fields[place] ?? '').trim() !== '');
    for (const place of found) this.unnamed.delete(place);
    return limitFaults(found.map((place) => ({ column: null, code: 'unnamed', detail: describeUnnamed(place) })));
  }

  /**
   * The record as one of ours. To be called for each in order, also for those that are done: rows inherit from rows above.
   * @returns undefined when it is no product of its own.
   */
  rowOf({ fields, numbers, isText, fault }: CsvRecord): Row | { faults: LineFault[] } | undefined {
    if (fault) {
      const { code, detail, field } = fault;
      return { faults: [{ column: this.columns.find(({ place }) => place === field)?.member ?? null, code, detail }] };
    }
    if (!this.fits(fields)) {
      const detail = `has ${String(fields.length)} fields where the header has ${String(this.header.names.length)}`;
      return { faults: [{ column: null, code: 'fields', detail }] };
    }
    const broken = isText ? [] : this.columns.filter(({ place }) => fields[place]?.includes('\uFFFD'));
    if (broken.length > 0) {
      return { faults: limitFaults(broken.map(({ member }) => ({ column: member, ...ENCODING_FAULT }))) };
    }
    const cells: Cells = new Map();
    for (const { place, member } of this.columns) {
      const cell = fields[place];
      if (cell === undefined) continue;
      cells.set(member, numbers?.has(place) && WRITTEN.includes(member) ? this.values.written(cell) : cell);
    }
    return this.rows ? this.rows.read(cells) : { cells };
  }

  /** The product that a row spells, or what is wrong with it. */
  async read({ cells, family }: Row): Promise<Checked> {
    const { values, faults } = this.values.read(cells, this.types);
    const { price, ...others } = values;
    const checked = await toProduct(Object.keys(price).length > 0 ? values : others, this.options.takesPhotos);
    if (faults.length === 0 && !('faults' in checked)) return { ...checked, family };
    const found = 'faults' in checked ? checked.faults.map((fault) => this.described(fault)) : [];
    const rest = found.filter(({ column }) => !faults.some((fault) => fault.column === column));
    // From left to right, as a person goes through the line.
    return { faults: limitFaults([...faults, ...rest].sort((a, b) => this.place(a) - this.place(b))) };
  }

  /** A price is named as the file names it. */
  private described(fault: LineFault): LineFault {
    const { column, code, detail } = fault;
    if (column?.startsWith('price') !== true) return fault;
    if (this.has('price') && (column !== 'price.currency' || !this.has(column))) return { ...fault, column: 'price' };
    return column === 'price.amount' && code === 'isInt' ? { ...fault, detail: `${detail}${IN_MAJOR_UNITS}` } : fault;
  }

  private has(member: string): boolean {
    return this.columns.some((column) => column.member === member);
  }

  /** Cells at the end may be missing, which keeps what is there, and empty ones may be more than the header has. */
  private fits(fields: readonly string[]): boolean {
    return (
      fields.length >= this.leastFields && !fields.slice(this.header.names.length).some((field) => field.trim() !== '')
    );
  }

  private place({ column }: LineFault): number {
    return this.columns.findIndex(({ member }) => member === column);
  }
}

/** The members whose cells are read as people write numbers. */
const WRITTEN = ['price', 'stock'];

const IN_MAJOR_UNITS = '; for prices in major units, as 19.99, name the column price';

const describeUnnamed = (place: number): string =>
  `has something in column ${String(place + 1)}, which has no name in the header: its cells are skipped`;
