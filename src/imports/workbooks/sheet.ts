import { type CsvRecord, MAX_FIELDS, TOO_LONG, TOO_WIDE } from '../reader.csv.js';
import { MAX_LINE_BYTES } from '../reader.lines.js';
import { truncated } from '../reader.product.js';
import { spelledDate, spelledNumber } from './numbers.js';
import { TextCollector, type Workbook } from './workbook.js';
import { unescaped, XmlReader } from './xml.js';

/** A cell as it is being read. */
interface Cell {
  place: number;
  type: string;
  style: number;
  value: string;
  hasFormula: boolean;
}

/** Reads the rows of a sheet as it comes: what is in them as texts, as CSV would have them. */
export class SheetReader {
  private readonly xml: XmlReader;
  private readonly text = new TextCollector();
  private done: CsvRecord[] = [];
  private row:
    { number: number; fields: string[]; numbers: Set<number>; length: number; fault?: CsvRecord['fault'] } | undefined;
  private cell: Cell | undefined;
  private isValue = false;
  private last = 0;
  private read = 0;

  /** @param scale how many bytes of the file one byte of the sheet stands for. */
  constructor(
    private readonly workbook: Workbook,
    private readonly scale: number,
  ) {
    this.xml = new XmlReader({
      open: (name, attributes) => {
        this.open(name, attributes);
      },
      close: (name) => {
        this.close(name);
      },
      text: (part) => {
        if (this.isValue && this.cell) this.cell.value += part;
        else this.text.add(part);
      },
    });
  }

  /** @returns the rows that end in these bytes; empty ones are left out. */
  write(bytes: Buffer): CsvRecord[] {
    this.read += bytes.length;
    this.xml.write(bytes);
    const { done } = this;
    this.done = [];
    return done;
  }

  end(): void {
    this.xml.end();
  }

  private open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.text.open(name);
    switch (name) {
      case 'row': {
        const number = Number(attributes.r);
        this.last = Number.isSafeInteger(number) && number > this.last ? number : this.last + 1;
        this.row = { number: this.last, fields: [], numbers: new Set(), length: 0 };
        return;
      }
      case 'c': {
        const { r, t = 'n', s = '' } = attributes;
        const place = placeOf(r) ?? (this.cell?.place ?? -1) + 1;
        this.cell = { place, type: t, style: s === '' ? -1 : Number(s), value: '', hasFormula: false };
        return;
      }
      case 'f':
        if (this.cell) this.cell.hasFormula = true;
        return;
      case 'v':
        this.isValue = true;
    }
  }

  private close(name: string): void {
    this.text.close(name);
    if (name === 'v') this.isValue = false;
    else if (name === 'c') this.finishCell();
    else if (name === 'row') this.finishRow();
  }

  private finishCell(): void {
    const { row, cell } = this;
    const inline = this.text.take();
    if (!row || !cell || row.fault) return;
    const fault = faultOf(cell, inline);
    const text = fault ? '' : this.spelled(cell, inline);
    if (!fault && text === '') return;
    row.length += text.length;
    if (fault) row.fault = fault;
    else if (cell.place >= MAX_FIELDS) row.fault = TOO_WIDE;
    else if (row.length > MAX_LINE_BYTES) row.fault = TOO_LONG;
    if (row.fault) {
      row.fields = [];
      return;
    }
    while (row.fields.length < cell.place) row.fields.push('');
    row.fields[cell.place] = text;
    if (cell.type === 'n') row.numbers.add(cell.place);
  }

  private spelled({ type, value, style }: Cell, inline: string): string {
    switch (type) {
      case 's':
        return this.workbook.texts[Number(value)] ?? '';
      case 'inlineStr':
        return inline;
      case 'str':
        return unescaped(value);
      case 'b':
        return value === '1' || value === 'true' ? 'true' : 'false';
      case 'd':
        return value;
      default:
        return this.workbook.dates[style] ? spelledDate(value, this.workbook.countsFrom1904) : spelledNumber(value);
    }
  }

  private finishRow(): void {
    const { row } = this;
    this.row = this.cell = undefined;
    if (!row || (!row.fault && row.fields.every((field) => field.trim() === ''))) return;
    const { number, fields, numbers, fault } = row;
    this.done.push({ line: number, end: Math.round(this.read * this.scale), fields, numbers, isText: true, fault });
  }
}

/** Why a cell has no value: an error of its formula, or a formula that no program has computed. */
function faultOf({ type, value, place, hasFormula }: Cell, inline: string): CsvRecord['fault'] {
  if (type === 'e') return { code: 'formula', detail: `has the error ${truncated(value, 40)}`, field: place };
  if (!hasFormula || value !== '' || inline !== '' || type === 'str') return undefined;
  const detail = 'has a formula without its result: open the file in a spreadsheet program, and save it';
  return { code: 'formula', detail, field: place };
}

/** The place of a column by a reference such as `AB12`, from 0; undefined for none. */
function placeOf(reference = ''): number | undefined {
  let number = 0;
  for (let at = 0; at < reference.length && at < 4; at++) {
    const letter = reference.charCodeAt(at) & ~0x20;
    if (letter < 65 || letter > 90) break;
    number = number * 26 + letter - 64;
  }
  return number === 0 ? undefined : number - 1;
}
