import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CategoriesService } from '../src/categories/categories.service.js';
import { Transactions } from '../src/common/database/transactions.js';
import { ProductsService } from '../src/products/products.service.js';
import { type Account, openAccount } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';
import { until } from './support/until.js';

/** What is referred to is there when it is looked up, and is being deleted by a unit of work that has not committed. */
describe('what is being deleted', () => {
  let shop: Shop;
  let staff: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await openAccount(shop, 'staff');
  });
  afterAll(() => shop.close());

  const post = <T = { id: string }>(path: string, json: object): Promise<Answer<T>> =>
    shop.ask<T>(path, { method: 'POST', token: staff.token, json });
  const category = async (): Promise<string> => (await post('categories', { name: randomUUID() })).body.id;
  const lantern = (more: object = {}): object => ({
    sku: randomUUID(),
    name: 'Lantern',
    price: { amount: 1, currency: 'GBP' },
    ...more,
  });
  const product = async (more: object = {}): Promise<string> => (await post('products', lantern(more))).body.id;

  async function isWaiting(): Promise<boolean> {
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    return (await shop.app.get(DataSource).query<object[]>(waiting)).length > 0;
  }

  /** What a request is answered that begins while a deletion is held, and goes on when that has committed. */
  async function during<T>(deletion: () => Promise<void>, request: () => Promise<T>): Promise<T> {
    const [deleted, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const unit = shop.app.get(Transactions).run(async () => {
      await deletion();
      deleted.resolve(undefined);
      await goOn.promise;
    });
    await Promise.race([deleted.promise, unit]);
    const answer = request();
    // the embedded engine has one connection: there the request waits for that
    if (process.env.TEST_DATABASE_URL) await until(isWaiting);
    goOn.resolve(undefined);
    await unit;
    return answer;
  }

  it('is no category to create a product in', async () => {
    const [kept, deleted] = [await category(), await category()];
    const json = lantern({ categoryIds: [kept, deleted] });
    const { status, body } = await during(
      () => shop.app.get(CategoriesService).remove(deleted, '*'),
      () => post<object>('products', json),
    );

    expect([status, body]).toMatchObject([
      422,
      { errors: [{ pointer: expect.stringMatching(/^#\/categoryIds/), code: 'exists' }] },
    ]);
    expect((await post('products', { ...json, categoryIds: [kept] })).status).toBe(201);
  });

  it('is no category to put a product into', async () => {
    const [kept, deleted] = [await category(), await category()];
    const id = await product({ categoryIds: [kept] });
    const { status, body } = await during(
      () => shop.app.get(CategoriesService).remove(deleted, '*'),
      () =>
        shop.ask(`products/${id}`, {
          method: 'PATCH',
          token: staff.token,
          headers: { 'if-match': '*' },
          json: { name: 'Red Lantern', categoryIds: [deleted] },
        }),
    );

    expect([status, body]).toMatchObject([
      422,
      { errors: [{ pointer: expect.stringMatching(/^#\/categoryIds/), code: 'exists' }] },
    ]);
    expect((await shop.ask(`products/${id}`)).body).toMatchObject({
      name: 'Lantern',
      version: 1,
      categories: [{ id: kept }],
    });
  });

  it('is no product to review', async () => {
    const productId = await product();
    const { status, body } = await during(
      () => shop.app.get(ProductsService).remove(productId, '*'),
      () => post<object>('reviews', { productId, rating: 5, title: 'Bright' }),
    );

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/productId', code: 'exists' }] }]);
  });

  it('is no product to add units of', async () => {
    const id = await product();
    const { status } = await during(
      () => shop.app.get(ProductsService).remove(id, '*'),
      () => post<object>(`products/${id}/stock-adjustments`, { delta: 1, reason: 'delivery' }),
    );

    expect(status).toBe(404);
  });
});
