import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { CommonModule } from '../common/common.module.js';
import { Config } from '../common/config/config.js';
import { DATABASE } from '../common/database/data-source.js';
import { ProductsBulkService, type BulkProduct } from './products.bulk.service.js';
import { ProductsModule } from './products.module.js';

const lantern: BulkProduct = { sku: 'LANT-1', name: 'Red Lantern', price: { amount: 1999, currency: 'GBP' } };

interface Row {
  slug: string;
  name: string;
  description: string | null;
  amount: number;
  attributes: object;
  status: string;
  onHand: number;
  version: number;
  updatedAt: Date;
  categories: string[];
}

@Module({})
class Catalogue {}

describe('ProductsBulkService', () => {
  let database: TestDatabase;
  let shop: INestApplicationContext;
  let bulk: ProductsBulkService;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    const settings = [
      { provide: Config, useValue: database.config },
      { provide: DATABASE, useValue: database.options },
    ];
    shop = await NestFactory.createApplicationContext(
      {
        module: Catalogue,
        global: true,
        imports: [CommonModule, ProductsModule],
        providers: settings,
        exports: settings,
      },
      { logger: false },
    );
    bulk = shop.get(ProductsBulkService, { strict: false });
    dataSource = shop.get(DataSource);
  });
  afterAll(async () => {
    await shop.close();
    await database.drop();
  });
  beforeEach(() => dataSource.query('TRUNCATE products, categories, product_categories, stock_movements CASCADE'));

  const read = async (sku = lantern.sku): Promise<Row | undefined> => {
    const rows: Row[] = await dataSource.query(
      `SELECT slug, name, description, price_amount AS amount, attributes, status, l.on_hand AS "onHand", p.version,
         p.updated_at AS "updatedAt", ARRAY(
           SELECT c.name FROM product_categories pc JOIN categories c ON c.id = pc.category_id
           WHERE pc.product_id = p.id ORDER BY c.name) AS categories
       FROM products p JOIN stock_levels l ON l.product_id = p.id WHERE sku = $1`,
      [sku],
    );
    return rows[0];
  };
  const movements = async (): Promise<object[]> =>
    dataSource.query('SELECT delta, on_hand AS "onHand", cause, reason FROM stock_movements ORDER BY created_at, id');

  it('makes what is new, with the defaults of what is left out', async () => {
    expect(await bulk.upsertMany([lantern])).toMatchObject({ created: 1, updated: 0, unchanged: 0, refused: [] });

    expect(await read()).toMatchObject({
      slug: expect.stringMatching(/^red-lantern-[0-9a-f]{8}$/),
      name: 'Red Lantern',
      description: null,
      amount: 1999,
      attributes: {},
      status: 'active',
      onHand: 0,
      version: 1,
      categories: [],
    });
    expect(await movements()).toEqual([]);
  });

  it('leaves a product that is so already as it is, its version and time too', async () => {
    const whole: BulkProduct = {
      ...lantern,
      description: 'For a tea light.',
      categories: [['Home', 'Lanterns'], ['Gifts']],
      stock: 5,
      status: 'draft',
      attributes: { colour: 'red', pieces: 6 },
    };
    await bulk.upsertMany([whole]);
    const before = await read();

    const again = await bulk.upsertMany([{ ...whole, attributes: { pieces: 6, colour: 'red' } }, lantern]);

    expect(again).toMatchObject({ created: 0, updated: 0, unchanged: 2, refused: [] });
    expect(await read()).toEqual(before);
    expect(await movements()).toHaveLength(1);
  });

  it('changes what is given, keeps what is left out, and never the slug', async () => {
    await bulk.upsertMany([{ ...lantern, description: 'Old.', stock: 3, attributes: { colour: 'red', pieces: 6 } }]);
    const before = await read();

    const result = await bulk.upsertMany([{ ...lantern, name: 'Blue Lantern', attributes: { colour: 'blue' } }]);

    expect(result).toMatchObject({ updated: 1 });
    expect(await read()).toMatchObject({
      slug: before?.slug,
      name: 'Blue Lantern',
      description: 'Old.',
      attributes: { colour: 'blue', pieces: 6 },
      onHand: 3,
      version: 2,
    });
  });

  it('takes away a description and an attribute that are null', async () => {
    await bulk.upsertMany([{ ...lantern, description: 'Old.', attributes: { colour: 'red', pieces: 6 } }]);
    await bulk.upsertMany([{ ...lantern, description: null, attributes: { pieces: null } }]);

    expect(await read()).toMatchObject({ description: null, attributes: { colour: 'red' } });
  });

  it('puts a product into exactly the categories given, and makes those that are missing', async () => {
    await bulk.upsertMany([{ ...lantern, categories: [['Home', 'Lanterns'], ['Gifts']] }]);
    await bulk.upsertMany([{ ...lantern, categories: [['Gifts'], ['Home', 'Candles']] }]);
    expect(await read()).toMatchObject({ categories: ['Candles', 'Gifts'], version: 2 });

    await bulk.upsertMany([lantern]);
    expect(await read()).toMatchObject({ categories: ['Candles', 'Gifts'], version: 2 });

    await bulk.upsertMany([{ ...lantern, categories: [] }]);
    expect(await read()).toMatchObject({ categories: [], version: 3 });
  });

  it('brings the stock to the level given by a movement of the difference, and the product stays in its version', async () => {
    await bulk.upsertMany([{ ...lantern, stock: 10 }]);
    await bulk.upsertMany([{ ...lantern, stock: 4 }]);

    expect(await read()).toMatchObject({ onHand: 4, version: 1 });
    expect(await movements()).toEqual([
      { delta: 10, onHand: 10, cause: 'import', reason: 'import' },
      { delta: -6, onHand: 4, cause: 'import', reason: 'import' },
    ]);
  });

  it('refuses attributes that are too many together with those there are', async () => {
    const many = (prefix: string): Record<string, number> =>
      Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`${prefix}${String(place)}`, place]));
    await bulk.upsertMany([{ ...lantern, attributes: many('a') }]);

    const result = await bulk.upsertMany([{ ...lantern, attributes: many('b') }]);

    expect(result.refused).toMatchObject([{ index: 0, member: 'attributes', code: 'maxProperties' }]);
    expect(await read()).toMatchObject({ attributes: many('a'), version: 1 });
  });

  it('writes a SKU that is given twice in the order given', async () => {
    const result = await bulk.upsertMany([
      { ...lantern, description: 'First.', stock: 1 },
      { ...lantern, name: 'Last Lantern' },
    ]);

    expect(result).toMatchObject({ created: 1, updated: 1 });
    expect(await read()).toMatchObject({ name: 'Last Lantern', description: 'First.', onHand: 1 });
  });

  it('changes what is given alone, and refuses a new product that has too little', async () => {
    const whole = { ...lantern, description: 'Old.', stock: 3, categories: [['Gifts']], attributes: { colour: 'red' } };
    await bulk.upsertMany([whole]);
    const before = await read();

    const result = await bulk.upsertMany([
      { sku: 'NEW-1', stock: 1 },
      { sku: lantern.sku, stock: 9 },
      { sku: 'NEW-2', name: 'New' },
      { ...lantern, sku: 'NEW-3' },
    ]);

    expect(result).toMatchObject({
      created: 1,
      updated: 1,
      unchanged: 0,
      refused: [
        {
          index: 2,
          member: 'sku',
          code: 'incomplete',
          detail: 'is not the SKU of a product, and a new one also needs price.amount and price.currency',
        },
        {
          index: 0,
          member: 'sku',
          code: 'incomplete',
          detail: 'is not the SKU of a product, and a new one also needs name, price.amount and price.currency',
        },
      ],
    });
    expect(await read()).toEqual({ ...before, onHand: 9 });
    expect(await read('NEW-1')).toBeUndefined();

    await bulk.upsertMany([{ sku: lantern.sku, price: { amount: 5, currency: 'EUR' } }]);
    expect(await read()).toMatchObject({ ...before, onHand: 9, amount: 5, version: 2, updatedAt: expect.anything() });
  });

  it('finds a product by its SKU without case, also within one call, and keeps its spelling', async () => {
    await bulk.upsertMany([{ ...lantern, sku: 'Lant-1' }]);

    expect(
      await bulk.upsertMany([
        { ...lantern, sku: 'LANT-1', name: 'Blue Lantern', stock: 2 },
        { ...lantern, sku: 'new-1' },
        { ...lantern, sku: 'NEW-1' },
      ]),
    ).toMatchObject({ created: 1, updated: 1, unchanged: 1, refused: [] });
    expect(await read('Lant-1')).toMatchObject({ name: 'Blue Lantern', onHand: 2 });
    expect([await read('LANT-1'), await read('NEW-1')]).toEqual([undefined, undefined]);
  });

  it('lets two at once write the same new products, each once', async () => {
    const products = Array.from({ length: 50 }, (_, place) => ({
      ...lantern,
      sku: `BOTH-${String(place)}`,
      stock: 1,
      categories: [['New']],
    }));

    const results = await Promise.all([bulk.upsertMany(products), bulk.upsertMany(products.toReversed())]);

    expect(results.map(({ created }) => created).reduce((a, b) => a + b)).toBe(50);
    expect(results.map(({ unchanged }) => unchanged).reduce((a, b) => a + b)).toBe(50);
    expect(await movements()).toHaveLength(50);
  });
});
