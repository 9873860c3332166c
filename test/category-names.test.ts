import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CategoriesService } from '../src/categories/categories.service.js';
import type { CategoryDto } from '../src/categories/dto/category.dto.js';
import { Transactions } from '../src/common/database/transactions.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Clock } from '../src/common/time/clock.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { ProductsBulkRepository } from '../src/products/products.bulk.repository.js';
import { ProductsBulkService } from '../src/products/products.bulk.service.js';
import { settled, signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';

const PRICE = { amount: 1, currency: 'GBP' };

let shop: Shop;
let staff: string;
beforeAll(async () => {
  shop = await Shop.open();
  staff = await signIn(shop, 'staff');
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => shop.close());

const category = async (name: string, parentId?: string): Promise<string> =>
  (await shop.ask<CategoryDto>('categories', { method: 'POST', token: staff, json: { name, parentId } })).body.id;
const product = async (name: string, ...categoryIds: string[]): Promise<ProductDto> => {
  const json = { sku: randomUUID(), name, price: PRICE, categoryIds };
  return (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json })).body;
};
const change = async (id: string, json: object): Promise<number> =>
  (await shop.ask(`categories/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': '*' }, json })).status;
/** The names of the products that have the word itself. */
const found = async (word: string): Promise<string[]> => {
  const { body } = await shop.ask<ProductPage>(`products?q=${word}&limit=100`);
  return body.data.map(({ name }) => name).sort();
};

describe('products are found by the names of their categories', () => {
  it('after a category or one above it was renamed, and no more by the old name', async () => {
    const meadow = await category('Meadow');
    const flowers = await category('Blossoms', meadow);
    await product('Vase', flowers);
    await product('Bench', meadow);
    await product('Stool', await category('Hallway'));

    expect(await change(flowers, { name: 'Petals' })).toBe(200);
    await settled(shop);
    expect([await found('petals'), await found('blossoms')]).toEqual([['Vase'], []]);

    await change(meadow, { name: 'Prairie' });
    await settled(shop);
    expect([await found('prairie'), await found('meadow')]).toEqual([['Bench', 'Vase'], []]);
  });

  it('after a category was moved', async () => {
    const [from, to] = [await category('Attics'), await category('Basements')];
    const trunks = await category('Trunks', from);
    await product('Suitcase', trunks);
    await product('Ladder', from);

    await change(trunks, { parentId: to });
    await settled(shop);

    expect([await found('attics'), await found('basements')]).toEqual([['Ladder'], ['Suitcase']]);
  });

  it('without being another version, and only those whose names changed are written', async () => {
    const id = await category('Quilts');
    const { id: productId } = await product('Cover', id);
    const state = async (): Promise<object[]> =>
      shop.app
        .get(DataSource)
        .query('SELECT version, updated_at, xmin::text AS row FROM products WHERE id = $1', [productId]);
    const before = await state();
    await change(id, { name: 'Quilts' });
    await settled(shop);
    expect(await state()).toEqual(before);

    await change(id, { name: 'Duvets' });
    await settled(shop);
    expect(await state()).toMatchObject([{ version: 1 }]);
    expect(await found('duvets')).toEqual(['Cover']);
  });

  it('however many they are: batch by batch, each its own unit of work', async () => {
    const goods = Array.from({ length: 1001 }, (_, index) => ({
      sku: `CRATE-${String(index)}`,
      name: 'Crate',
      price: PRICE,
      categories: [['Warehouse', `Shelf ${String(index % 3)}`], ['Warehouse']],
    }));
    await shop.app.get(ProductsBulkService).upsertMany(goods);
    const { body } = await shop.ask<{ data: CategoryDto[] }>('categories?limit=100');
    const warehouse = body.data.find(({ name }) => name === 'Warehouse')?.id ?? '';
    const refreshed = jest.spyOn(shop.app.get(ProductsBulkRepository), 'refreshCategoryNames');
    const units = jest.spyOn(shop.app.get(Transactions), 'run');

    await change(warehouse, { name: 'Depot' });
    await settled(shop);

    const batches = refreshed.mock.calls.map(([ids]) => ids);
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 1]);
    expect(new Set(batches.flat()).size).toBe(1001);
    expect(units.mock.calls.length).toBeGreaterThanOrEqual(3);
    const [counted] = await shop.app
      .get(DataSource)
      .query<{ count: number }[]>("SELECT count(*) AS count FROM products WHERE search @@ search_query('depot')");
    expect(counted?.count).toBe(1001);
  });

  it('once, however often the category is renamed before the job begins', async () => {
    const id = await category('Sofas');
    await product('Couch', id);
    const refreshed = jest.spyOn(shop.app.get(ProductsBulkRepository), 'refreshCategoryNames');
    const categories = shop.app.get(CategoriesService);
    await shop.app.get(Transactions).run(async () => {
      await categories.update(id, { name: 'Settees' }, '*');
      await categories.update(id, { name: 'Divans' }, '*');
    });
    await settled(shop);

    expect(refreshed).toHaveBeenCalledTimes(1);
    expect([await found('settees'), await found('divans')]).toEqual([[], ['Couch']]);
  });

  it('after a second look, where they were put into it while it was renamed', async () => {
    const id = await category('Kettles');
    const { id: productId } = await product('Pot', id);
    await change(id, { name: 'Boilers' });
    await settled(shop);
    // as a transaction leaves it that read the old name and commits after the job
    await shop.app.get(DataSource).query("UPDATE products SET category_names = 'Kettles' WHERE id = $1", [productId]);
    await settled(shop);
    expect(await found('boilers')).toEqual([]);

    const now = Date.now();
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(now + 121_000));
    await settled(shop);
    expect(await found('boilers')).toEqual(['Pot']);
  });

  it('after a second look for each change, two minutes after it', async () => {
    const id = await category('Ewers');
    const { id: productId } = await product('Basin', id);
    const start = Date.now();
    const at = async (seconds: number): Promise<void> => {
      jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(start + seconds * 1000));
      await settled(shop);
    };
    await at(0);
    await change(id, { name: 'Pitchers' });
    await settled(shop);
    await at(100);
    await change(id, { name: 'Carafes' });
    await settled(shop);
    await at(121);
    // as a transaction leaves it that read the name before the second change and commits now
    await shop.app.get(DataSource).query("UPDATE products SET category_names = 'Pitchers' WHERE id = $1", [productId]);
    await at(219);
    expect(await found('carafes')).toEqual([]);

    await at(222);
    expect(await found('carafes')).toEqual(['Basin']);
  });

  it('later when that fails: renaming the category does not', async () => {
    const id = await category('Pans');
    await product('Skillet', id);
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const enqueue = jest.spyOn(shop.app.get(JobsService), 'enqueue').mockRejectedValue(new Error('no'));

    expect(await change(id, { name: 'Woks' })).toBe(200);
    await settled(shop);

    expect(enqueue).toHaveBeenCalledTimes(1);
    expect((await shop.ask<CategoryDto>(`categories/${id}`)).body.name).toBe('Woks');
    expect(await found('woks')).toEqual([]);
  });
});
