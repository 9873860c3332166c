import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import type { ImportDto, ImportReportDto } from '../src/imports/dto/import.dto.js';
import { EXPORT_TYPES } from '../src/imports/dto/product-export.dto.js';
import { ImportLimits } from '../src/imports/imports.limits.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';
import { rowOf, workbookOf } from './support/workbooks.js';

const CSV = 'sku,name,price.amount,price.currency\nL-1,Lamp,1999,GBP\n';
const LINE = '{"sku":"L-1","name":"Lamp","price":{"amount":1999,"currency":"GBP"}}\n';
const XLS = Buffer.from('D0CF11E0A1B11AE100000000', 'hex');

const lamps = (count: number): string =>
  rowOf(1, 'sku', 'name', 'price.currency', 'price.amount') +
  Array.from({ length: count }, (_, place) =>
    rowOf(place + 2, `L-${String(place + 1)}`, 'Lamp', 'GBP').replace('</row>', '<c><v>1999</v></c></row>'),
  ).join('');

describe('imported files', () => {
  let shop: Shop;
  let staff: string;
  let runner: JobRunner;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await signIn(shop, 'staff');
    runner = shop.app.get(JobRunner);
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    await runner.idle();
    shop.app.get(ImportLimits).batchLines = 10;
    await shop.app.get(DataSource).query('TRUNCATE products, stock_movements, imports, jobs CASCADE');
  });

  const send = (body: Buffer<ArrayBuffer> | FormData | string, type?: string, query = ''): Promise<Answer<ImportDto>> =>
    shop.ask<ImportDto>(`imports${query}`, {
      method: 'POST',
      token: staff,
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    });
  const report = async ({ status, body }: Answer<ImportDto>): Promise<ImportReportDto> => {
    expect([status, body]).toMatchObject([202, {}]);
    await runner.idle();
    return (await shop.ask<ImportReportDto>(`imports/${body.id}`, { token: staff })).body;
  };
  const form = (content: string | Buffer<ArrayBuffer>, type: string, name: string, part = 'file'): FormData => {
    const data = new FormData();
    data.append(part, new Blob([content], { type }), name);
    return data;
  };

  describe('that are workbooks', () => {
    it('are imported row by row', async () => {
      const content = await workbookOf({ sheets: { Lamps: lamps(25) } });
      const read = await report(await send(content, EXPORT_TYPES.xlsx));

      expect(read).toMatchObject({
        state: 'finished',
        format: 'csv',
        fileFormat: 'xlsx',
        detected: { encoding: 'utf-8', delimiter: null },
        progress: { lines: 26, totalBytes: content.length },
        counts: { created: 25, faulty: 0 },
      });
    });

    it.each(['text/csv', 'application/vnd.ms-excel', 'application/x-ndjson'])(
      'are known by their first bytes as %s',
      async (type) => {
        const content = await workbookOf({ sheets: { Old: rowOf(1, 'nothing'), Lamps: lamps(1) } });

        expect(await report(await send(content, type, '?sheet=lamps'))).toMatchObject({
          fileFormat: 'xlsx',
          options: { sheet: 'lamps' },
          counts: { created: 1 },
        });
      },
    );

    it('fail in words when they cannot be read', async () => {
      const read = await report(await send(CSV, EXPORT_TYPES.xlsx));
      const sheet = await report(
        await send(await workbookOf({ sheets: { Lamps: lamps(1) } }), EXPORT_TYPES.xlsx, '?sheet=7'),
      );

      expect(read).toMatchObject({ state: 'failed', failure: expect.stringContaining('Save it as XLSX again') });
      expect(sheet).toMatchObject({ state: 'failed', failure: 'The workbook has no sheet 7. It has Lamps.' });
    });

    it('are refused as .xls, with what to do', async () => {
      expect(await send(XLS, 'application/vnd.ms-excel')).toMatchObject({
        status: 422,
        body: {
          type: expect.stringMatching(/import-unreadable$/),
          detail: expect.stringContaining('Save it as an XLSX'),
        },
      });
    });
  });

  describe('in forms', () => {
    it.each([
      ['text/csv', 'products.csv', 'file', CSV, 'csv'],
      ['application/x-ndjson', 'blob', 'upload', LINE, 'ndjson'],
      ['application/octet-stream', 'products.NDJSON', 'file', LINE, 'ndjson'],
      ['application/vnd.ms-excel', 'products.csv', 'products', CSV, 'csv'],
      ['', 'products.jsonl', 'file', LINE, 'ndjson'],
    ])('are read by their type %j or name %j in the part %j', async (type, name, part, content, format) => {
      expect(await report(await send(form(content, type, name, part)))).toMatchObject({
        format,
        counts: { created: 1 },
      });
    });

    it('may be workbooks, and longer than what is read at once', async () => {
      shop.app.get(ImportLimits).batchLines = 500;
      const content = await workbookOf({ sheets: { Lamps: lamps(1) } });
      const long = CSV + 'L-1,Lamp,1999,GBP\n'.repeat(5_000);

      expect(await report(await send(form(content, '', 'lamps.xlsx')))).toMatchObject({
        fileFormat: 'xlsx',
        counts: { created: 1 },
      });
      expect(await report(await send(form(long, 'text/csv', 'a.csv'), undefined, '?duplicates=last'))).toMatchObject({
        progress: { totalBytes: long.length },
        counts: { created: 0, unchanged: 5_001 },
      });
    });

    it('are refused where the form has no file, a kind that is unknown, or more than a file', async () => {
      const none = new FormData();
      none.append('file', '');
      const two = form(CSV, 'text/csv', 'a.csv');
      two.append('more', new Blob([CSV]), 'b.csv');
      const text = form(CSV, 'text/csv', 'a.csv');
      text.append('dryRun', 'true');

      expect((await send(new FormData())).status).toBe(422);
      expect(await send(form(CSV, 'image/png', 'a.png'))).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '#/file', code: 'type' }] },
      });
      expect((await send(two)).status).toBe(400);
      expect(await send(text)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '#/dryRun', code: 'unknown' }] },
      });
      expect((await send(form('', 'text/csv', 'a.csv'))).status).toBe(422);
      expect((await shop.ask('imports', { token: staff })).body).toMatchObject({ data: [] });
    });

    it('are bounded as other bodies', async () => {
      shop.app.get(ImportLimits).maxBytes = 1000;
      const { status } = await send(form(CSV.repeat(100), 'text/csv', 'a.csv'));
      shop.app.get(ImportLimits).maxBytes = 256 * 1024 * 1024;

      expect(status).toBe(413);
    });

    it('are left out whole when the form ends too early', async () => {
      const head =
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n';

      expect((await send(head + CSV, 'multipart/form-data; boundary=b')).status).toBe(400);
      expect((await send(CSV, 'multipart/form-data')).status).toBe(400);
      expect((await shop.ask('imports', { token: staff })).body).toMatchObject({ data: [] });
    });
  });
});
