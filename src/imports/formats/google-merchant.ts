import { LRUCache } from 'lru-cache';
import { attributesOf, type Cells, type ForeignFormat, type Row, type RowReader, textIn } from './format.js';

/** What makes the difference between variants in a feed. */
const OPTIONS = ['color', 'size', 'material', 'pattern'];

/** Google Merchant Center's feed of products, separated by tabs. */
export const GOOGLE_MERCHANT: ForeignFormat = {
  layout: 'google-merchant',
  signatures: [
    ['id', 'title', 'availability'],
    ['id', 'title', 'image_link'],
    ['id', 'title', 'item_group_id'],
    ['id', 'title', 'google_product_category'],
  ],
  columns: {
    id: 'sku',
    title: 'name',
    description: 'description',
    price: 'price',
    availability: 'availability',
    product_type: 'categories',
    google_product_category: 'standardCategory',
    image_link: 'photos',
    item_group_id: 'group',
    ...Object.fromEntries(OPTIONS.map((name) => [name, `option.${name}`])),
  },
  namesCurrency: true,
  rows: () => new GoogleRows(),
};

/** How much is kept of titles for rows far below. */
const KEPT_CHARACTERS = 16 * 1024 * 1024;

/** Each row is a product; those with the same item_group_id are variants, which have the title of the first one together. */
class GoogleRows implements RowReader {
  private readonly names = new LRUCache<string, string>({
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (name, key) => name.length + key.length + 1,
  });

  read(raw: Cells): Row {
    const row = rowOf(raw);
    const key = textIn(raw, 'group');
    if (key === '') return row;
    const name = this.names.get(key) ?? textIn(raw, 'name');
    this.names.set(key, name);
    return { ...row, family: { key, name, options: Object.fromEntries(optionsOf(raw)) } };
  }
}

const optionsOf = (raw: Cells): [string, string][] =>
  OPTIONS.map((name): [string, string] => [name, textIn(raw, `option.${name}`)]).filter(([, value]) => value !== '');

/** A feed says of stock only whether there is some. */
function rowOf(raw: Cells): Row {
  const cells: Cells = new Map(raw);
  // product categories of Google may be numbers
  const standard = textIn(raw, 'standardCategory').replace(/^\d+$/, '');
  if (raw.has('categories') || raw.has('standardCategory')) {
    const path = textIn(raw, 'categories') || standard;
    cells.set('categories', path === '' ? [] : [path]);
  }
  if (/^out[ _]of[ _]stock$/i.test(textIn(raw, 'availability'))) cells.set('stock', '0');
  for (const [name, value] of attributesOf(optionsOf(raw))) cells.set(name, value);
  return { cells };
}
