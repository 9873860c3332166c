import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import { openAccount } from './support/accounts.js';
import { Shop } from './support/shop.js';

interface Page {
  data: unknown[];
  page: { next: string | null; total?: number };
}

describe('every list', () => {
  let shop: Shop;
  let admin: string;
  let paths: string[];
  beforeAll(async () => {
    shop = await Shop.open();
    admin = (await openAccount(shop, 'admin')).token;
    const post = { method: 'POST', token: admin };
    for (const name of ['Garden', 'House', 'Shed']) {
      await openAccount(shop, 'customer');
      await shop.ask('categories', { ...post, json: { name } });
      await shop.ask('products', { ...post, json: { sku: name, name, price: { amount: 1, currency: 'GBP' } } });
    }
    const [product] = (await shop.ask<{ data: { id: string }[] }>('products')).body.data;
    for (const delta of [1, 2, 3]) {
      const json = { delta, reason: 'delivery' };
      await shop.ask(`products/${product?.id ?? ''}/stock-adjustments`, { ...post, json });
    }
    const csv = { ...post, headers: { 'content-type': 'text/csv' }, body: 'sku,name\n,\n,\n,\n' };
    const { body: started } = await shop.ask<{ id: string }>('imports', csv);
    const document = (await shop.ask<OpenAPIObject>('/openapi.json')).body;
    paths = locatedOperationsOf(document)
      .filter(({ operation }) =>
        operation.parameters?.some((parameter) => 'in' in parameter && parameter.name === 'cursor'),
      )
      .map(({ path }) => path.replace('{id}', path.includes('imports') ? started.id : (product?.id ?? '')));
  });
  afterAll(() => shop.close());

  const list = async (path: string, query: string): Promise<Page> =>
    (await shop.ask<Page>(`${path}?${query}`, { token: admin })).body;

  it('counts how many there are in all when it is asked to, and not otherwise (ZAL #160; A4.6)', async () => {
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) {
      const whole = await list(path, 'limit=100');
      const first = await list(path, 'limit=1&include=total');

      expect([path, whole.page.total]).toEqual([path, undefined]);
      expect([path, first.page.total]).toEqual([path, whole.data.length]);
    }
  });

  it('has no more to include than it says', async () => {
    for (const path of paths) {
      const { status } = await shop.ask(`${path}?include=secrets`, { token: admin });

      expect([path, status]).toEqual([path, 400]);
    }
  });

  it('takes a limit from 1 to 100, and refuses others (A4.4)', async () => {
    for (const path of paths) {
      for (const limit of ['0', '-1', '101', 'abc', '1.5', '']) {
        expect([path, limit, (await shop.ask(`${path}?limit=${limit}`, { token: admin })).status]).toEqual([
          path,
          limit,
          400,
        ]);
      }
    }
  });

  it('refuses a cursor that is not ours, and one of another filter (A4.3)', async () => {
    for (const path of paths) {
      const { status, body } = await shop.ask(`${path}?cursor=${'A'.repeat(60)}`, { token: admin });

      expect([path, status, body.type]).toEqual([path, 400, 'http://localhost:3000/problems/invalid-cursor']);
    }
  });
});
