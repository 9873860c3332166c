import { readPrice } from '../common/money/major-units.js';
import { type NumberStyle, numberStyleOf, readNumber } from '../common/money/number-style.js';
import { isHtml, textOfHtml } from '../common/text/html.js';
import type { Cell, Cells } from './formats/format.js';
import type { ImportSettings } from './imports.settings.js';
import { pathsIn } from './reader.paths.js';
import type { LineFault } from './reader.product.js';
import { type AttributeType, describeType, valueIn } from './reader.types.js';

/** A product as the cells of its record spell it, to be validated. */
interface RawValues {
  price: Record<string, unknown>;
  attributes?: Record<string, unknown>;
  [member: string]: unknown;
}

/** What cells spell, and what is wrong with them before they are validated. */
export interface ReadValues {
  values: RawValues;
  faults: LineFault[];
}

/** What a spreadsheet makes of a long number: its last digits are lost. */
const SCIENTIFIC = /^\d+(?:[.,]\d+)?E\+\d+$/i;

/** Reads the cells of a record as the values of a product. */
export class ValueReader {
  private readonly style: NumberStyle | undefined;

  /** @param stripsHtml whether descriptions may be HTML. */
  constructor(
    private readonly settings: Pick<ImportSettings, 'currency' | 'locale'>,
    private readonly stripsHtml: boolean,
  ) {
    this.style = settings.locale === undefined ? undefined : numberStyleOf(settings.locale);
  }

  /**
   * An empty cell of a description or of categories takes away what is there; leave the column out to keep it.
   * @param types of the columns of attributes, by their members; others are texts.
   */
  read(cells: Cells, types: ReadonlyMap<string, AttributeType>): ReadValues {
    const values: RawValues = { price: {} };
    const faults: LineFault[] = [];
    for (const [member, cell] of cells) {
      const text = typeof cell === 'string' ? cell : cell.join(', ');
      switch (member) {
        case 'sku':
          if (SCIENTIFIC.test(text)) faults.push({ column: member, ...scientific(text) });
          values.sku = text;
          break;
        case 'name':
          values.name = text;
          break;
        case 'description':
          values.description = this.description(text);
          break;
        case 'price':
          this.readPrice(text, cells, values, faults);
          break;
        case 'price.amount':
          values.price.amount = numberOr(text);
          values.price.currency ??= this.settings.currency;
          break;
        case 'price.currency':
          values.price.currency = text === '' ? (values.price.currency ?? this.settings.currency ?? '') : text;
          break;
        case 'stock':
          values.stock = text === '' ? undefined : this.stock(text);
          break;
        case 'status':
          values.status = text === '' ? undefined : text;
          break;
        case 'categories':
          values.categories = typeof cell === 'string' ? pathsIn(cell) : cell;
          break;
        case 'photos':
          values.photos = listOf(cell);
          break;
        default:
          if (member.startsWith(ATTRIBUTE)) {
            const type = types.get(member) ?? 'text';
            const value = valueIn(text, type);
            if (value === undefined) faults.push({ column: member, code: 'type', detail: describeType(type) });
            else (values.attributes ??= {})[member.slice(ATTRIBUTE.length)] = value;
          }
      }
    }
    return { values, faults };
  }

  /** A number, such as 1.234, as it would be written: as the locale has it, and so that it can not be taken for a thousand. */
  written(number: string): string {
    const [whole = '', fraction] = number.split('.');
    if (fraction === undefined) return number;
    return `${whole}${this.style?.decimals.charAt(0) ?? '.'}${fraction.length === 3 ? `${fraction}0` : fraction}`;
  }

  private readPrice(text: string, cells: Cells, { price }: RawValues, faults: LineFault[]): void {
    const beside = cells.get('price.currency');
    const { currency: otherwise } = this.settings;
    const read = readPrice(text, {
      beside: typeof beside === 'string' && beside !== '' ? beside : undefined,
      otherwise,
      style: this.style,
    });
    if ('code' in read) faults.push({ column: 'price', ...read });
    else Object.assign(price, read);
  }

  private description(text: string): string | null {
    const read = this.stripsHtml && isHtml(text) ? textOfHtml(text) : text;
    return read === '' ? null : read;
  }

  /** Units on hand, as the option locale writes numbers. */
  private stock(text: string): number | string {
    const read = this.style && readNumber(text, this.style);
    if (!read || read === 'ambiguous' || /[^0]/.test(read.fraction)) return numberOr(text);
    return numberOr(`${read.isNegative ? '-' : ''}${read.whole}`);
  }
}

/** What members begin with that are attributes. */
export const ATTRIBUTE = 'attributes.';

const scientific = (text: string): Omit<LineFault, 'column'> => ({
  code: 'scientific',
  detail: `${text.slice(0, 40)} is what a spreadsheet made of a long number: format the column as text there, enter the numbers again and save the file`,
});

const listOf = (cell: Cell): readonly string[] => {
  if (typeof cell !== 'string') return cell;
  return cell.trim() === '' ? [] : cell.split('|').map((part) => part.trim());
};

/** A number where the cell is digits, else the text, for the validator to refuse: 24.00 may mean 24 or 2400, 1e3 is not an amount. */
const numberOr = (cell: string): number | string => (/^-?\d{1,20}$/.test(cell) ? Number(cell) : cell);
