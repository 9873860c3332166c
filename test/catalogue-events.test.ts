import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryDto } from '../src/categories/dto/category.dto.js';
import { OutboxRepository } from '../src/common/events/outbox.repository.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { type BulkProduct, ProductsBulkService } from '../src/products/products.bulk.service.js';
import { settled, signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';

const LANTERN = { name: 'Red Metal Lantern', price: { amount: 1999, currency: 'GBP' } };

let shop: Shop;
let staff: string;
beforeAll(async () => {
  shop = await Shop.open();
  staff = await signIn(shop, 'staff');
});
afterAll(() => shop.close());

/** What was announced of some resources: name, version and data, in the order of the feed. */
const announced = async (...ids: string[]): Promise<[string, number, object][]> => {
  await settled(shop);
  const feed = await shop.app.get(OutboxRepository).read(0, 10_000);
  return feed
    .filter(({ aggregateId }) => ids.includes(aggregateId))
    .map(({ name, version, data }) => [name, version, data]);
};
const post = async <T extends object>(path: string, json: object): Promise<T> =>
  (await shop.ask<T>(path, { method: 'POST', token: staff, json })).body;
const change = (path: string, json?: object): Promise<Answer<Record<string, unknown>>> =>
  shop.ask(path, { method: json ? 'PATCH' : 'DELETE', token: staff, headers: { 'if-match': '*' }, json });
const product = (sku: string, more: object = {}): Promise<ProductDto> =>
  post<ProductDto>('products', { ...LANTERN, sku, ...more });
const category = async (name: string, parentId?: string): Promise<string> =>
  (await post<CategoryDto>('categories', { name, parentId })).id;

describe('a category announces', () => {
  it('its life: created, renamed, moved, deleted', async () => {
    const [parentId, id] = [await category('Tools'), await category('Saws')];
    await change(`categories/${id}`, { name: 'Handsaws' });
    await change(`categories/${id}`, { parentId });
    await change(`categories/${id}`);

    expect(await announced(id)).toEqual([
      ['category.created', 1, { parentId: null }],
      ['category.updated', 2, { parentId: null, renamed: true, moved: false }],
      ['category.updated', 3, { parentId, renamed: false, moved: true }],
      ['category.deleted', 4, { parentId }],
    ]);
  });

  it('nothing when nothing changed, or the change was refused', async () => {
    const [id, below] = [await category('Paints'), await category('Brushes')];
    await change(`categories/${below}`, { parentId: id });
    await change(`categories/${below}`, { parentId: id });
    await change(`categories/${id}`, { name: 'Paints' });
    expect((await change(`categories/${id}`)).status).toBe(409);

    expect(await announced(id)).toEqual([['category.created', 1, { parentId: null }]]);
    expect(await announced(below)).toHaveLength(2);
  });

  it('that one above it changed, since it shows its name: all that are below, and no other, with one statement', async () => {
    const top = await category('Rooms');
    const middle = await category('Bedroom', top);
    const [leaf, other] = [await category('Beds', middle), await category('Streets')];
    const statements = await statementsOf(shop, () => change(`categories/${top}`, { name: 'Chambers' }));

    expect(statements.filter(({ text }) => text.includes('INSERT INTO outbox'))).toHaveLength(1);
    expect((await announced(middle, leaf)).slice(2)).toEqual([
      ['category.updated', 2, { parentId: top, renamed: false, moved: false }],
      ['category.updated', 2, { parentId: middle, renamed: false, moved: false }],
    ]);
    expect(await announced(other)).toHaveLength(1);
  });
});

describe('a product announces', () => {
  it('its life: created, changed, put into categories, deleted', async () => {
    const { id } = await product('LIFE', { status: 'draft' });
    await change(`products/${id}`, { status: 'active' });
    await change(`products/${id}`, { categoryIds: [await category('Lives')] });
    await change(`products/${id}`);

    expect(await announced(id)).toEqual([
      ['product.created', 1, { sku: 'LIFE', status: 'draft' }],
      ['product.updated', 2, { sku: 'LIFE', status: 'active' }],
      ['product.updated', 3, { sku: 'LIFE', status: 'active' }],
      ['product.deleted', 4, { sku: 'LIFE', status: 'active' }],
    ]);
  });

  it('nothing when nothing changed, or the change was refused', async () => {
    const { id } = await product('SAME');
    await product('TAKEN');
    await change(`products/${id}`, {});
    await change(`products/${id}`, { ...LANTERN, attributes: {}, status: 'active' });
    expect((await change(`products/${id}`, { sku: 'TAKEN' })).status).toBe(409);

    expect(await announced(id)).toEqual([['product.created', 1, { sku: 'SAME', status: 'active' }]]);
  });
});

describe('stock announces', () => {
  it('each change by the version of the level, and none that was refused', async () => {
    const { id } = await product('COUNTED');
    const adjust = async (delta: number): Promise<number> =>
      (
        await shop.ask(`products/${id}/stock-adjustments`, {
          method: 'POST',
          token: staff,
          json: { delta, reason: 'Count' },
        })
      ).status;

    expect([await adjust(5), await adjust(-2), await adjust(-4)]).toEqual([201, 201, 409]);
    expect((await announced(id)).slice(1)).toEqual([
      ['stock.changed', 2, { onHand: 5, reserved: 0, cause: 'adjustment' }],
      ['stock.changed', 3, { onHand: 3, reserved: 0, cause: 'adjustment' }],
    ]);
  });
});

describe('an import announces', () => {
  const idOf = async (sku: string): Promise<string> =>
    (await shop.ask<{ data: ProductDto[] }>(`products?sku=${sku}`)).body.data[0]?.id ?? '';

  it('products, stock and categories that are new or other, and none that are so already', async () => {
    const bulk = shop.app.get(ProductsBulkService);
    const goods = [
      { ...LANTERN, sku: 'BULK-1', stock: 4, categories: [['Imported', 'Lamps']] },
      { ...LANTERN, sku: 'BULK-2' },
    ];
    await bulk.upsertMany(goods);
    const [first, second] = [await idOf('BULK-1'), await idOf('BULK-2')];
    await bulk.upsertMany(goods);
    await bulk.upsertMany([
      { ...LANTERN, sku: 'BULK-1', stock: 3 },
      { ...LANTERN, sku: 'BULK-2', name: 'Blue' },
    ]);

    expect(await announced(first)).toEqual([
      ['product.created', 1, { sku: 'BULK-1', status: 'active' }],
      ['stock.changed', 1, { onHand: 4, reserved: 0, cause: 'import' }],
      ['stock.changed', 2, { onHand: 3, reserved: 0, cause: 'import' }],
    ]);
    expect(await announced(second)).toEqual([
      ['product.created', 1, { sku: 'BULK-2', status: 'active' }],
      ['product.updated', 2, { sku: 'BULK-2', status: 'active' }],
    ]);
    const { body } = await shop.ask<{ data: CategoryDto[] }>('categories?limit=100');
    const [imported, lamps] = ['Imported', 'Lamps'].map(
      (wanted) => body.data.find(({ name }) => name === wanted)?.id ?? '',
    );
    expect(await announced(imported ?? '', lamps ?? '')).toEqual([
      ['category.created', 1, { parentId: null }],
      ['category.created', 1, { parentId: imported }],
    ]);
  });

  it('with as many statements for many products as for one of a kind', async () => {
    const bulk = shop.app.get(ProductsBulkService);
    const goods = (prefix: string, count: number, stock: number): BulkProduct[] =>
      Array.from({ length: count }, (_, index) => ({ ...LANTERN, sku: `${prefix}-${String(index)}`, stock }));
    const announcing = async (prefix: string, count: number, stock: number): Promise<number> =>
      (await statementsOf(shop, () => bulk.upsertMany(goods(prefix, count, stock)))).filter(({ text }) =>
        text.includes('INSERT INTO outbox'),
      ).length;

    expect([await announcing('ONE', 1, 1), await announcing('MANY', 100, 1)]).toEqual([1, 1]);
    expect(await announcing('MANY', 100, 2)).toBe(1);
  });
});
