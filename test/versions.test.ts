import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import { DOCUMENT } from './support/document.js';
import { Shop } from './support/shop.js';
import { Stock } from './support/stock.js';

const patches = locatedOperationsOf(DOCUMENT).filter(({ method }) => method === 'patch');

describe('the version of a row', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open();
    stock = new Stock(shop);
  });
  afterAll(() => shop.close());

  it('is counted by the trigger, in every table that has one', async () => {
    const database = shop.app.get(DataSource);
    // what is never changed says of which version it is
    const versioned = database.entityMetadatas.filter(({ columns }) =>
      ['version', 'updatedAt'].every((name) => columns.some(({ propertyName }) => propertyName === name)),
    );
    const triggers = await database.query<{ table: string }[]>(
      `SELECT c.relname AS "table" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'count_version'`,
    );

    expect(versioned.length).toBeGreaterThan(3);
    expect(triggers.map(({ table }) => table).sort()).toEqual(versioned.map(({ tableName }) => tableName).sort());
  });

  it.each(patches.map(({ path }) => [path]))('stays as it is when PATCH %s changes nothing', async (path) => {
    stock.forget();
    const token = await stock.tokenOf('admin');
    const at = await stock.fill(path.replaceAll(/\{(\w+)\}/g, '--$1--'), { role: 'admin', path });
    const before = await shop.ask(at, { token });
    const etag = before.headers.get('etag') ?? '';

    const patched = await shop.ask(at, { method: 'PATCH', token, headers: { 'if-match': etag }, json: {} });
    const after = await shop.ask(at, { token });

    expect([patched.status, patched.body]).toEqual([200, before.body]);
    expect([after.headers.get('etag') ?? '', after.body]).toEqual([etag, before.body]);
  });
});
