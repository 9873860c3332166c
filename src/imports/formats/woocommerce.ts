import { LRUCache } from 'lru-cache';
import { isHtml } from '../../common/text/html.js';
import { attributesOf, type Cells, type ForeignFormat, type Row, type RowReader, textIn } from './format.js';

/** How many attributes a product has columns for at most. */
const ATTRIBUTES = Array.from({ length: 20 }, (_, place) => place + 1);
/** How much of parents is kept for their variations, in characters: they may stand anywhere below. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;
/** What a variation has of its parent when its own cell is empty. */
const INHERITED = ['name', 'description', 'categories'];
const KEPT = [...INHERITED, 'status', 'sku'];

/** WooCommerce's export of products. */
export const WOOCOMMERCE: ForeignFormat = {
  layout: 'woocommerce',
  signatures: [
    ['Type', 'SKU', 'Regular price'],
    ['ID', 'Type', 'SKU', 'Parent'],
  ],
  columns: {
    ID: 'id',
    Type: 'type',
    SKU: 'sku',
    Name: 'name',
    Published: 'status',
    'Short description': 'shortDescription',
    Description: 'description',
    Stock: 'stock',
    'In stock?': 'inStock',
    'Regular price': 'price',
    Categories: 'categories',
    Images: 'photos',
    Parent: 'parent',
    ...Object.fromEntries(
      ATTRIBUTES.flatMap((number) => [
        [`Attribute ${String(number)} name`, `attribute${String(number)}.name`],
        [`Attribute ${String(number)} value(s)`, `attribute${String(number)}.value`],
      ]),
    ),
  },
  namesCurrency: false,
  rows: () => new WooCommerceRows(),
};

/** Variable products are parents without a price: what is sold are their variations. */
class WooCommerceRows implements RowReader {
  private readonly parents = new LRUCache<string, Cells>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (cells) => [...cells.values()].reduce((sum, { length }) => sum + length, 1),
  });

  read(raw: Cells): Row | undefined {
    const cells = ownCellsOf(raw);
    const sku = textIn(raw, 'sku');
    switch (typeOf(raw)) {
      case 'variable':
      case 'variable-subscription': {
        const parent: Cells = new Map([...cells].filter(([member]) => KEPT.includes(member)));
        for (const key of [sku, `id:${textIn(raw, 'id')}`]) if (key !== '') this.parents.set(key, parent);
        return undefined;
      }
      case 'variation':
        return this.variation(cells, raw);
      default:
        return { cells: new Map([...cells, ...attributesOf(optionsOf(raw))]) };
    }
  }

  private variation(cells: Cells, raw: Cells): Row {
    const key = textIn(raw, 'parent');
    const parent = this.parents.get(key);
    const options = optionsOf(raw);
    for (const [name, value] of attributesOf(options)) cells.set(name, value);
    // a variation without an SKU has none but that of its parent, which is that of its sisters, too
    const parentSku = textIn(parent ?? cells, 'sku');
    const prefix = parentSku === '' ? key.replace(/^id:/, '') : parentSku;
    const id = textIn(raw, 'id');
    if (textIn(raw, 'sku') === '' && prefix !== '' && id !== '') cells.set('sku', `${prefix}-${id}`);
    const family = { key, name: parent ? textIn(parent, 'name') : '', options: Object.fromEntries(options) };
    if (!parent) {
      const detail = `${key} is no variable product of the lines above: nothing of it is inherited`;
      return { cells, family, ...(key !== '' && { remark: { column: 'Parent', code: 'parent', detail } }) };
    }
    for (const member of INHERITED) {
      const inherited = parent.get(member);
      if (inherited !== undefined && isEmpty(cells.get(member))) cells.set(member, inherited);
    }
    if (textIn(parent, 'status') === 'draft') cells.set('status', 'draft');
    return { cells, family };
  }
}

const isEmpty = (cell: string | readonly string[] | undefined): boolean => cell === undefined || cell.length === 0;

/** `simple, virtual` is a simple product. */
const typeOf = (raw: Cells): string => (textIn(raw, 'type').split(',')[0] ?? '').trim().toLowerCase();

/** The cells of a record as ours. */
function ownCellsOf(raw: Cells): Cells {
  const cells: Cells = new Map(raw);
  const description = textIn(raw, 'description') || textIn(raw, 'shortDescription');
  if (raw.has('description') || raw.has('shortDescription')) cells.set('description', withLineBreaks(description));
  if (raw.has('categories')) cells.set('categories', listOf(textIn(raw, 'categories')));
  if (raw.has('photos')) cells.set('photos', listOf(textIn(raw, 'photos')));
  if (raw.has('status')) cells.set('status', statusOf(textIn(raw, 'status')));
  if (textIn(raw, 'stock') === '' && textIn(raw, 'inStock') === '0') cells.set('stock', '0');
  return cells;
}

/** A published product is 1, a private one 0, a draft -1. */
const statusOf = (published: string): string =>
  published === '1' ? 'active' : ['0', '-1'].includes(published) ? 'draft' : published;

/** A line break is written as a backslash and an n. */
const withLineBreaks = (text: string): string => text.replaceAll('\\n', isHtml(text) ? '<br>' : '\n');

/** A list with commas, where `\,` is a comma in a name. */
const listOf = (cell: string): string[] =>
  cell
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll('\\,', ',').trim())
    .filter((part) => part !== '');

/** The attributes of a product with their values: of a variation one each. */
const optionsOf = (raw: Cells): [string, string][] =>
  ATTRIBUTES.map((number): [string, string] => [
    textIn(raw, `attribute${String(number)}.name`),
    listOf(textIn(raw, `attribute${String(number)}.value`)).join(', '),
  ]).filter(([name, value]) => name !== '' && value !== '');
