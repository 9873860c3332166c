import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  callerOf,
  FakeEvents,
  FakeTransactions,
  refusalOf,
  standInFor,
  violationOf,
} from '../../test/support/fakes.js';
import { placesIn, ProductsInMemory } from '../../test/support/product-rows.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { InventoryService } from '../inventory/inventory.service.js';
import { PhotosService } from '../photos/photos.service.js';
import type { RatingTotals } from './dto/product.dto.js';
import { ProductReserved, SkuTaken } from './products.errors.js';
import { ProductsPhotosRepository } from './products.photos.repository.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

const customer = callerOf('cleo', 'customer');
const staff = callerOf('sam', 'staff');
const PHOTO = { width: 1600, height: 1200, thumbHash: '', state: 'ready', alt: null } as const;
const PRICE = { amount: 1999, currency: 'GBP' };

describe('ProductsService', () => {
  let rows: ProductsInMemory;
  let events: FakeEvents;
  let levels: string[];
  let reserved: number;
  let removed: string[];
  let photoRows: ProductsPhotosRepository;
  let photos: PhotosService;
  let products: ProductsService;
  beforeEach(() => {
    rows = new ProductsInMemory();
    levels = [];
    const transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    reserved = 0;
    removed = [];
    photoRows = standInFor(ProductsPhotosRepository, {
      findOf: (id) => Promise.resolve([{ ...PHOTO, id: `photo of ${id}` }]),
      delete: () => Promise.resolve(),
    });
    photos = standInFor(PhotosService, {
      remove: (ids) => {
        removed.push(...ids);
        return Promise.resolve();
      },
    });
    const inventory = standInFor(InventoryService, {
      createLevel: (id) => {
        levels.push(id);
        return Promise.resolve({ productId: id, onHand: 0, reserved: 0, version: 1 });
      },
      lockLevels: (ids) =>
        Promise.resolve(new Map(ids.map((productId) => [productId, { productId, onHand: 5, reserved }]))),
    });
    products = new ProductsService(
      standInFor(ProductsRepository, rows),
      photoRows,
      inventory,
      photos,
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
    );
  });

  it.each(['draft', 'archived'] as const)('is missing for customers and visitors while it is %s', async (status) => {
    const { id } = rows.add({ status });

    expect((await refusalOf(products.read(id))).kind).toBe(NotFound);
    expect((await refusalOf(products.read(id, customer))).kind).toBe(NotFound);
    expect([await products.versionOf(id), await products.versionOf(id, customer)]).toEqual([undefined, undefined]);
    expect([(await products.read(id, staff)).status, await products.versionOf(id, staff)]).toEqual([status, 1]);
  });

  it('is there for everybody while it is active; what is reserved of it, for staff alone', async () => {
    const { id } = rows.add({ onHand: 5, reserved: 2 });

    expect((await products.read(id)).stock).toEqual({ available: 3 });
    expect((await products.read(id, customer)).stock).toEqual({ available: 3 });
    expect((await products.read(id, staff)).stock).toEqual({ available: 3, onHand: 5, reserved: 2 });
  });

  it('begins with a stock of its own, and is announced', async () => {
    const { id, slug, description, status } = await products.create(
      { sku: 'LANT-2', name: 'Red Lantern', price: PRICE },
      staff,
    );

    expect([slug, description, status]).toEqual([`red-lantern-${id.slice(-8)}`, null, 'active']);
    expect(levels).toEqual([id]);
    expect(events.published).toEqual([
      { name: 'product.created', id, version: 1, data: { sku: 'LANT-2', status: 'active' } },
    ]);
  });

  it('is shown to staff who create a draft', async () => {
    const input = { sku: 'LANT-2', name: 'Red Lantern', price: PRICE, status: 'draft' } as const;

    expect((await products.create(input, staff)).status).toBe('draft');
  });

  it('names each category that does not exist by its place', async () => {
    const { id } = rows.add();
    const categoryIds = ['garden', 'nothing', 'kitchen', 'void'];
    const refusals = [
      await refusalOf(products.create({ sku: 'LANT-2', name: 'Red Lantern', price: PRICE, categoryIds }, staff)),
      await refusalOf(products.update(id, { categoryIds }, '*', staff)),
    ];

    for (const { kind, extras } of refusals) {
      expect(kind).toBe(ValidationFailed);
      expect(extras.errors?.map(({ pointer, code }) => [pointer, code])).toEqual([
        ['#/categoryIds/1', 'exists'],
        ['#/categoryIds/3', 'exists'],
      ]);
    }
    expect(events.published).toEqual([]);
  });

  it('refuses categories of which one was deleted since they were looked up', async () => {
    const { id } = rows.add();
    rows.insert = () => Promise.reject(violationOf('product_categories_category_fk'));
    rows.replaceCategories = () => Promise.reject(violationOf('product_categories_category_fk'));
    const categoryIds = ['garden'];
    const refusals = [
      await refusalOf(products.create({ sku: 'LANT-2', name: 'Red Lantern', price: PRICE, categoryIds }, staff)),
      await refusalOf(products.update(id, { categoryIds }, '*', staff)),
    ];

    for (const { kind, extras } of refusals) {
      expect(kind).toBe(ValidationFailed);
      expect(extras.errors).toMatchObject([{ pointer: '#/categoryIds', code: 'exists' }]);
    }
    expect(events.published).toEqual([]);
  });

  it('has a SKU that no other product has', async () => {
    rows.add({ id: '1', sku: 'LANT-1' });
    rows.add({ id: '2', sku: 'LANT-2' });
    const refusals = [
      await refusalOf(products.create({ sku: 'LANT-1', name: 'Red Lantern', price: PRICE }, staff)),
      await refusalOf(products.update('2', { sku: 'LANT-1' }, '*', staff)),
    ];

    for (const { kind, detail } of refusals) {
      expect([kind, detail]).toEqual([SkuTaken, 'There is already a product with the SKU LANT-1.']);
    }
    expect((await products.update('1', { sku: 'LANT-1', name: 'Red' }, '*', staff)).name).toBe('Red');
    expect([levels, events.published.length]).toEqual([[], 1]);
  });

  it('announces nothing when it has no stock to begin with', async () => {
    const failing = new FakeTransactions();
    const announced = new FakeEvents(failing);
    const broken = new ProductsService(
      standInFor(ProductsRepository, rows),
      photoRows,
      standInFor(InventoryService, { createLevel: () => Promise.reject(new Error('the disk is full')) }),
      photos,
      standInFor(EventsService, announced),
      standInFor(Transactions, failing),
    );

    await expect(broken.create({ sku: 'LANT-2', name: 'Red', price: PRICE }, staff)).rejects.toThrow('disk');
    expect(announced.published).toEqual([]);
  });

  it('keeps what a change leaves out, and merges attributes', async () => {
    const { id } = rows.add({ attributes: { colour: 'red', pieces: 6 }, description: 'Bright' });
    const change = { price: { amount: 500, currency: 'EUR' }, attributes: { pieces: null, metal: true } };

    expect(await products.update(id, change, [1], staff)).toMatchObject({
      name: 'Lantern',
      description: 'Bright',
      price: { amount: 500, currency: 'EUR' },
      attributes: { colour: 'red', metal: true },
      version: 2,
    });
    expect(rows.rows.get(id)?.attributes).toEqual({ colour: 'red', metal: true });
    expect(events.published).toEqual([
      { name: 'product.updated', id, version: 2, data: { sku: 'LANT-1', status: 'active' } },
    ]);
  });

  it('is in a new version once it is in other categories, and is announced', async () => {
    const { id } = rows.add({ categories: placesIn(['garden']), version: 4 });
    const { version, categories } = await products.update(id, { categoryIds: ['kitchen'] }, [4], staff);

    expect([version, categories.map((category) => category.id)]).toEqual([5, ['kitchen']]);
    expect(events.published.map((event) => event.version)).toEqual([5]);
  });

  it('announces nothing when nothing changed, its categories among that', async () => {
    const { id } = rows.add({ categories: placesIn(['garden']) });
    const change = { name: 'Lantern', categoryIds: ['garden'], attributes: {} };

    expect((await products.update(id, change, [1], staff)).version).toBe(1);
    expect(events.published).toEqual([]);
  });

  it('refuses to change or delete another version than expected, and says which there is', async () => {
    const { id } = rows.add({ version: 4 });
    const refusals = [
      await refusalOf(products.update(id, { name: 'Red Lantern', categoryIds: ['garden'] }, [3], staff)),
      await refusalOf(products.remove(id, [3])),
    ];

    expect(refusals.map(({ kind, extras }) => [kind.code, extras.version])).toEqual([
      ['precondition-failed', 4],
      ['precondition-failed', 4],
    ]);
    expect(rows.rows.get(id)).toMatchObject({ name: 'Lantern', categories: [] });
    expect(events.published).toEqual([]);
  });

  it('is missing when staff change or delete what is not there', async () => {
    expect((await refusalOf(products.update('nothing', {}, '*', staff))).kind).toBe(NotFound);
    expect((await refusalOf(products.remove('nothing', '*'))).kind).toBe(NotFound);
  });

  it('announces that it was deleted, as the version after its last', async () => {
    const { id } = rows.add({ version: 4, status: 'archived' });
    await products.remove(id, [4]);

    expect([rows.rows.size, removed]).toEqual([0, [`photo of ${id}`]]);
    expect(events.published).toEqual([
      { name: 'product.deleted', id, version: 5, data: { sku: 'LANT-1', status: 'archived' } },
    ]);
  });

  it('is not deleted while units of it are reserved', async () => {
    const { id } = rows.add({ version: 4 });
    reserved = 2;

    expect((await refusalOf(products.remove(id, [4]))).kind).toBe(ProductReserved);
    expect([rows.rows.has(id), events.published]).toEqual([true, []]);
  });

  it('is rated by what its reviews sum to once it is locked, which is not announced', async () => {
    const { id } = rows.add();
    const sumRatings = (): Promise<RatingTotals> => {
      rows.steps.push('sum');
      return Promise.resolve({ ratingCount: 2, ratingSum: 7 });
    };
    await products.updateRating(id, sumRatings);
    await products.updateRating('nothing', sumRatings);

    expect(rows.steps).toEqual(['lock', 'sum', [id, { ratingCount: 2, ratingSum: 7 }], 'lock']);
    expect(events.published).toEqual([]);
  });

  it('is found by its SKU', async () => {
    rows.add({ id: '1', sku: 'LANT-1' });
    rows.add({ id: '2', sku: 'LANT-2' });

    expect(await products.idsOf(['LANT-2', 'LANT-3'])).toEqual(new Map([['LANT-2', '2']]));
  });
});
