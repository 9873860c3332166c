import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import type { ImportDto, ImportReportDto } from '../src/imports/dto/import.dto.js';
import type { ImportPreviewDto } from '../src/imports/dto/import-preview.dto.js';
import { ImportLifecycle } from '../src/imports/imports.lifecycle.js';
import { ImportLimits } from '../src/imports/imports.limits.js';
import { settingsOf } from '../src/imports/imports.settings.js';
import { ImportWorker } from '../src/imports/imports.worker.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const SHOPIFY = [
  'Title,URL handle,Description,Vendor,Status,SKU,Option1 name,Option1 value,Price,Inventory quantity,Product image URL',
  'Clay Jug,clay-jug,<p>Two pints</p>,Pots,Active,NJUG-S,Size,S,24.00,7,',
  ',clay-jug,,,,NJUG-L,,L,29.50,0,',
  ',clay-jug,,,,,,,,,https://shop.example/jug.jpg',
].join('\n');
const GERMAN =
  '\uFEFFArtikelnummer;Bezeichnung;Preis;Währung;Bestand;Kategorie\r\n00123;"Teekanne ""Größe M""";1.299,95;EUR;5;Küche\r\n4,00638E+12;Schlüssel;20,00;EUR;12;Küche\r\n';

describe('files of other shops', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  let runner: JobRunner;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
    runner = shop.app.get(JobRunner);
    shop.app.get(ImportLimits).batchLines = 1;
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await runner.idle();
    await shop.app
      .get(DataSource)
      .query(
        'TRUNCATE products, product_families, categories, product_categories, stock_movements, imports, jobs CASCADE',
      );
  });

  const send = <T>(path: string, body: string, token = staff): Promise<Answer<T>> =>
    shop.ask<T>(path, { method: 'POST', token, headers: { 'content-type': 'text/csv' }, body });
  const preview = (body: string, query = '', token = staff): Promise<Answer<ImportPreviewDto>> =>
    send(`imports/preview${query}`, body, token);
  const report = async (id: string): Promise<ImportReportDto> =>
    (await shop.ask<ImportReportDto>(`imports/${id}`, { token: staff })).body;
  const done = async (body: string, query: string): Promise<ImportReportDto> => {
    const { body: taken } = await send<ImportDto>(`imports${query}`, body);
    await runner.idle();
    return report(taken.id);
  };
  const product = async (sku: string): Promise<ProductDto | undefined> =>
    (await shop.ask<ProductPage>(`products?sku=${sku}`, { token: staff })).body.data[0];
  const count = async (table: string): Promise<number> => {
    const [row]: { count: number }[] = await shop.app.get(DataSource).query(`SELECT count(*) AS count FROM ${table}`);
    return row?.count ?? NaN;
  };

  it('are imported with the options that they need', async () => {
    expect(await done(SHOPIFY, '?currency=EUR&mapping=Vendor%3Dattributes.brand')).toMatchObject({
      state: 'finished',
      options: { mapping: ['Vendor=attributes.brand'], currency: 'EUR', locale: null, unknownColumns: 'skip' },
      detected: { encoding: 'utf-8', delimiter: ',', format: 'shopify' },
      skippedColumns: ['Product image URL'],
      counts: { created: 2, faulty: 0, faults: 0 },
    });
    expect(await product('NJUG-L')).toMatchObject({
      name: 'Clay Jug - L',
      description: 'Two pints',
      price: { amount: 2950, currency: 'EUR' },
      stock: { onHand: 0 },
      status: 'active',
      attributes: { size: 'L' },
    });
    expect(await product('NJUG-S')).toMatchObject({ attributes: { size: 'S', brand: 'Pots' } });
  });

  it('fail without the currency that they do not name', async () => {
    expect(await done(SHOPIFY, '')).toMatchObject({
      state: 'failed',
      faults: [{ line: 1, column: 'price.currency', code: 'required' }],
    });
  });

  it('go on after an interruption with the options that they began with', async () => {
    const options = settingsOf({ currency: 'EUR', mapping: ['Vendor=attributes.brand'] });
    const file = {
      name: 'export.csv',
      format: 'csv',
      options,
      fingerprint: 'of all that is in it',
      bytes: 100,
    } as const;
    const execute = async (isWhole: boolean): Promise<string> => {
      const job = await shop.app.get(ImportLifecycle).open(isWhole ? { ...file, options: settingsOf() } : file);
      await shop.app.get(ImportWorker).execute(job, Readable.from([SHOPIFY]), () => isWhole);
      return job.id;
    };

    const begun = await execute(false);
    expect(await report(begun)).toMatchObject({ state: 'running', counts: { created: 1 } });
    expect(await execute(true)).toBe(begun);
    expect(await report(begun)).toMatchObject({
      state: 'finished',
      options: { currency: 'EUR' },
      counts: { created: 2, updated: 0, unchanged: 0, faulty: 0 },
    });
    expect(await product('NJUG-L')).toMatchObject({ name: 'Clay Jug - L', price: { amount: 2950, currency: 'EUR' } });
  });

  it('are previewed: how they are written, what their columns are, what is wrong, and the first products', async () => {
    const { status, body } = await preview(GERMAN);

    expect(status).toBe(200);
    expect(body).toEqual({
      format: 'csv',
      detected: { encoding: 'utf-8', delimiter: ';', format: 'mapped' },
      columns: [
        { column: 'Artikelnummer', member: 'sku' },
        { column: 'Bezeichnung', member: 'name' },
        { column: 'Preis', member: 'price' },
        { column: 'Währung', member: 'price.currency' },
        { column: 'Bestand', member: 'stock' },
        { column: 'Kategorie', member: 'categories' },
      ],
      skippedColumns: [],
      faults: [{ line: 3, column: 'sku', code: 'scientific', detail: expect.stringContaining('4,00638E+12 is what') }],
      products: [
        {
          line: 2,
          sku: '00123',
          name: 'Teekanne "Größe M"',
          description: null,
          price: { amount: 129995, currency: 'EUR' },
          categories: ['Küche'],
          stock: 5,
          status: null,
          attributes: {},
        },
      ],
    });
    expect([await count('imports'), await count('import_chunks'), await count('products')]).toEqual([0, 0, 0]);
  });

  it('are previewed with an incomplete mapping, until the options complete it', async () => {
    const text = 'Code;Ware;Kosten\nA-1;Lamp;19,90\n';
    const incomplete = await preview(text);
    const complete = await preview(text, '?mapping=Code%3Dsku,Ware%3Dname,Kosten%3Dprice&currency=EUR');

    expect(incomplete.status).toBe(200);
    expect(incomplete.body).toMatchObject({
      detected: { delimiter: ';' },
      columns: [
        { column: 'Code', member: null },
        { column: 'Ware', member: null },
        { column: 'Kosten', member: null },
      ],
      skippedColumns: ['Code', 'Ware', 'Kosten'],
      products: [],
    });
    expect(incomplete.body.faults.map(({ column, code }) => [column, code])).toEqual([['sku', 'required']]);
    expect(complete.body).toMatchObject({ faults: [], products: [{ sku: 'A-1', price: { amount: 1990 } }] });
  });

  it('are previewed by their first hundred lines alone', async () => {
    const line = (number: number): string => `A-${String(number)},Lamp,${number === 50 ? 'x' : '5'}`;
    const text = ['sku,name,price', ...Array.from({ length: 50_000 }, (_, place) => line(place + 2))].join('\n');
    const { body } = await preview(`${text}\nbad`, '?currency=GBP');

    expect(body.products).toHaveLength(5);
    expect(body.faults.map(({ line: at }) => at)).toEqual([50]);
  });

  it('are previewed as NDJSON, too', async () => {
    const { body } = await shop.ask<ImportPreviewDto>('imports/preview', {
      method: 'POST',
      token: staff,
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"sku":"A-1","name":"Lamp","price":{"amount":5,"currency":"GBP"}}\n{}\n',
    });

    expect(body).toMatchObject({ format: 'ndjson', columns: [], products: [{ line: 1, sku: 'A-1' }] });
    expect(body.faults.map(({ line }) => line)).toEqual([2]);
  });

  it('are previewed for those who may import', async () => {
    expect((await preview(GERMAN, '', customer)).status).toBe(403);
    expect((await preview('')).status).toBe(422);
  });

  it.each([
    ['Title', 'Title is not a column and a member, as Title=name is'],
    ['Title=colour', 'colour is no member that a column can be: use sku, name,'],
    ['Title=name,Name=name', 'name is mapped twice'],
    ['Title=name,TITLE=sku', 'TITLE is mapped twice'],
    ['a=price.currency,b=currency', 'price.currency is mapped twice'],
    ['=name', '=name is not a column and a member'],
  ])('are not imported with the mapping %s', async (mapping, detail) => {
    const { status, body } = await send(`imports?mapping=${encodeURIComponent(mapping)}`, SHOPIFY);

    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'invalid-parameter',
      errors: [{ parameter: 'mapping', detail: expect.stringContaining(detail) }],
    });
  });

  describe('with variants', () => {
    const WOOCOMMERCE = [
      'ID,Type,SKU,Name,Published,Stock,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)',
      '1,variable,tee,Plain Tee,1,,,,Colour,"Blue, Green"',
      '2,variation,tee-b,Plain Tee - Blue,1,4,"19,90",tee,Colour,Blue',
      '3,variation,tee-g,Plain Tee - Green,1,4,"21,90",tee,Colour,Green',
      '4,simple,mug,Mug,1,4,8,,,',
    ].join('\n');
    const GOOGLE = [
      'id\ttitle\tlink\timage_link\tavailability\tprice\titem_group_id\tcolor\tsize',
      'J1\tJug, blue\thttps://a.example\thttps://a.example/1.jpg\tin_stock\t19.90 EUR\tJUG\tblue\tL',
      'J2\tJug, red\thttps://a.example\thttps://a.example/2.jpg\tin_stock\t20.90 EUR\tJUG\tred\tL',
      'M1\tMug\thttps://a.example\thttps://a.example/3.jpg\tin_stock\t5.90 EUR\t\t\t',
    ].join('\n');
    const familyOf = async (sku: string): Promise<unknown> => {
      const { name, options } = (await product(sku))?.family ?? {};
      return { name, options };
    };

    it.each<[string, string, Record<string, Record<string, string>>]>([
      [SHOPIFY, 'Clay Jug', { 'NJUG-S': { Size: 'S' }, 'NJUG-L': { Size: 'L' } }],
      [WOOCOMMERCE, 'Plain Tee', { 'tee-b': { Colour: 'Blue' }, 'tee-g': { Colour: 'Green' } }],
      [GOOGLE, 'Jug, blue', { J1: { color: 'blue', size: 'L' }, J2: { color: 'red', size: 'L' } }],
    ])('make a family of them, once: %#', async (file, name, members) => {
      const { counts } = await done(file, '?currency=EUR');
      const products = (await shop.ask<ProductPage>('products?sort=createdAt', { token: staff })).body.data;
      const again = await done(file, '?currency=EUR');

      expect([counts.faults, await count('product_families')]).toEqual([0, 1]);
      for (const [sku, options] of Object.entries(members)) expect(await familyOf(sku)).toEqual({ name, options });
      expect(products.filter(({ family }) => family === null)).toHaveLength(products.length - 2);
      expect([again.counts.unchanged, again.counts.faults]).toEqual([products.length, 0]);
      expect((await shop.ask<ProductPage>('products?sort=createdAt', { token: staff })).body.data).toEqual(products);
      const collapsed = (await shop.ask<ProductPage>('products?collapse=family&include=total', { token: staff })).body;
      expect(collapsed.page.total).toBe(products.length - 1);
    });

    it('report those that have the same values, and import them', async () => {
      const { counts, faults } = await done(SHOPIFY.replace('NJUG-L,,L', 'NJUG-L,,S'), '?currency=EUR');

      expect([counts.created, counts.faulty, faults.map(({ line, code }) => [line, code])]).toEqual([
        2,
        0,
        [[3, 'family']],
      ]);
      expect(await familyOf('NJUG-S')).toEqual({ name: 'Clay Jug', options: { Size: 'S' } });
      expect((await product('NJUG-L'))?.family).toBeNull();
    });

    it('report one that has other options, and import it', async () => {
      const { counts, faults } = await done(
        WOOCOMMERCE.replace(
          'Attribute 1 value(s)',
          'Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)',
        ).replace('tee,Colour,Green', 'tee,Colour,Green,Size,L'),
        '?currency=EUR',
      );

      expect([counts.created, faults.map(({ line, code }) => [line, code])]).toEqual([3, [[4, 'family']]]);
      expect((await product('tee-g'))?.family).toBeNull();
    });

    it('are the same, however letters with marks are written', async () => {
      const file = SHOPIFY.replace('Size', 'Größe').replaceAll('Clay', 'Töpfer');
      await done(file.normalize('NFD'), '?currency=EUR');
      const again = await done(file, '?currency=EUR');

      expect(await familyOf('NJUG-L')).toEqual({ name: 'Töpfer Jug', options: { Größe: 'L' } });
      expect([again.counts.unchanged, again.counts.faults]).toEqual([2, 0]);
    });

    it('report a family that can not be kept', async () => {
      const { counts, faults } = await done(SHOPIFY.replaceAll('clay-jug', 'j'.repeat(256)), '?currency=EUR');

      expect([counts.created, faults.map(({ line, code }) => [line, code])]).toEqual([
        2,
        [
          [2, 'family'],
          [3, 'family'],
        ],
      ]);
      expect(await count('product_families')).toBe(0);
    });

    it('make none in a dry run', async () => {
      await done(SHOPIFY, '?currency=EUR&dryRun=true');

      expect(await count('product_families')).toBe(0);
    });
  });
});
