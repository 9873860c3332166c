import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { FacetsDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';

/** So many that they are not all ranked, counted and compared. */
const MUGS = 24_000;

describe('a shop with many products', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: 10_000 });
    const token = await signIn(shop, 'staff');
    const { body: category } = await shop.ask<{ id: string }>('categories', {
      method: 'POST',
      token,
      json: { name: 'Table' },
    });
    const database = shop.app.get(DataSource);
    await database.query(
      `WITH made AS (
         INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, status)
         SELECT gen_random_uuid(), 'MANY-' || n, 'many-' || n, 'Blue Mug', 'Made with care', n, 'GBP', 'active'
         FROM generate_series(1, $1::integer) n RETURNING id, price_amount
       ),
       stocked AS (INSERT INTO stock_levels (product_id, on_hand) SELECT id, price_amount % 2 FROM made)
       INSERT INTO product_categories (product_id, category_id) SELECT id, $2::uuid FROM made WHERE price_amount % 4 = 0`,
      [MUGS, category.id],
    );
    // what is found last where the first ones in the table are taken
    for (const name of ['Made', 'Care Mug', 'Lantern', 'Lantern made of paper', 'Gartenlaterne']) {
      const json = { sku: name.replaceAll(' ', '-'), name, price: { amount: 1, currency: 'GBP' }, status: 'active' };
      await shop.ask('products', { method: 'POST', token, json });
    }
    await database.query('ANALYZE products');
  });
  afterAll(() => shop.close());

  const list = async (query: string): Promise<ProductPage> => (await shop.ask<ProductPage>(`products?${query}`)).body;
  const names = async (query: string): Promise<string[]> => (await list(query)).data.map(({ name }) => name);
  const facetsOf = async (query: string): Promise<FacetsDto | undefined> =>
    (await list(`${query}&include=facets`)).facets;
  /** Pages of the table are drawn, and what was written last is on pages of its own. */
  const isAbout = (value: number | undefined, expected: number): boolean =>
    value !== undefined && Math.abs(value - expected) < expected * 0.4;

  it.each([
    ['made', ['Made', 'Lantern made of paper', 'Blue Mug']],
    ['care', ['Care Mug', 'Blue Mug', 'Blue Mug']],
    ['care mug', ['Care Mug', 'Blue Mug', 'Blue Mug']],
    ['many-24000', ['Blue Mug']],
    ['lantrn', ['Lantern made of paper', 'Lantern']],
    ['lante', ['Lantern', 'Lantern made of paper']],
    ['laterne', ['Gartenlaterne']],
  ])('finds by %s what fits best, however many there are', async (q, expected) => {
    expect((await names(`q=${q}&limit=3`)).slice(0, expected.length)).toEqual(expected);
  });

  it('shows 1,000 products by relevance, each once', async () => {
    const shown: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { data, page }: ProductPage = await list(next === '' ? 'q=mug&limit=100' : `cursor=${next}`);
      shown.push(...data.map(({ id }) => id));
      next = page.next;
    }

    expect(shown).toHaveLength(1000);
    expect(new Set(shown).size).toBe(1000);
  });

  it('says of totals whether there are more', async () => {
    const total = async (query: string): Promise<unknown> => {
      const { page } = await list(`${query}&include=total&limit=1`);
      return [page.total, page.totalIsEstimate];
    };

    expect(await total('q=mug')).toEqual([10_000, true]);
    expect(await total('')).toEqual([10_000, true]);
    expect(await total('maxPrice=10000&sort=price')).toEqual([10_000, true]);
    expect(await total('maxPrice=9000&sort=price')).toEqual([9005, false]);
    expect(await total('q=lantern')).toEqual([2, false]);
    expect(await total('q=mug&collapse=family')).toEqual([10_000, true]);
    expect(await total('q=lantern&collapse=family')).toEqual([2, false]);
    expect((await list('q=lantern')).page).not.toHaveProperty('totalIsEstimate');
  });

  it.each([
    ['', MUGS],
    ['q=mug', MUGS],
    // more than are counted, but too few to be sampled
    ['sort=price&minPrice=9001', 15_000],
  ])('estimates the facets of %s', async (query, all) => {
    const facets = await facetsOf(query);

    expect(facets).toMatchObject({ estimated: true, currency: 'GBP' });
    expect([query, facets?.inStock, isAbout(facets?.inStock, all / 2)]).toEqual([query, facets?.inStock, true]);
    expect(facets?.categories).toMatchObject([{ name: 'Table' }]);
    expect(isAbout(facets?.categories[0]?.count, all / 4)).toBe(true);
    expect(isAbout(facets?.prices[0]?.count, all)).toBe(true);
  });

  it('counts the facets of 10,000 products', async () => {
    expect(await facetsOf('sort=price&minPrice=14001')).toMatchObject({
      estimated: false,
      categories: [{ name: 'Table', count: 2500 }],
      minPrice: 14_001,
      maxPrice: MUGS,
      inStock: 5000,
    });
  });
});
