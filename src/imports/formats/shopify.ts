import { attributesOf, type Cells, type ForeignFormat, type Row, type RowReader, textIn } from './format.js';

/** What the rows below the first one of a product leave empty. */
const INHERITED = ['name', 'description', 'categories', 'status'];
const OPTIONS = [1, 2, 3];
/** The value of the one option of a product without options. */
const NO_OPTION = 'Default Title';

/** Shopify's export of products, with the names of columns until 2024 and after. */
export const SHOPIFY: ForeignFormat = {
  layout: 'shopify',
  signatures: [
    ['Handle', 'Variant SKU'],
    ['Handle', 'Variant Price'],
    ['URL handle', 'SKU'],
    ['URL handle', 'Price'],
  ],
  columns: {
    Handle: 'handle',
    'URL handle': 'handle',
    Title: 'name',
    'Body (HTML)': 'description',
    Description: 'description',
    Type: 'categories',
    'Product Category': 'standardCategory',
    Published: 'published',
    'Published on online store': 'published',
    Status: 'status',
    'Variant SKU': 'sku',
    SKU: 'sku',
    'Variant Price': 'price',
    Price: 'price',
    'Variant Inventory Qty': 'stock',
    'Inventory quantity': 'stock',
    'Image Src': 'photos',
    'Product image URL': 'photos',
    ...Object.fromEntries(
      OPTIONS.flatMap((number) => [
        [`Option${String(number)} Name`, `option${String(number)}.name`],
        [`Option${String(number)} Value`, `option${String(number)}.value`],
      ]),
    ),
  },
  namesCurrency: false,
  rows: () => new ShopifyRows(),
};

/** The rows of one product have one handle, and stand together: the first has what is the same of all its variants. */
class ShopifyRows implements RowReader {
  private handle = '';
  private first: Cells = new Map();

  read(cells: Cells): Row | undefined {
    const handle = textIn(cells, 'handle');
    const isFirst = handle === '' || handle !== this.handle;
    if (isFirst) [this.handle, this.first] = [handle, productOf(cells)];
    const options = this.optionsOf(cells);
    const isVariant = options.length > 0 || ['sku', 'price'].some((member) => textIn(cells, member) !== '');
    if (!isFirst && !isVariant) return undefined;
    const inherited = INHERITED.flatMap((member) => {
      const cell = this.first.get(member);
      return cell === undefined ? [] : [[member, cell] as const];
    });
    const title = textIn(this.first, 'name');
    const name = [title, options.map(([, value]) => value).join(' / ')].filter((part) => part !== '').join(' - ');
    return {
      cells: new Map([
        ...cells,
        ...inherited,
        ...(title === '' ? [] : [['name', name] as const]),
        ...attributesOf(options),
      ]),
      family: { key: handle, name: title, options: Object.fromEntries(options) },
    };
  }

  /** The names and values of the options of a variant. */
  private optionsOf(cells: Cells): [string, string][] {
    return OPTIONS.map((number): [string, string] => [
      textIn(this.first, `option${String(number)}.name`),
      textIn(cells, `option${String(number)}.value`),
    ]).filter(([name, value]) => name !== '' && value !== '' && value !== NO_OPTION);
  }
}

/** What a first row has for all variants. */
function productOf(cells: Cells): Cells {
  const product: Cells = new Map(cells);
  const category = textIn(cells, 'categories') || textIn(cells, 'standardCategory');
  if (cells.has('categories') || cells.has('standardCategory')) product.set('categories', category ? [category] : []);
  product.set('status', statusOf(textIn(cells, 'status').toLowerCase(), textIn(cells, 'published').toLowerCase()));
  return product;
}

/** A product that is not published on the shop's pages is not to be seen here either. */
function statusOf(status: string, published: string): string {
  if (published === 'false' && status !== 'archived') return 'draft';
  if (status === 'unlisted') return 'draft';
  return status || (published === 'true' ? 'active' : '');
}
