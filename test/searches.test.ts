import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';

const server = process.env.TEST_DATABASE_URL;

describe('a search', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: 600 });
    const token = await signIn(shop, 'staff');
    const json = { sku: 'LANTERN', name: 'Red Lantern', price: { amount: 1, currency: 'GBP' } };
    await shop.ask('products', { method: 'POST', token, json });
  });
  afterAll(() => shop.close());

  it.each([
    ['searches', 'q=lantern', 240],
    ['facets', 'include=total,facets', 120],
    ['facets', 'include=total&include=facets&q=lantern', 120],
    ['default', 'sort=name', 600],
  ])('counts by the policy %s when it asks for %s', async (policy, query, quota) => {
    const { headers } = await shop.ask(`products?${query}`);

    expect(headers.get('ratelimit-policy')).toBe(`"${policy}";q=${String(quota)};w=60`);
  });

  if (server) {
    /** Has every search take as long as it likes: what it asks for takes a minute. */
    const slowDown = (): Promise<unknown> =>
      shop.app.get(DataSource).query(
        `CREATE OR REPLACE FUNCTION product_search_tiers(q text) RETURNS text[] LANGUAGE plpgsql AS $$
           BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$`,
      );

    it('that takes too long is cancelled, and says to be more specific; others get 503, and all else goes on', async () => {
      await slowDown();
      const searches = Array.from({ length: 8 }, (_, number) => shop.ask(`products?q=lantern${String(number)}`));
      const list = await shop.ask('products?sort=name');
      const answers = await Promise.all(searches);

      expect(list.status).toBe(200);
      const statuses = answers.map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([422, 503]));
      expect(statuses.filter((status) => status === 422).length).toBeGreaterThanOrEqual(2);
      expect(answers.find(({ status }) => status === 422)?.body.type).toMatch(/\/problems\/search-too-slow$/);
      expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('5');
    });
  } else {
    it('on the embedded engine, which cannot cancel one, is refused where it would go through too many rows', async () => {
      await shop.app.get(DataSource).query(
        `WITH made AS (
           INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status)
           SELECT gen_random_uuid(), 'MANY-' || n, 'many-' || n, 'Mug', 1, 'GBP', 'active' FROM generate_series(1, 20001) n
           RETURNING id
         ) INSERT INTO stock_levels (product_id) SELECT id FROM made`,
      );

      for (const query of ['q=mug&sort=name', 'q=mug&inStock=false', 'inStock=false&sort=name', 'collapse=family']) {
        const { status, body } = await shop.ask(`products?${query}`);
        expect([query, status, body.type]).toEqual([query, 422, 'http://localhost:3000/problems/search-too-slow']);
      }
      for (const query of ['', 'q=lantern', 'q=mug', 'q=mgu', 'include=facets', 'sku=MANY-7', 'sort=price']) {
        expect([query, (await shop.ask(`products?${query}`)).status]).toEqual([query, 200]);
      }
    });
  }
});
