import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { CategoryPage } from '../src/categories/dto/category.dto.js';
import { verifyIn } from '../src/commands/inventory-verify.js';
import { verifyIn as verifyPhotosIn } from '../src/commands/photos-verify.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import type { Role } from '../src/common/security/roles.js';
import { DrawPictures } from '../src/demo/demo.jobs.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, DemoService } from '../src/demo/demo.service.js';
import type { CustomerTransactionPage } from '../src/ledger/dto/customer-transaction.dto.js';
import type { TrialBalanceDto } from '../src/ledger/dto/trial-balance.dto.js';
import type { OrderPage } from '../src/orders/dto/order.dto.js';
import type { ProductPage } from '../src/products/dto/product.dto.js';
import { DemoPicturesService } from '../src/demo/pictures/demo.pictures.service.js';
import { drawPicture, SIDE } from '../src/demo/pictures/picture.js';
import { rasterise } from '../src/demo/pictures/raster.js';
import { ProductsDrawnPhotosService } from '../src/products/products.drawn-photos.service.js';
import type { ReviewPage } from '../src/reviews/dto/review.dto.js';
import { settled } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('the demo shop', () => {
  let shop: Shop;
  let progress: number[];
  beforeAll(async () => {
    shop = await Shop.open();
    progress = [];
    inPortionsOf(3648);
    await shop.app.get(DemoService).open((products) => progress.push(products));
  });
  afterAll(() => shop.close());

  /** Has a job draw so many pictures. */
  const inPortionsOf = (portion: number): void => {
    Object.assign(shop.app.get(DemoPicturesService), { portion });
  };
  const signIn = async (role: Role): Promise<string> => {
    const json = { email: `${role}@stockroom.example`, password: DEMO_PASSWORD };
    return (await shop.ask<{ accessToken: string }>('auth/login', { method: 'POST', json })).body.accessToken;
  };
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

  it('has orders of the last weeks in each state, of several customers', async () => {
    await settled(shop);
    const { body } = await shop.ask<OrderPage>('orders?limit=100', { token: await signIn('staff') });
    const states = new Set(body.data.map(({ status, paymentStatus }) => `${status} ${paymentStatus}`));
    const ages = body.data.map(({ createdAt }) => (Date.now() - Date.parse(createdAt)) / 86_400_000);

    expect(body.data.length).toBeGreaterThanOrEqual(40);
    expect([...states].sort()).toEqual([
      'cancelled refunded',
      'completed paid',
      'completed partially_refunded',
      'confirmed paid',
    ]);
    expect(new Set(body.data.map(({ customerId }) => customerId)).size).toBeGreaterThan(8);
    expect(Math.max(...ages)).toBeGreaterThan(14);
    expect(Math.max(...ages)).toBeLessThan(29);
  });

  it('shows the demo customer orders and transactions of weeks, with money that was returned', async () => {
    const token = await signIn('customer');
    const { body: orders } = await shop.ask<OrderPage>('orders?limit=100', { token });
    const { body: history } = await shop.ask<CustomerTransactionPage>('users/me/transactions?limit=100', { token });

    expect(orders.data.length).toBeGreaterThanOrEqual(4);
    expect(new Set(history.data.map(({ kind }) => kind))).toEqual(new Set(['payment', 'refund']));
    const paid = orders.data.reduce((sum, { total, refunded }) => sum + total.amount - refunded.amount, 0);
    expect(history.data.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(paid);
    expect(Date.parse(history.data.at(-1)?.postedAt ?? '')).toBeLessThan(Date.now() - 86_400_000);
  });

  it('has a ledger and a stock that agree with its orders', async () => {
    const { body } = await shop.ask<TrialBalanceDto>('ledger/trial-balance', { token: await signIn('admin') });
    const { body: all } = await shop.ask<OrderPage>('orders?limit=100', { token: await signIn('staff') });
    const paid = all.data.reduce((sum, { total, refunded }) => sum + total.amount - refunded.amount, 0);
    const printed: string[] = [];

    expect(body.totals).toEqual([{ amount: 0, currency: 'GBP' }]);
    expect(body.balances.find(({ account }) => account === 'clearing')?.balance.amount).toBe(paid);
    expect(await verifyIn(shop.app, false, (text) => printed.push(text))).toBe(0);
    expect(printed.join('')).toContain('no differences');
  });

  /** How many products have how many photos, and how many photos, events of them and files there are. */
  const countPhotos = async (): Promise<unknown> => {
    const [row] = await shop.app.get(DataSource).query<unknown[]>(
      `SELECT (SELECT json_object_agg(photos, products) FROM (
                 SELECT photos, count(*) AS products FROM (
                   SELECT count(pp.photo_id) AS photos FROM products p LEFT JOIN product_photos pp ON pp.product_id = p.id GROUP BY p.id
                 ) counted GROUP BY photos) counts) AS products,
              (SELECT count(*)::int FROM photos WHERE state = 'ready' AND is_complete) AS photos,
              (SELECT count(*)::int FROM photo_files WHERE state = 'ready') AS files,
              (SELECT count(*)::int FROM outbox WHERE name = 'photo.added') AS events`,
    );
    return row;
  };
  const ALL = { products: { 1: 3648 }, photos: 3648, files: 2 * 3648, events: 3648 };

  it('draws one picture of each product, which is shown as any photo is', async () => {
    await settled(shop);
    const { body } = await shop.ask<ProductPage>('products?limit=1');
    const [photo] = body.data[0]?.photos ?? [];
    const thumb = await fetch(`${shop.url}${photo?.urls.thumb ?? ''}`, {
      headers: { accept: 'image/avif,image/webp,*/*' },
    });
    const large = await fetch(`${shop.url}${photo?.urls.large ?? ''}`);

    expect(await countPhotos()).toEqual(ALL);
    expect(photo).toMatchObject({
      width: SIDE,
      height: SIDE,
      alt: `Drawing: ${body.data[0]?.name ?? ''}`,
      available: true,
    });
    expect([thumb.status, thumb.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(thumb.headers.get('cache-control')).toContain('immutable');
    expect([...new Uint8Array(await thumb.arrayBuffer()).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect([large.status, large.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(body.data[0]?.version).toBe(2);
  });

  it('has files that agree with their rows', async () => {
    const printed: string[] = [];

    expect(await verifyPhotosIn(shop.app, false, (text) => printed.push(text))).toBe(0);
    expect(printed.join('')).toBe('Verified 7296 files of photos, and 7296 in the storage: no faults.\n');
  });

  it('goes on with drawing where it was interrupted, and draws nothing twice', async () => {
    const staff = await signIn('staff');
    const { body } = await shop.ask<ProductPage>('products?limit=50&sort=name');
    for (const { id, photos } of body.data)
      await shop.ask(`products/${id}/photos/${photos[0]?.id ?? ''}`, { method: 'DELETE', token: staff });
    const stored = jest.spyOn(ProductsDrawnPhotosService.prototype, 'add');
    const jobs = shop.app.get(JobsService);
    inPortionsOf(30);
    await jobs.enqueue(DrawPictures, null);
    await settled(shop);
    const first = stored.mock.calls.flatMap(([pictures]) => pictures).length;
    const [waiting] = await shop.app
      .get(DataSource)
      .query<{ seconds: number }[]>(
        `SELECT extract(epoch FROM due_at - now())::float AS seconds FROM jobs WHERE kind = $1 AND state = 'waiting'`,
        [DrawPictures.name],
      );
    await jobs.enqueue(DrawPictures, null);
    await settled(shop);
    const drawn = stored.mock.calls.flatMap(([pictures]) => pictures.map(({ productId }) => productId));
    stored.mockRestore();

    expect(first).toBe(30);
    // the next one leaves the processor to others meanwhile
    expect(waiting?.seconds).toBeGreaterThan(1);
    expect(drawn.sort()).toEqual(body.data.map(({ id }) => id).sort());
    expect(await countPhotos()).toEqual({ ...ALL, events: 3648 + 50 });
  });

  it('gives no second photo to a product that has got one while its picture was drawn', async () => {
    const { body } = await shop.ask<ProductPage>('products?limit=1');
    const productId = body.data[0]?.id ?? '';
    const picture = await rasterise(drawPicture({ sku: 'LATE', name: 'Late Lantern', category: '' }));
    await shop.app.get(ProductsDrawnPhotosService).add([{ productId, picture, alt: 'Drawing: Late Lantern' }]);
    await settled(shop);
    const { body: after } = await shop.ask<ProductPage>('products?limit=1');

    expect(after.data[0]).toEqual(body.data[0]);
    expect(await countPhotos()).toEqual({ ...ALL, events: 3648 + 50 });
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
