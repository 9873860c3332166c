import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import type { ImportDto, ImportReportDto } from '../src/imports/dto/import.dto.js';
import { ExportsService } from '../src/imports/exports.service.js';
import { EXPORT_TYPES, type ExportFormat } from '../src/imports/dto/product-export.dto.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { ProductsExportRepository } from '../src/products/products.export.repository.js';
import { signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

const FORMATS = ['csv', 'ndjson', 'xlsx'] as const;

/** What files and spreadsheets take for something else. */
const AWKWARD = [
  { sku: 'A-1', name: '=1+1', description: null, attributes: { note: '=HYPERLINK("http://x")', size: 5, mixed: '5' } },
  {
    sku: 'A-2',
    name: "'=quoted",
    description: '"Quotes", commas; and\r\nline breaks\n\n|\t',
    attributes: { size: -5 },
  },
  { sku: 'A-3', name: "'Tis", description: '', attributes: { mixed: 5, size: 0.1, ratio: 0.30000000000000004 } },
  { sku: 'A-4', name: '@home', description: '\n-5', attributes: { mixed: true, fragile: false, ratio: 1e-7 } },
  { sku: 'A-5', name: ' ＝ padded, _x000D_ ', attributes: { empty: '', note: 'true', code: '007', fragile: true } },
  { sku: 'A-6', name: 'Ünïcode 😀 <b>&amp;</b>', attributes: { mixed: '', empty: 'x', note: "'", ratio: 12 } },
  {
    sku: 'A-7',
    name: '-5',
    attributes: { mixed: 'true', ratio: 1234567890123456, note: '-5', code: '4006381333931' },
  },
].map((product, place) => ({
  ...product,
  price: [
    { amount: 1999, currency: 'GBP' },
    { amount: 5, currency: 'JPY' },
    { amount: 1234, currency: 'KWD' },
  ][place % 3],
  status: (['active', 'draft', 'archived'] as const)[place % 3],
}));

const CATEGORIES = [
  ['Home > Garden', 'Left|Right', String.raw`C:\Lamps`],
  [String.raw`Ends\ `.trim()],
  ['=SUM', '"Quoted", yes'],
];

describe('exports', () => {
  let shop: Shop;
  let staff: string;
  let runner: JobRunner;
  const query = async (statement: string): Promise<unknown> => shop.app.get(DataSource).query(statement);
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await signIn(shop, 'staff');
    runner = shop.app.get(JobRunner);
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await runner.idle();
    await query('TRUNCATE products, categories, product_categories, stock_movements, imports, jobs CASCADE');
  });

  const download = (search: string, headers = {}, token = staff): Promise<Response> =>
    fetch(`${shop.url}/api/v1/products/export${search}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
  const file = async (format: ExportFormat): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await download(`?format=${format}`)).arrayBuffer());
  const text = async (search: string): Promise<string> => (await download(search)).text();
  const imported = async (body: Uint8Array<ArrayBuffer>, format: ExportFormat): Promise<ImportReportDto> => {
    const headers = { 'content-type': EXPORT_TYPES[format] };
    const { body: taken } = await shop.ask<ImportDto>('imports', { method: 'POST', token: staff, headers, body });
    await runner.idle();
    return (await shop.ask<ImportReportDto>(`imports/${taken.id}`, { token: staff })).body;
  };
  const create = async (product: object): Promise<ProductDto> => {
    const { status, body } = await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json: product });
    expect([status, body]).toMatchObject([201, { sku: expect.any(String) }]);
    return body;
  };
  const products = async (): Promise<ProductDto[]> =>
    (await shop.ask<ProductPage>('products?sort=createdAt&limit=100', { token: staff })).body.data;

  /** An import writes many products at one moment. */
  const bySku = async (): Promise<ProductDto[]> => (await products()).sort((a, b) => (a.sku < b.sku ? -1 : 1));

  /** The awkward products, in awkward categories. */
  const fill = async (): Promise<void> => {
    const ids: string[] = [];
    for (const path of CATEGORIES) {
      let parentId: string | null = null;
      for (const name of path) {
        const made: { body: { id: string } } = await shop.ask<{ id: string }>('categories', {
          method: 'POST',
          token: staff,
          json: { name, parentId },
        });
        parentId = made.body.id;
      }
      if (parentId !== null) ids.push(parentId);
    }
    for (const [place, product] of AWKWARD.entries()) {
      const { id } = await create({ ...product, categoryIds: ids.slice(0, place % 4) });
      const json = { delta: place, reason: 'delivery' };
      const path = `products/${id}/stock-adjustments`;
      if (place > 0) expect((await shop.ask(path, { method: 'POST', token: staff, json })).status).toBe(201);
    }
  };

  it.each(FORMATS)('in %s change nothing when they are imported', async (format) => {
    await fill();
    const before = await products();
    const report = await imported(await file(format), format);

    expect(report).toMatchObject({
      state: 'finished',
      counts: { created: 0, updated: 0, unchanged: AWKWARD.length, faulty: 0 },
      skippedColumns: [],
      faults: [],
    });
    expect(await products()).toEqual(before);
  });

  it.each(FORMATS)('in %s make all products again that were deleted', async (format) => {
    const kept = ({ sku, name, description, price, attributes, status, stock, categories }: ProductDto): object => ({
      ...{ sku, name, description, price, attributes, status, onHand: stock.onHand },
      categories: categories.map((category) => category.name).sort(),
    });
    await fill();
    const before = await products();
    const content = await file(format);
    await query('TRUNCATE products, categories, product_categories, stock_movements, stock_levels CASCADE');

    expect(await imported(content, format)).toMatchObject({ counts: { created: AWKWARD.length, faulty: 0 } });
    expect((await bySku()).map(kept)).toEqual(before.map(kept));
    expect(before.map(({ name }) => name)).toEqual(AWKWARD.map(({ name }) => name));
  });

  it('in CSV have typed columns, and an apostrophe before what would be computed', async () => {
    await create({ ...AWKWARD[0], attributes: { note: '-5', size: -5, mixed: '5' } });
    await create({ ...AWKWARD[1], description: null, attributes: { mixed: true } });

    expect(await text('?format=csv')).toBe(
      [
        'sku,name,description,price.amount,price.currency,categories,stock,status,attributes.mixed:json,attributes.note:text,attributes.size:number',
        `A-1,'=1+1,,1999,GBP,,0,active,"""5""",'-5,-5`,
        `A-2,''=quoted,,5,JPY,,0,draft,true,,`,
        '',
      ].join('\r\n'),
    );
  });

  it.each([
    ['', {}, 'text/csv; charset=utf-8; header=present', 'csv'],
    ['', { accept: 'application/x-ndjson' }, EXPORT_TYPES.ndjson, 'ndjson'],
    ['', { accept: `text/csv;q=0.5, ${EXPORT_TYPES.xlsx}` }, EXPORT_TYPES.xlsx, 'xlsx'],
    ['?format=ndjson', { accept: '*/*' }, EXPORT_TYPES.ndjson, 'ndjson'],
  ])('%j with %j is %s', async (search, headers, type, extension) => {
    await create({ ...AWKWARD[0] });
    const response = await download(search, headers);
    const content = await response.bytes();

    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="products-\\d{4}-\\d\\d-\\d\\d\\.${extension}"$`),
    );
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect([response.headers.get('content-length'), response.headers.get('etag')]).toEqual([null, null]);
    expect(content.length).toBeGreaterThan(0);
    (await shop.contract()).check({
      method: 'GET',
      path: '/api/v1/products/export',
      status: response.status,
      headers: response.headers,
      text: '',
    });
  });

  it('have the products that the filters mean, as the list has them', async () => {
    await fill();
    const skus = async (search: string): Promise<string[]> =>
      (await text(`?format=ndjson&${search}`)).match(/(?<=^\{"sku":")[^"]+/gm) ?? [];

    expect(await skus('status=draft')).toEqual(['A-2', 'A-5']);
    expect(await skus('currency=JPY')).toEqual(['A-2', 'A-5']);
    expect(await skus('q=padded')).toEqual(['A-5']);
    // no product has the word, one has a similar one
    expect(await skus('q=paddde')).toEqual(['A-5']);
    expect(await skus('inStock=false')).toEqual(['A-1']);
    expect(await skus('q=nothing-like-it-at-all')).toEqual([]);
  });

  it('are for who may import, and have no pages', async () => {
    const customer = await signIn(shop, 'customer');

    expect((await shop.ask('products/export')).status).toBe(401);
    expect((await shop.ask('products/export', { token: customer })).status).toBe(403);
    expect((await shop.ask('products/export?limit=5', { token: staff })).status).toBe(400);
    expect((await shop.ask('products/export?format=pdf', { token: staff })).status).toBe(400);
    expect((await shop.ask('products/export', { token: staff, headers: { accept: 'image/png' } })).status).toBe(406);
  });

  it('say what the format cannot have', async () => {
    const attributes = (from: number): object =>
      Object.fromEntries(Array.from({ length: 50 }, (_, place) => [`a${String(from + place)}`, place]));
    for (const from of [0, 50, 100, 150]) {
      await create({
        sku: `W-${String(from)}`,
        name: 'Wide',
        price: { amount: 1, currency: 'GBP' },
        attributes: attributes(from),
      });
    }
    const { status, body } = await shop.ask('products/export', { token: staff });

    expect([status, body]).toMatchObject([400, { errors: [{ parameter: 'format', code: 'columns' }] }]);
    expect((await download('?format=ndjson')).status).toBe(200);
  });

  it('have columns of what all of many products have for attributes', async () => {
    await query(`
      INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status, attributes)
      SELECT gen_random_uuid(), 'M-' || n, 'm-' || n, 'Many', 1, 'GBP', 'active',
        jsonb_build_object('size', n, 'mixed', n % 2 = 0) FROM generate_series(1, 4100) n`);
    await query('INSERT INTO stock_levels (product_id) SELECT id FROM products');
    const last = '(SELECT max(id::text)::uuid FROM products)';
    await query(`UPDATE products SET attributes = '{"mixed": "yes", "late": "x"}' WHERE id = ${last}`);
    const lines = (await (await download('?format=csv')).text()).split('\r\n');

    expect(lines[0]).toMatch(/,attributes\.late:text,attributes\.mixed:json,attributes\.size:number$/);
    expect(lines.filter((line) => line.startsWith('M-'))).toHaveLength(4100);
  });

  it('end when the client goes away, after a few statements', async () => {
    await query(`
      INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status, attributes)
      SELECT gen_random_uuid(), 'B-' || n, 'b-' || n, repeat('x', 200), 1, 'GBP', 'active', '{}' FROM generate_series(1, 20000) n`);
    const walked: number[] = [];
    const repository = shop.app.get(ProductsExportRepository);
    const findBatch = repository.findBatch.bind(repository);
    // the connection would take all of it before the client has read the beginning
    const gone = Promise.withResolvers<undefined>();
    const spy = jest.spyOn(repository, 'findBatch').mockImplementation(async (...parameters) => {
      if (walked.length === 3) await gone.promise;
      const batch = await findBatch(...parameters);
      walked.push(batch.length);
      return batch;
    });
    const service = shop.app.get(ExportsService);
    const open = service.open.bind(service);
    let content: Readable | undefined;
    const opened = jest.spyOn(service, 'open').mockImplementation(async (...parameters) => {
      const download = await open(...parameters);
      content = download.content;
      return download;
    });
    const stop = new AbortController();
    const response = await fetch(`${shop.url}/api/v1/products/export?format=csv`, {
      headers: { authorization: `Bearer ${staff}`, 'accept-encoding': 'identity' },
      signal: stop.signal,
    });
    await response.body?.getReader().read();
    stop.abort();
    await until(() => content?.destroyed === true);
    gone.resolve(undefined);
    await until(() => content?.closed === true);
    opened.mockRestore();
    spy.mockRestore();

    expect([0, 1, 2, 3, 4].map((batches) => Array<number>(batches).fill(500))).toContainEqual(walked);
  });

  it('are cut where they fail, so that nobody takes the part for all', async () => {
    await fill();
    const repository = shop.app.get(ProductsExportRepository);
    const spy = jest.spyOn(repository, 'findBatch').mockRejectedValueOnce(new Error('the disk is gone'));
    const end = await download('?format=csv')
      .then((response) => response.text())
      .then(
        () => 'whole',
        () => 'cut',
      );
    spy.mockRejectedValueOnce(new Error('the disk is gone'));
    const unbegun = await download('?format=ndjson');
    spy.mockRestore();

    expect(end).toBe('cut');
    expect([unbegun.status, unbegun.headers.get('content-disposition')]).toEqual([500, null]);
    expect((await download('?format=csv')).status).toBe(200);
  });

  it('answer HEAD without reading the products', async () => {
    const response = await fetch(`${shop.url}/api/v1/products/export?format=ndjson`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${staff}` },
    });

    expect([response.status, response.headers.get('content-type')]).toEqual([200, EXPORT_TYPES.ndjson]);
  });
});
