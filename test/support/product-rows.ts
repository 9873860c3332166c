import type { Caller } from '../../src/common/security/caller.js';
import type { ProductRow, ProductState, RatingTotals } from '../../src/products/dto/product.dto.js';
import { seesHiddenProducts } from '../../src/products/products.permissions.js';
import type {
  NewProduct,
  ProductChange,
  ProductsRepository,
  UnstockedRow,
} from '../../src/products/products.repository.js';
import { updateRow, violationOf } from './fakes.js';

type Faked =
  | 'find'
  | 'findState'
  | 'findIds'
  | 'lock'
  | 'lockForRating'
  | 'updateRating'
  | 'insert'
  | 'update'
  | 'delete'
  | 'replaceCategories';

/**
 * Products without a database, and the two categories that there are; refuses what the constraints of the table refuse.
 * A product that is not locked is not changed.
 */
export class ProductsInMemory implements Pick<ProductsRepository, Faked> {
  readonly rows = new Map<string, ProductRow>();
  private readonly locked = new Set<string>();
  /** What was done to rate products, in order. */
  readonly steps: unknown[] = [];

  add(row: Partial<ProductRow> = {}): ProductRow {
    const { id = 'a product' } = row;
    const added = { ...LANTERN, id, ...row };
    this.rows.set(id, added);
    return added;
  }

  find(id: string): Promise<ProductRow | undefined> {
    return Promise.resolve(this.rows.get(id));
  }

  findState(id: string, reader?: Pick<Caller, 'permissions'>): Promise<ProductState | undefined> {
    const row = this.rows.get(id);
    if (!row || (row.status !== 'active' && !seesHiddenProducts(reader))) return Promise.resolve(undefined);
    return Promise.resolve({
      ...row,
      categoryChanges: row.categories.reduce((sum, { version }) => sum + version - 1, 0),
    });
  }

  findIds(skus: readonly string[]): Promise<ProductRow[]> {
    return Promise.resolve([...this.rows.values()].filter(({ sku }) => skus.includes(sku)));
  }

  lock(id: string): Promise<ProductRow | null> {
    this.locked.add(id);
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  lockForRating(id: string): Promise<boolean> {
    this.steps.push('lock');
    return Promise.resolve(this.rows.has(id));
  }

  updateRating(id: string, totals: RatingTotals): Promise<void> {
    this.steps.push([id, totals]);
    return Promise.resolve();
  }

  insert(product: NewProduct, categoryIds: readonly string[]): Promise<UnstockedRow> {
    if (this.isTaken(product)) return Promise.reject(violationOf('products_sku_unique'));
    return Promise.resolve(this.add({ ...product, categories: placesIn(categoryIds) }));
  }

  update(id: string, change: ProductChange): Promise<void> {
    const row = this.rows.get(id);
    if (!row || !this.locked.has(id)) return Promise.resolve();
    const updated = updateRow(row, change);
    if (this.isTaken(updated)) return Promise.reject(violationOf('products_sku_unique'));
    this.rows.set(id, updated);
    return Promise.resolve();
  }

  delete(id: string): Promise<void> {
    if (this.locked.has(id)) this.rows.delete(id);
    return Promise.resolve();
  }

  replaceCategories(id: string, ids: readonly string[]): Promise<{ known: string[]; haveChanged: boolean }> {
    const row = this.rows.get(id);
    const before = row?.categories.map((category) => category.id) ?? [];
    const categories = placesIn(ids);
    if (row) this.rows.set(id, { ...row, categories });
    const now = categories.map((category) => category.id);
    return Promise.resolve({ known: now, haveChanged: before.join() !== now.join() });
  }

  private isTaken({ id, sku }: Pick<NewProduct, 'id' | 'sku'>): boolean {
    return [...this.rows.values()].some((row) => row.id !== id && row.sku === sku);
  }
}

const LANTERN: ProductRow = {
  id: 'lantern',
  sku: 'LANT-1',
  slug: 'lantern',
  name: 'Lantern',
  description: null,
  priceAmount: 1999,
  priceCurrency: 'GBP',
  onHand: 0,
  reserved: 0,
  stockVersion: 1,
  ratingCount: 0,
  ratingSum: 0,
  categories: [],
  photos: [],
  attributes: {},
  familyId: null,
  familyName: null,
  familyOptions: null,
  status: 'active',
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

/** Those of the categories that exist: `garden` and `kitchen`. */
export const placesIn = (ids: readonly string[]): ProductRow['categories'] =>
  ['garden', 'kitchen'].filter((id) => ids.includes(id)).map((id) => ({ id, name: id, slug: id, version: 1 }));
