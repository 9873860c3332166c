import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import type { ReviewDto } from '../src/reviews/dto/review.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';
import { Stock } from './support/stock.js';

const ANY = { 'if-match': '*' };
const AT = { role: 'staff', path: '/api/v1/products' } as const;

describe('the rating of a product', () => {
  let shop: Shop;
  let stock: Stock;
  let ada: string;
  let grace: string;
  let staff: string;
  let productId: string;
  beforeAll(async () => {
    shop = await Shop.open();
    stock = new Stock(shop);
    [ada, grace, staff] = [await signIn(shop, 'customer'), await signIn(shop, 'customer'), await signIn(shop, 'staff')];
  });
  beforeEach(async () => {
    productId = await makeProduct();
  });
  afterAll(() => shop.close());

  const makeProduct = (): Promise<string> => {
    stock.forget();
    return stock.fill('--products--', AT);
  };
  const review = async (token: string, rating: number): Promise<ReviewDto> => {
    const json = { productId, rating, title: 'As it should be' };
    return (await shop.ask<ReviewDto>('reviews', { method: 'POST', token, json })).body;
  };
  const change = (id: string, token: string, json: object): Promise<Answer<ReviewDto>> =>
    shop.ask(`reviews/${id}`, { method: 'PATCH', token, headers: ANY, json });
  const ratingOf = async (id: string): Promise<ProductDto['rating']> =>
    (await shop.ask<ProductDto>(`products/${id}`)).body.rating;

  it('is the average of its reviews, to one decimal place, and their number', async () => {
    expect(await ratingOf(productId)).toEqual({ average: null, count: 0 });

    await review(ada, 5);
    await review(grace, 4);
    await review(staff, 4);

    expect(await ratingOf(productId)).toEqual({ average: 4.3, count: 3 });
    const list = await shop.ask<{ data: ProductDto[] }>('products?limit=1');
    expect(list.body.data[0]?.rating).toEqual({ average: 4.3, count: 3 });
  });

  it('follows a review that is changed, and one that is deleted', async () => {
    const [first, second] = [await review(ada, 5), await review(grace, 4)];

    await change(first.id, ada, { rating: 1 });
    expect(await ratingOf(productId)).toEqual({ average: 2.5, count: 2 });

    await shop.ask(`reviews/${second.id}`, { method: 'DELETE', token: grace, headers: ANY });
    expect(await ratingOf(productId)).toEqual({ average: 1, count: 1 });
  });

  it('goes with a review to another product', async () => {
    const { id } = await review(ada, 5);
    const other = await makeProduct();

    await change(id, ada, { productId: other });

    expect([await ratingOf(productId), await ratingOf(other)]).toEqual([
      { average: null, count: 0 },
      { average: 5, count: 1 },
    ]);
  });

  it('makes another version of the product, once a review', async () => {
    const etag = async (): Promise<string | null> => (await shop.ask(`products/${productId}`)).headers.get('etag');
    expect(await etag()).toBe('"1"');

    const { id } = await review(ada, 5);
    expect(await etag()).toBe('"2"');
    await change(id, ada, { rating: 2 });
    expect(await etag()).toBe('"3"');
    await change(id, ada, { title: 'Rated the same' });
    expect(await etag()).toBe('"3"');
  });

  it('counts every one of those who review at the same time', async () => {
    const customers = await Promise.all(Array.from({ length: 10 }, () => signIn(shop, 'customer')));

    await Promise.all(customers.map((token) => review(token, 3)));

    expect(await ratingOf(productId)).toEqual({ average: 3, count: 10 });
  });

  it('does not keep a product from being deleted, with its reviews', async () => {
    const { id } = await review(ada, 5);

    const deleted = await shop.ask(`products/${productId}`, { method: 'DELETE', token: staff, headers: ANY });

    expect([deleted.status, (await shop.ask(`reviews/${id}`)).status]).toEqual([204, 404]);
  });
});
