import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventRelay } from '../src/common/events/event-relay.js';
import { Clock } from '../src/common/time/clock.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { ProductsService } from '../src/products/products.service.js';
import type { ReviewDto } from '../src/reviews/dto/review.dto.js';
import { settled, signIn } from './support/accounts.js';
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
  afterEach(() => {
    jest.restoreAllMocks();
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
  /** As it is once the events of reviews are handled. */
  const ratingOf = async (id: string): Promise<ProductDto['rating']> => {
    await settled(shop);
    return (await shop.ask<ProductDto>(`products/${id}`)).body.rating;
  };

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

  it('stays with the product that was reviewed', async () => {
    const { id } = await review(ada, 5);
    const other = await makeProduct();

    const { status, body } = await change(id, ada, { productId: other });

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/productId', code: 'unchanged' }] }]);
    expect([await ratingOf(productId), await ratingOf(other)]).toEqual([
      { average: 5, count: 1 },
      { average: null, count: 0 },
    ]);
    expect((await change(id, ada, { productId, rating: 4 })).status).toBe(200);
  });

  it('changes the ETag of the product, and never what If-Match of staff needs', async () => {
    const get = async (headers: Record<string, string> = {}): Promise<Answer<ProductDto>> => {
      await settled(shop);
      return shop.ask<ProductDto>(`products/${productId}`, { token: staff, headers });
    };
    const before = (await get()).headers.get('etag') ?? '';

    const { id } = await review(ada, 5);
    const after = (await get()).headers.get('etag') ?? '';
    expect(after).not.toBe(before);
    expect((await get({ 'if-none-match': before })).status).toBe(200);
    expect((await get({ 'if-none-match': after })).status).toBe(304);
    await change(id, ada, { rating: 4 });
    expect((await get({ 'if-none-match': after })).status).toBe(200);
    await change(id, ada, { title: 'Rated the same' });
    expect((await get({ 'if-none-match': after })).status).toBe(200);

    for (const etag of [before, after]) {
      const { version } = (await get()).body;
      const json = { name: `Renamed ${String(version)}` };
      const patched = await shop.ask<ProductDto>(`products/${productId}`, {
        method: 'PATCH',
        token: staff,
        headers: { 'if-match': etag },
        json,
      });
      expect([etag, patched.status]).toEqual([etag, version === 1 ? 200 : 412]);
    }
  });

  it('counts every one of those who review at the same time', async () => {
    const customers = await Promise.all(Array.from({ length: 10 }, () => signIn(shop, 'customer')));

    await Promise.all(customers.map((token) => review(token, 3)));

    expect(await ratingOf(productId)).toEqual({ average: 3, count: 10 });
  });

  it('is that of the reviews there are, also for an event that is handled again', async () => {
    await review(ada, 5);
    await settled(shop);
    const rate = jest.spyOn(shop.app.get(ProductsService), 'updateRating');
    await review(grace, 2);
    await settled(shop);
    const [call] = rate.mock.calls;
    if (!call) throw new Error('the product was not rated');

    await shop.app.get(ProductsService).updateRating(...call);

    expect(await ratingOf(productId)).toEqual({ average: 3.5, count: 2 });
  });

  it('follows later when its handler fails, which no customer notices', async () => {
    const rate = jest
      .spyOn(shop.app.get(ProductsService), 'updateRating')
      .mockRejectedValueOnce(new Error('not today'));
    const json = { productId, rating: 4, title: 'As it should be' };

    const { status, body } = await shop.ask<ReviewDto>('reviews', { method: 'POST', token: ada, json });
    const before = await ratingOf(productId);
    const changed = await change(body.id, ada, { rating: 2 });
    const waiting = await ratingOf(productId);
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + 6000));
    shop.app.get(EventRelay).wake();

    expect([status, changed.status]).toEqual([201, 200]);
    expect([before, waiting]).toEqual(Array(2).fill({ average: null, count: 0 }));
    expect(await ratingOf(productId)).toEqual({ average: 2, count: 1 });
    // one that fails, that again, and the change that waited behind it
    expect(rate).toHaveBeenCalledTimes(3);
  });

  it('is forgotten with a product that is deleted before its reviews are counted', async () => {
    const rate = jest
      .spyOn(shop.app.get(ProductsService), 'updateRating')
      .mockRejectedValueOnce(new Error('not today'));
    await review(ada, 5);
    await settled(shop);
    await shop.ask(`products/${productId}`, { method: 'DELETE', token: staff, headers: ANY });
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + 6000));
    shop.app.get(EventRelay).wake();
    await settled(shop);

    expect(await Promise.allSettled(rate.mock.results.map(({ value }) => value))).toMatchObject([
      { status: 'rejected' },
      { status: 'fulfilled' },
    ]);
  });

  it('does not keep a product from being deleted, with its reviews', async () => {
    const { id } = await review(ada, 5);

    const deleted = await shop.ask(`products/${productId}`, { method: 'DELETE', token: staff, headers: ANY });

    expect([deleted.status, (await shop.ask(`reviews/${id}`)).status]).toEqual([204, 404]);
  });
});
