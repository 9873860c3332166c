import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryPage } from '../src/categories/dto/category.dto.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DemoService } from '../src/demo/demo.service.js';
import type { ProductPage } from '../src/products/dto/product.dto.js';
import type { ReviewPage } from '../src/reviews/dto/review.dto.js';
import { settled } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('the demo shop', () => {
  let shop: Shop;
  let progress: number[];
  beforeAll(async () => {
    shop = await Shop.open();
    progress = [];
    await shop.app.get(DemoService).open((products) => progress.push(products));
  });
  afterAll(() => shop.close());

  const search = async (words: string): Promise<ProductPage> =>
    (await shop.ask<ProductPage>(`products?q=${encodeURIComponent(words)}&include=total`)).body;

  it('has the whole catalogue, and says how far it is while it is made', async () => {
    const { body } = await shop.ask<ProductPage>('products?include=total');

    expect(body.page.total).toBe(3648);
    expect(progress.at(-1)).toBe(3648);
    expect(progress.length).toBeGreaterThan(2);
  });

  it('has a tree of categories with every product in it', async () => {
    const { body } = await shop.ask<CategoryPage>('categories?limit=100');
    const { body: products } = await shop.ask<ProductPage>('products?include=facets&limit=1');
    const tops = body.data.filter(({ parentId }) => parentId === null);

    expect(tops.length).toBeGreaterThanOrEqual(8);
    const counted = new Map(products.facets?.categories.map(({ id, count }) => [id, count]));
    expect(Math.max(...tops.map(({ id }) => counted.get(id) ?? 0))).toBeLessThan(3648 * 0.3);
  });

  it.each([
    ['lantern', /lantern/i],
    ['union jack mug', /union jack/i],
    ['chrstmas lantrn', /christmas|lantern/i],
  ])('finds for %j what a person would expect', async (words, expected) => {
    const { data } = await search(words);

    expect(data.length).toBeGreaterThan(0);
    for (const { name } of data.slice(0, 5)) expect(name).toMatch(expected);
  });

  it('has reviews of its customers, and ratings', async () => {
    await settled(shop);
    const { body } = await shop.ask<ReviewPage>('reviews?limit=100');
    const { body: found } = await shop.ask<ProductPage>('products?sku=22423');

    expect(body.data.length).toBeGreaterThanOrEqual(36);
    expect(new Set(body.data.map(({ authorName }) => authorName)).size).toBeGreaterThan(4);
    expect(found.data[0]?.rating).toEqual({ average: 4, count: 3 });
  });

  it.each(DEMO_ACCOUNTS)('lets $email sign in', async ({ email, roles }) => {
    const login = await shop.ask<{ accessToken: string }>('auth/login', {
      method: 'POST',
      json: { email, password: DEMO_PASSWORD },
    });
    const me = await shop.ask('users/me', { token: login.body.accessToken });

    expect(me.body).toMatchObject({ email, roles });
  });

  it('is not made again once somebody is there', async () => {
    expect(await shop.app.get(DemoService).isWanted()).toBe(false);
  });
});
