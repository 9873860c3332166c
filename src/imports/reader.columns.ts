/** A product as the cells of its record spell it, to be validated. */
export interface RawValues {
  price: Record<string, unknown>;
  attributes?: Record<string, unknown>;
  [member: string]: unknown;
}

type Read = (cell: string, spelled: RawValues) => void;

/** A column that an import knows. */
export interface Column {
  /** As the documentation and faults name it. */
  name: string;
  read: Read;
}

export const REQUIRED_COLUMNS = ['sku', 'name', 'price.amount', 'price.currency'];

/** How many columns a line must name to be a header: a title may have the word `name` in it, but not two cells. */
const LEAST_NAMED = 2;

/** What may stand between the words of a name. */
const BETWEEN = /[\s._-]+/;
const ATTRIBUTE = /^attributes[\s._-]+(.+)$/i;
const ATTRIBUTE_NAME = /^[a-z][A-Za-z0-9]{0,39}$/;

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

const plain = (name: string): string => name.toLowerCase().split(BETWEEN).join('');

/** The columns by their names in small letters, without what stands between words. */
const BY_PLAIN_NAME = new Map([...COLUMNS].map(([name, read]): [string, Column] => [plain(name), { name, read }]));

/**
 * The column that a cell of a header names, in any case and spacing: `Price Amount`, `PRICE.AMOUNT` and `price_amount` are
 * `price.amount`. @returns undefined when an import has none of that name.
 */
export function columnNamed(cell: string): Column | undefined {
  const name = cell.trim();
  const attribute = attributeNamed(name);
  if (attribute !== undefined) {
    return {
      name: `attributes.${attribute}`,
      read: (value, spelled) => {
        spelled.attributes ??= {};
        spelled.attributes[attribute] = attributeOf(value);
      },
    };
  }
  return BY_PLAIN_NAME.get(plain(name));
}

/** `attributes.leadTime`, also spelled `Attributes Lead Time`. */
function attributeNamed(column: string): string | undefined {
  const written = ATTRIBUTE.exec(column)?.[1];
  if (written === undefined) return undefined;
  const name = ATTRIBUTE_NAME.test(written) ? written : camelCase(written.split(BETWEEN));
  // `constructor` is refused in every body.
  return ATTRIBUTE_NAME.test(name) && name !== 'constructor' ? name : undefined;
}

const camelCase = (words: readonly string[]): string =>
  words
    .map((word) => (word === word.toUpperCase() ? word.toLowerCase() : word))
    .map((word, place) => (place === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('');

/** Whether these are the names of columns, and not a title, a note or a product. */
export function isHeader(cells: readonly string[]): boolean {
  return namedIn(cells) >= LEAST_NAMED;
}

/** How many columns the cells name. */
export const namedIn = (cells: readonly string[]): number =>
  new Set(cells.flatMap((cell) => columnNamed(cell)?.name ?? [])).size;

/** A number where the cell is digits, else the text, for the validator to refuse: 24.00 may mean 24 or 2400, 1e3 is not an amount. */
const numberOr = (cell: string): number | string => (/^-?\d{1,20}$/.test(cell) ? Number(cell) : cell);

/** A number or truth value where the cell spells one as JSON does (`007` is a text); an empty cell removes the attribute. */
function attributeOf(cell: string): string | number | boolean | null {
  if (cell === '') return null;
  if (cell === 'true' || cell === 'false') return cell === 'true';
  const number = Number(cell);
  return String(number) === cell && Number.isFinite(number) ? number : cell;
}
