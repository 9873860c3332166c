import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Retention } from '../src/common/background/retention.js';
import { Config } from '../src/common/config/config.js';
import { Transactions } from '../src/common/database/transactions.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Clock } from '../src/common/time/clock.js';
import type { ImportDto, ImportFaultPage, ImportPage, ImportReportDto } from '../src/imports/dto/import.dto.js';
import { MAX_KEPT_FAULTS } from '../src/imports/entities/import.entity.js';
import { ImportChunkStore } from '../src/imports/imports.chunks.js';
import { ImportLimits } from '../src/imports/imports.limits.js';
import { type ImportJob, ImportLifecycle } from '../src/imports/imports.lifecycle.js';
import { ExecuteImport } from '../src/imports/imports.jobs.js';
import { ImportRunner } from '../src/imports/imports.runner.js';
import { settingsOf } from '../src/imports/imports.settings.js';
import { ImportWorker } from '../src/imports/imports.worker.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const HEADER = 'sku,name,price.amount,price.currency,categories,stock';
const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** Resolves when the spied method has been called, and what it did is done. */
async function called(spy: { mock: { results: { value: unknown }[] } }): Promise<void> {
  while (spy.mock.results.length === 0) await new Promise(setImmediate);
  await spy.mock.results[0]?.value;
}

/** A file of so many products. */
const csv = (count: number, prefix = 'P'): string =>
  [
    HEADER,
    ...Array.from(
      { length: count },
      (_, place) => `${prefix}-${String(place)},Lamp ${String(place)},1999,GBP,Home > Lamps,3`,
    ),
  ].join('\n');

describe('imports', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  let runner: JobRunner;
  let limits: ImportLimits;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
    [runner, limits] = [shop.app.get(JobRunner), shop.app.get(ImportLimits)];
    limits.batchLines = 10;
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await runner.idle();
    await shop.app
      .get(DataSource)
      .query('TRUNCATE products, categories, product_categories, stock_movements, imports, jobs CASCADE');
  });

  const upload = (
    body: string | Uint8Array<ArrayBuffer>,
    type = 'text/csv',
    token = staff,
    query = '',
  ): Promise<Answer<ImportDto>> =>
    shop.ask<ImportDto>(`imports${query}`, { method: 'POST', token, headers: { 'content-type': type }, body });
  const report = async (id: string): Promise<ImportReportDto> =>
    (await shop.ask<ImportReportDto>(`imports/${id}`, { token: staff })).body;
  const done = async (body: string, type?: string): Promise<ImportReportDto> => {
    const { body: taken } = await upload(body, type);
    await runner.idle();
    return report(taken.id);
  };
  const product = async (sku: string): Promise<ProductDto | undefined> =>
    (await shop.ask<ProductPage>(`products?sku=${sku}`, { token: staff })).body.data[0];
  const rows = async (table: string): Promise<number> => {
    const [row]: { count: number }[] = await shop.app.get(DataSource).query(`SELECT count(*) AS count FROM ${table}`);
    return row?.count ?? NaN;
  };

  it('are taken in with 202 and the Location of what tells how they are', async () => {
    const { status, headers, body } = await upload(csv(3));
    await runner.idle();

    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/v1/imports/${body.id}`);
    expect(headers.get('retry-after')).toBe('1');
    // it may have begun by then
    expect(['queued', 'running']).toContain(body.state);
    expect(body).toMatchObject({ format: 'csv', source: 'api', progress: { lines: 0 } });
    expect(await report(body.id)).toMatchObject({
      state: 'finished',
      progress: { lines: 4, bytes: csv(3).length, totalBytes: csv(3).length },
      counts: { created: 3, updated: 0, unchanged: 0, faulty: 0 },
      failure: null,
      faults: [],
    });
    expect(await product('P-1')).toMatchObject({
      name: 'Lamp 1',
      stock: { onHand: 3 },
      categories: [{ name: 'Lamps' }],
    });
    expect(await rows('import_chunks')).toBe(0);
  });

  it.each(['application/x-ndjson', 'application/ndjson; charset=UTF-8'])('read %s', async (type) => {
    const lamp = {
      sku: 'N-1',
      name: 'Lamp',
      price: { amount: 5, currency: 'JPY' },
      categories: ['Home > Lamps'],
      stock: 2,
    };
    const read = await done(`${JSON.stringify(lamp)}\n`, type);

    expect(read).toMatchObject({ state: 'finished', format: 'ndjson', counts: { created: 1 } });
    expect(await product('N-1')).toMatchObject({ price: { amount: 5, currency: 'JPY' }, stock: { available: 2 } });
  });

  it('report faulty lines by line and column, and leave them out', async () => {
    const read = await done(`${csv(2)}\nBAD-1,,19.99,GBP,,\nP-2,Lamp,5,GBP,,\nBAD-2,Lamp\n`);

    expect(read).toMatchObject({ state: 'finished', counts: { created: 3, faulty: 2 } });
    expect(read.faults).toEqual([
      { line: 4, column: 'name', code: 'minLength', detail: 'must have at least 1 character' },
      {
        line: 4,
        column: 'price.amount',
        code: 'isInt',
        detail:
          '19.99 is not a whole number of minor units; for GBP 19.99 write 1999; for prices in major units, as 19.99, name the column price',
      },
      { line: 6, column: null, code: 'fields', detail: 'has 2 fields where the header has 6' },
    ]);
    expect(await product('BAD-1')).toBeUndefined();
  });

  it('report a stock below what is promised at its line', async () => {
    await done(csv(2));
    await shop.app
      .get(DataSource)
      .query(`UPDATE stock_levels SET reserved = 2 WHERE product_id = (SELECT id FROM products WHERE sku = 'P-1')`);

    const read = await done(`${HEADER}\nP-0,Lamp 0,1999,GBP,Home > Lamps,1\nP-1,Lamp 1,1999,GBP,Home > Lamps,1\n`);

    expect(read).toMatchObject({
      counts: { updated: 1, faulty: 1 },
      faults: [{ line: 3, column: 'stock', code: 'out-of-stock' }],
    });
  });

  it('fail as a whole by a wrong header, before anything is written', async () => {
    const read = await done('sku,name,price.amount,colour\nP-1,Lamp,5,red\n');

    expect(read).toMatchObject({
      state: 'failed',
      failure: 'The header is wrong, so nothing was imported.',
      counts: { created: 0 },
      detected: { encoding: 'utf-8', delimiter: ',' },
      skippedColumns: ['colour'],
      faults: [{ line: 1, column: 'price.currency', code: 'required' }],
    });
    expect(await rows('products')).toBe(0);
  });

  it('say how the file is written and what is skipped, and import the rest', async () => {
    const text =
      'Price list\r\nSKU;Name;Price Amount;Price Currency;Vendor;\r\nP-1;Größe;5;EUR;x\r\nP-2;Lamp;5;EUR;;note\r\n';
    const { body: taken } = await upload(Buffer.from(text, 'latin1'));
    // null until it is read, which may have begun
    expect([undefined, 'windows-1252']).toContain(taken.detected?.encoding);
    await runner.idle();

    expect(await report(taken.id)).toMatchObject({
      state: 'finished',
      detected: { encoding: 'windows-1252', delimiter: ';' },
      skippedColumns: ['Vendor'],
      progress: { lines: 4, bytes: text.length },
      counts: { created: 2, faulty: 0, faults: 1 },
      faults: [{ line: 4, column: null, code: 'unnamed' }],
    });
    expect(await product('P-1')).toMatchObject({ name: 'Größe' });
  });

  it('change nothing when they are repeated: versions stay', async () => {
    await done(csv(3));
    const before = await product('P-1');

    const again = await done(csv(3));

    expect(again).toMatchObject({ counts: { created: 0, updated: 0, unchanged: 3 } });
    expect(await product('P-1')).toEqual(before);
  });

  it('give all their faults page by page, in the order of the lines', async () => {
    const { id, faults } = await done(`${HEADER}\n${'bad\n'.repeat(130)}`);
    const first = await shop.ask<ImportFaultPage>(`imports/${id}/faults?limit=100`, { token: staff });
    const rest = await shop.ask<ImportFaultPage>(`imports/${id}/faults?cursor=${first.body.page.next ?? ''}`, {
      token: staff,
    });

    expect(faults).toHaveLength(100);
    expect([...first.body.data, ...rest.body.data].map(({ line }) => line)).toEqual(
      Array.from({ length: 120 }, (_, place) => place + 2),
    );
  });

  it('keep the first 10,000 faults, and count all of them', async () => {
    limits.batchLines = 2000;
    const read = await done(`${HEADER}\n${'bad\n'.repeat(MAX_KEPT_FAULTS + 500)}`);
    limits.batchLines = 10;

    expect(read.counts).toMatchObject({ faulty: MAX_KEPT_FAULTS + 500, faults: MAX_KEPT_FAULTS + 500 });
    expect(await rows('import_faults')).toBe(MAX_KEPT_FAULTS);
  });

  it('are deleted with their faults 90 days after their end', async () => {
    const [old, recent] = [await done(`${HEADER}\nbad\n`), await done(csv(1))];
    await shop.app
      .get(DataSource)
      .query(`UPDATE imports SET finished_at = now() - interval '90 days' WHERE id = $1`, [old.id]);

    const deleted = await shop.app.get(Retention).sweep();

    expect(deleted.get('imports')).toBe(1);
    expect((await shop.ask<ImportPage>('imports', { token: staff })).body.data.map(({ id }) => id)).toEqual([
      recent.id,
    ]);
    expect(await rows('import_faults')).toBe(0);
  });

  it('leave out later lines of a SKU, also in other batches, unless the last is to count', async () => {
    const text = `${csv(15)}\np-14,Other,5,GBP,,\nP-3,Other,5,GBP,,\n`;
    const first = await done(text);

    expect(first).toMatchObject({ counts: { created: 15, updated: 0, faulty: 2 } });
    expect(first.faults).toMatchObject([
      { line: 17, column: 'sku', code: 'duplicate', detail: 'is the SKU of line 16 already, which counts' },
      { line: 18, column: 'sku', code: 'duplicate', detail: 'is the SKU of line 5 already, which counts' },
    ]);
    expect(await product('P-3')).toMatchObject({ name: 'Lamp 3' });

    const { body: last } = await upload(text, 'text/csv', staff, '?duplicates=last');
    await runner.idle();
    expect(await report(last.id)).toMatchObject({ counts: { created: 0, updated: 2, unchanged: 15, faulty: 0 } });
    expect(await product('P-3')).toMatchObject({ name: 'Other' });
  });

  it.each([
    ['text/csv', 'sku,stock\np-1,7\nNEW-1,7\n', 3],
    ['application/x-ndjson', '{"sku":"P-1","stock":7}\n{"sku":"NEW-1","stock":7}\n', 2],
  ])('change only what a list of %s names, and say what a new product needs', async (type, list, line) => {
    await done(csv(3));
    const before = await product('P-1');
    const read = await done(list, type);

    expect(read).toMatchObject({
      counts: { created: 0, updated: 1, faulty: 1 },
      faults: [
        {
          line,
          column: 'sku',
          code: 'incomplete',
          detail: 'is not the SKU of a product, and a new one also needs name, price.amount and price.currency',
        },
      ],
    });
    const after = await product('P-1');
    expect(after).toEqual(Object.assign({}, before, { stock: { available: 7, onHand: 7, reserved: 0 } }));
  });

  describe('with faulty lines', () => {
    const corrections = async (id: string): Promise<Response> =>
      fetch(`${shop.url}/api/v1/imports/${id}/faulty-lines`, { headers: { authorization: `Bearer ${staff}` } });

    it('give them as they were, with what is wrong in the last column; corrected, they are imported as they are', async () => {
      await done('sku;name;price.amount;price.currency\nP-9;Lamp;5;GBP\n');
      const lines = [
        'sku;name;price.amount;price.currency;Vendor;description',
        'P-1;Lamp;5;GBP;x;Fine',
        'P-2;"=HYPERLINK(""http://x"")";5,00;GBP;-5;"@two\nlines; and more"',
        'P-3;Lamp;;GBP',
        'P-4;5" lamp;5;GBP;x;Fine',
        "P-5;'=1+1;5;XXX;;",
        'p-1;Twice;5;GBP;;',
      ];
      const { id } = await done(lines.join('\n'));
      const answer = await corrections(id);
      // text() would leave out the byte order mark
      const text = Buffer.from(await answer.arrayBuffer()).toString();

      expect([
        answer.status,
        ...['content-type', 'cache-control', 'content-disposition'].map((name) => answer.headers.get(name)),
      ]).toEqual([200, 'text/csv', 'private, no-store', `attachment; filename="${id}-faulty-lines.csv"`]);
      expect(text.at(0)).toBe('\uFEFF');
      const [header, two, , three, four, five, twice] = text.slice(1).split(/\r?\n/);
      expect(header).toBe('sku;name;price.amount;price.currency;Vendor;description;What is wrong');
      expect(text).toContain(`P-2;"'=HYPERLINK(""http://x"")";5,00;GBP;-5;"'@two\nlines; and more";"price.amount `);
      expect([two, three]).toEqual([
        expect.stringMatching(/^P-2;/),
        expect.stringMatching(/^P-3;Lamp;;GBP;;;"?price.amount /),
      ]);
      expect(four).toMatch(/^P-4;"5"" lamp";5;GBP;x;Fine;"?name has a quote/);
      expect(five).toMatch(/^P-5;'=1\+1;5;XXX;;;"?price.currency /);
      expect(twice).toBe('p-1;Twice;5;GBP;;;sku is the SKU of line 2 already, which counts');

      const corrected = text
        .replace('5,00', '5')
        .replace('Lamp;;GBP', 'Lamp;5;GBP')
        .replace('XXX', 'EUR')
        .replace('p-1;', 'P-6;');
      const again = await done(corrected);
      expect(again).toMatchObject({
        skippedColumns: ['Vendor'],
        counts: { created: 5, faulty: 0 },
        faults: [],
      });
      expect(await product('P-2')).toMatchObject({
        name: '=HYPERLINK("http://x")',
        description: '@two\nlines; and more',
      });
      expect(await product('P-5')).toMatchObject({ name: '=1+1' });
      expect(await (await corrections(again.id)).text()).toBe(`${header ?? ''}\r\n`);
    });

    it('keep those of the first 10,000 faults, and 4 MiB of them', async () => {
      limits.batchLines = 500;
      const many = await done(`${HEADER}\n${'bad\n'.repeat(MAX_KEPT_FAULTS + 500)}`);
      const long = await done(`${HEADER}\n${`x,,,,,${'y'.repeat(100_000)}\n`.repeat(60)}`);
      limits.batchLines = 10;
      const linesOf = async (id: string): Promise<number> =>
        (await (await corrections(id)).text()).split('\r\n').length - 2;

      expect(await linesOf(many.id)).toBe(MAX_KEPT_FAULTS);
      expect(long.counts.faulty).toBe(60);
      expect(await linesOf(long.id)).toBe(Math.floor((4 * 1024 * 1024 - 60) / 100_006));
    });

    it('have none to give where there are no columns', async () => {
      const { id } = await done('{"sku":1}\n', 'application/x-ndjson');
      const answer = await corrections(id);

      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({ code: 'import-without-columns' });
    });
  });

  describe('as dry runs', () => {
    /** All rows of all tables but those about imports, as text. */
    const contents = async (): Promise<Record<string, string>> => {
      const dataSource = shop.app.get(DataSource);
      const tables: { name: string }[] = await dataSource.query(`
        SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relname NOT LIKE 'import%'
          AND c.relname <> 'jobs' ORDER BY 1`);
      const found: Record<string, string> = {};
      for (const { name } of tables) {
        const [row]: { rows: string }[] = await dataSource.query(
          `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS rows FROM ${name} t`,
        );
        found[name] = row?.rows ?? '';
      }
      return found;
    };

    it.each(['first', 'last'])(
      'say what an import does, and write nothing, when the %s line of a SKU counts',
      async (duplicates) => {
        await done(csv(12));
        await shop.app
          .get(DataSource)
          .query(`UPDATE stock_levels SET reserved = 2 WHERE product_id = (SELECT id FROM products WHERE sku = 'P-9')`);
        const text = [
          ...csv(30).replace('Lamp 3,1999', 'Other,5').replace('Home > Lamps,3\nP-5', 'New > Newer,8\nP-5').split('\n'),
          'P-9,Lamp 9,1999,GBP,Home > Lamps,1',
          'BAD-1,,19.99,GBP,,',
          'P-25,Again,5,GBP,New,1',
          'p-2,Again,5,GBP,,',
          'P-29,Lamp 29,1999,GBP,Home > Lamps,4',
        ].join('\n');
        const before = await contents();
        const { body } = await upload(text, 'text/csv', staff, `?dryRun=true&duplicates=${duplicates}`);
        await runner.idle();
        const dry = await report(body.id);
        const after = await contents();

        expect(Object.keys(before).length).toBeGreaterThan(20);
        expect(before['public.products']?.split('\n')).toHaveLength(12);
        expect(after).toEqual(before);
        expect(dry).toMatchObject({ state: 'finished', options: { dryRun: true }, progress: { lines: 36 } });

        const { body: wet } = await upload(text, 'text/csv', staff, `?duplicates=${duplicates}`);
        await runner.idle();
        const { counts, faults, options } = await report(wet.id);
        expect([dry.counts, dry.faults]).toEqual([counts, faults]);
        expect([counts.created, counts.faulty, options.dryRun]).toEqual([18, duplicates === 'first' ? 5 : 2, false]);
        expect(await contents()).not.toEqual(before);
      },
    );

    it('know what earlier lines would have created', async () => {
      const lists = `{"sku":"N-1","name":"New","price":{"amount":5,"currency":"GBP"}}\n${'\n'.repeat(3)}${Array.from(
        { length: 12 },
        (_, place) => `{"sku":"N-1","stock":${String(place + 1)}}\n`,
      ).join('')}`;
      const { body } = await upload(lists, 'application/x-ndjson', staff, '?dryRun=true&duplicates=last');
      await runner.idle();

      expect(await report(body.id)).toMatchObject({ counts: { created: 1, updated: 12, faulty: 0 } });
      expect(await rows('products')).toBe(0);
    });

    it('leave no category of several batches either', async () => {
      const { body } = await upload(csv(30), 'text/csv', staff, '?dryRun=true');
      await runner.idle();

      expect(await report(body.id)).toMatchObject({ counts: { created: 30 } });
      expect(await rows('categories')).toBe(0);
    });
  });

  it('are listed, the latest first', async () => {
    const older = await done(csv(1));
    const newer = await done(csv(1));

    const { body } = await shop.ask<ImportPage>('imports', { token: staff });

    expect(body.data.map(({ id }) => id)).toEqual([newer.id, older.id]);
  });

  it('are for those who may write products', async () => {
    const { body } = await upload(csv(1));
    for (const path of [
      'imports',
      `imports/${body.id}`,
      `imports/${body.id}/faults`,
      `imports/${body.id}/faulty-lines`,
    ]) {
      expect((await shop.ask(path)).status).toBe(401);
      expect((await shop.ask(path, { token: customer })).status).toBe(403);
    }
    expect((await upload(csv(1), 'text/csv', customer)).status).toBe(403);
    expect(
      (await shop.ask('imports', { method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv(1) })).status,
    ).toBe(401);
  });

  it('are not found by an id that is nobody’s', async () => {
    expect((await shop.ask(`imports/${NOBODYS_ID}`, { token: staff })).status).toBe(404);
    expect((await shop.ask(`imports/${NOBODYS_ID}/faults`, { token: staff })).status).toBe(404);
  });

  it.each(['text/plain', 'text/tab-separated-values', 'application/vnd.ms-excel'])('read %s as CSV', async (type) => {
    const read = await done(csv(2).replaceAll(',', '\t'), type);

    expect(read).toMatchObject({ format: 'csv', detected: { delimiter: '\t' }, counts: { created: 2 } });
  });

  it.each(['GZIP', 'x-gzip'])('are unpacked from %s', async (coding) => {
    const { body } = await shop.ask<ImportDto>('imports', {
      method: 'POST',
      token: staff,
      headers: { 'content-type': 'text/csv', 'content-encoding': coding },
      body: gzipSync(csv(2)),
    });
    await runner.idle();

    expect(await report(body.id)).toMatchObject({ state: 'finished', counts: { created: 2 } });
  });

  it.each(['application/json', 'application/xml', 'text/csv; charset=iso-8859-1'])(
    'refuse %s with 415',
    async (type) => {
      const { status, body } = await upload('{}', type);

      expect(status).toBe(415);
      expect(body).toMatchObject({ type: 'http://localhost:3000/problems/unsupported-media-type' });
    },
  );

  it('keep the options that they were asked for', async () => {
    const { body } = await upload(
      csv(1),
      'text/csv',
      staff,
      '?mapping=Title%3Dname,Size%5C,%20cm%3Dattributes.size&mapping=Kind%3Dcategories&currency=EUR&locale=de-DE&unknownColumns=attributes&duplicates=last&dryRun=true',
    );

    expect(body.options).toEqual({
      mapping: ['Title=name', 'Size, cm=attributes.size', 'Kind=categories'],
      currency: 'EUR',
      locale: 'de-DE',
      unknownColumns: 'attributes',
      duplicates: 'last',
      dryRun: true,
      sheet: null,
    });
    expect((await upload(csv(1))).body.options).toEqual({
      mapping: [],
      currency: null,
      locale: null,
      unknownColumns: 'skip',
      duplicates: 'first',
      dryRun: false,
      sheet: null,
    });
  });

  it.each([
    ['currency=Euro', 'currency'],
    ['locale=xx', 'locale'],
    ['locale=1', 'locale'],
    ['unknownColumns=keep', 'unknownColumns'],
    ['format=shopify', 'format'],
  ])('refuse the option %s', async (query, parameter) => {
    const { status, body } = await upload(csv(1), 'text/csv', staff, `?${query}`);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-parameter', errors: [{ parameter }] });
  });

  it('leave CSV to themselves: elsewhere it gets 415', async () => {
    const { status } = await shop.ask('products', {
      method: 'POST',
      token: staff,
      headers: { 'content-type': 'text/csv' },
      body: csv(1),
    });

    expect(status).toBe(415);
  });

  it('refuse an empty body with 422', async () => {
    const { status, body } = await upload('');

    expect(status).toBe(422);
    expect(body).toMatchObject({ type: 'http://localhost:3000/problems/import-empty' });
    expect(await rows('imports')).toBe(0);
  });

  describe('with a limit', () => {
    beforeAll(() => void (limits.maxBytes = 1000));
    afterAll(() => void (limits.maxBytes = 1_000_000));

    it('refuse a body that is announced to be larger with 413', async () => {
      const { status } = await upload(csv(100));

      expect(status).toBe(413);
      expect(await rows('imports')).toBe(0);
    });

    it('refuse a body that turns out to be larger with 413', async () => {
      const sending = request(`${shop.url}/api/v1/imports`, {
        method: 'POST',
        headers: { authorization: `Bearer ${staff}`, 'content-type': 'text/csv', 'transfer-encoding': 'chunked' },
      });
      sending.write(csv(100));
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      sending.destroy();

      expect(answer.statusCode).toBe(413);
      expect(answer.headers.connection).toBe('close');
      expect(await rows('imports')).toBe(0);
    });
  });

  it('leave nothing of an upload that its client broke off', async () => {
    const repository = shop.app.get(ImportLifecycle);
    const [begun, forgotten] = [jest.spyOn(repository, 'receive'), jest.spyOn(repository, 'discard')];
    const sending = request(`${shop.url}/api/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${staff}`, 'content-type': 'text/csv', 'content-length': '900000' },
    });
    sending.on('error', () => undefined);
    sending.write(csv(100));
    await called(begun);
    sending.destroy();
    await called(forgotten);

    expect(await rows('imports')).toBe(0);
    expect(await rows('import_chunks')).toBe(0);
  });

  describe('that were interrupted', () => {
    let clock: jest.SpiedFunction<Clock['now']> | undefined;
    beforeEach(() => clock?.mockRestore());

    /** An upload that nobody works on yet. */
    const waiting = async (text: string): Promise<string> => {
      const repository = shop.app.get(ImportLifecycle);
      const id = await repository.receive('csv', NOBODYS_ID, settingsOf());
      const bytes = async function* (): AsyncGenerator<Buffer> {
        yield await Promise.resolve(Buffer.from(text));
      };
      const length = await shop.app.get(ImportChunkStore).fill(id, bytes());
      const held = jest.spyOn(runner, 'wake').mockReturnValue(undefined);
      await repository.queue(id, length);
      held.mockRestore();
      return id;
    };
    /** A process takes the oldest one. */
    const claim = async (): Promise<ImportJob> => {
      const capacities = [{ kind: ExecuteImport, free: 1 }];
      const now = shop.app.get(Clock).now();
      const [claimed] = await shop.app.get(JobsRepository).claim(capacities, NOBODYS_ID, [], now);
      const { importId } = (claimed?.data ?? {}) as { importId?: string };
      const job = await shop.app.get(ImportLifecycle).begin(importId ?? NOBODYS_ID);
      if (!job) throw new Error('there is nothing to do');
      return job;
    };
    /** Works on it as a process that is killed after so many batches: what is committed stays, and nothing is said. */
    const dieAfter = async (batches: number): Promise<void> => {
      const job = await claim();
      const repository = jest.spyOn(shop.app.get(ImportLifecycle), 'fail').mockResolvedValue();
      const dying = shop.app.get(ImportWorker).execute(job, shop.app.get(ImportChunkStore).read(job.id), () => {
        if (--batches > 0) return true;
        throw new Error('killed');
      });
      await expect(dying).rejects.toThrow('killed');
      repository.mockRestore();
    };
    const later = (seconds: number): void => {
      const time = new Date(Date.now() + seconds * 1000);
      clock = jest.spyOn(shop.app.get(Clock), 'now').mockReturnValue(time);
    };

    it('go on after the last line that is done, once their worker’s lease has ended', async () => {
      const id = await waiting(`${csv(15)}\nbad\n${csv(30).split('\n').slice(16).join('\n')}`);
      await dieAfter(2);
      expect(await report(id)).toMatchObject({
        state: 'running',
        progress: { lines: 21 },
        counts: { created: 19, faulty: 1 },
      });
      expect(await rows('products')).toBe(19);

      await runner.idle();
      expect(await report(id)).toMatchObject({ state: 'running', progress: { lines: 21 } });

      later(7);
      await runner.idle();
      const read = await report(id);
      expect(read).toMatchObject({ state: 'finished', counts: { created: 30, updated: 0, unchanged: 0, faulty: 1 } });
      expect(read.faults).toMatchObject([{ line: 17 }]);
    });

    it('know SKUs of lines that were done before an interruption', async () => {
      const id = await waiting(`${csv(30)}\nP-2,Other,5,GBP,,\n`);
      await dieAfter(2);
      later(7);
      await runner.idle();

      expect(await report(id)).toMatchObject({
        counts: { created: 30, updated: 0, faulty: 1 },
        faults: [{ line: 32, code: 'duplicate', detail: 'is the SKU of line 4 already, which counts' }],
      });
    });

    it('are not spoilt by a worker that was only slow', async () => {
      const id = await waiting(csv(30));
      const slow = await claim();
      later(7);
      await runner.idle();

      const going = shop.app.get(ImportWorker).execute(slow, Readable.from([csv(30, 'SLOW')]), () => true);

      await expect(going).rejects.toThrow('taken over');
      expect(await report(id)).toMatchObject({ state: 'finished', counts: { created: 30 } });
      expect(await product('SLOW-1')).toBeUndefined();
    });

    it('go on after a stop, which gives them back between two batches', async () => {
      const id = await waiting(csv(30));
      const job = await claim();
      await shop.app.get(ImportWorker).execute(job, shop.app.get(ImportChunkStore).read(id), () => false);
      expect(await report(id)).toMatchObject({ state: 'queued', progress: { lines: 11 } });

      later(7);
      await runner.idle();
      expect(await report(id)).toMatchObject({ state: 'finished', counts: { created: 30, unchanged: 0 } });
    });

    it('go on in another process when the one that has them stops', async () => {
      const id = await waiting(csv(60));
      const [repository, clock] = [shop.app.get(JobsRepository), shop.app.get(Clock)];
      const stopping = new JobRunner(repository, clock, shop.app.get(Config));
      stopping.onApplicationBootstrap();
      const jobs = new JobsService(repository, stopping, shop.app.get(Transactions), clock);
      const lifecycle = shop.app.get(ImportLifecycle);
      new ImportRunner(
        lifecycle,
        shop.app.get(ImportChunkStore),
        shop.app.get(ImportWorker),
        new Retention(jobs, clock),
        jobs,
      ).onModuleInit();
      const recorded = jest.spyOn(lifecycle, 'record');
      stopping.wake();
      await called(recorded);
      recorded.mockRestore();
      await stopping.stop();
      const between = await report(id);
      await runner.idle();

      expect(between.state).toBe('queued');
      expect(between.counts.created).toBeGreaterThan(0);
      expect(await report(id)).toMatchObject({ state: 'finished', counts: { created: 60, unchanged: 0 } });
      const [job] = await shop.app.get(DataSource).query<{ attempts: number }[]>('SELECT attempts FROM jobs');
      expect(job?.attempts).toBe(1);
    });

    it('fail after three attempts of which none came through, and say so', async () => {
      const poison = await waiting(csv(30, 'POISON'));
      for (const attempt of [0, 1, 2]) {
        later(attempt * 7);
        // A process claims it, and is killed by its first lines.
        expect(await claim()).toMatchObject({ id: poison });
      }
      const good = await waiting(csv(3));
      later(21);
      await runner.idle();

      expect(await report(poison)).toMatchObject({
        state: 'failed',
        failure: expect.stringMatching(/^It was given up after 3 attempts: .* Check the first lines of the file\.$/),
        counts: { created: 0 },
      });
      expect(await report(good)).toMatchObject({ state: 'finished', counts: { created: 3 } });
      expect(await rows('import_chunks')).toBe(0);
    });

    it('may be begun often, as long as each time a batch comes through', async () => {
      const id = await waiting(csv(60));
      for (const attempt of [0, 1, 2, 3, 4]) {
        later(attempt * 7);
        await dieAfter(1);
      }
      later(35);
      await runner.idle();

      expect(await report(id)).toMatchObject({ state: 'finished', counts: { created: 60, unchanged: 0 } });
    });

    it('are forgotten when it was the upload, once nobody can be at it any more', async () => {
      await shop.app.get(ImportLifecycle).receive('csv', NOBODYS_ID, settingsOf());
      expect((await shop.ask<ImportPage>('imports', { token: staff })).body.data).toEqual([]);
      later(601);
      await shop.app.get(Retention).sweep();

      expect(await rows('imports')).toBe(0);
    });

    it('are each done once, however many runners there are', async () => {
      const ids = [await waiting(csv(25, 'A')), await waiting(csv(25, 'B')), await waiting(csv(25, 'C'))];
      const [repository, clock] = [shop.app.get(JobsRepository), shop.app.get(Clock)];
      const other = new JobRunner(repository, clock, shop.app.get(Config));
      other.onApplicationBootstrap();
      const jobs = new JobsService(repository, other, shop.app.get(Transactions), clock);
      new ImportRunner(
        shop.app.get(ImportLifecycle),
        shop.app.get(ImportChunkStore),
        shop.app.get(ImportWorker),
        new Retention(jobs, clock),
        jobs,
      ).onModuleInit();
      await Promise.all([runner.idle(), other.idle()]);

      for (const id of ids)
        expect(await report(id)).toMatchObject({ state: 'finished', counts: { created: 25, unchanged: 0 } });
    });
  });

  describe('of a file', () => {
    const file = {
      name: 'products.csv',
      format: 'csv',
      options: settingsOf(),
      fingerprint: 'of all that is in it',
      bytes: 100,
    } as const;
    const execute = async (text: string, restart: boolean, shouldContinue: () => boolean): Promise<string> => {
      const job = await shop.app.get(ImportLifecycle).open(file, restart);
      await shop.app.get(ImportWorker).execute(job, Readable.from([text]), shouldContinue);
      return job.id;
    };

    it('go on when the same one is imported again after an interruption, and never by themselves', async () => {
      const begun = await execute(csv(30), false, () => false);
      await runner.idle();
      expect(await report(begun)).toMatchObject({ state: 'running', source: 'products.csv', progress: { lines: 11 } });

      expect(await execute(csv(30), false, () => true)).toBe(begun);
      expect(await report(begun)).toMatchObject({ state: 'finished', counts: { created: 30, unchanged: 0 } });
      expect(await execute(csv(30), false, () => true)).not.toBe(begun);
    });

    it('begin at the first line when that is asked for', async () => {
      const begun = await execute(csv(30), false, () => false);
      const again = await execute(csv(30), true, () => true);

      expect(await report(begun)).toMatchObject({ state: 'failed' });
      expect(await report(again)).toMatchObject({ state: 'finished', counts: { created: 20, unchanged: 10 } });
    });
  });
});
