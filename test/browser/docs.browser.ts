import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Response } from 'playwright-core';
import { type DocsPage, ShopAndBrowser } from './docs-page.js';
import { pictureOf } from '../support/photos.js';

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

const STAFF = { email: 'staff@stockroom.example', password: 'open sesame, little shop' };

const LOGIN = '/api/v1/auth/login';
const REFRESH = '/api/v1/auth/refresh';
const SESSIONS = '/api/v1/auth/sessions';
const SESSION = '/api/v1/auth/sessions/{id}';
const ME = '/api/v1/users/me';
const CATEGORIES = '/api/v1/categories';
const CATEGORY = '/api/v1/categories/{id}';
const PRODUCTS = '/api/v1/products';
const PRODUCT = '/api/v1/products/{id}';
const STOCK = '/api/v1/products/{id}/stock-adjustments';
const IMPORTS = '/api/v1/imports';

describe('the page that npm start names', () => {
  let at: ShopAndBrowser;
  let docs: DocsPage;
  let staff: StorageState | undefined;

  beforeAll(async () => {
    at = await ShopAndBrowser.start();
  });
  afterAll(() => at.stop());

  beforeEach(async () => {
    docs = await at.openPage();
  });
  afterEach(() => docs.page.context().close());

  it('shows the operations, and its own security policy refuses it nothing', async () => {
    await docs.operation('get', '/livez').waitFor();
    expect(docs.complaints).toEqual([]);
  });

  it('refuses what needs signing in before a login, and says what to do', async () => {
    await docs.open('get', ME);

    expect((await docs.execute('get', ME)).status()).toBe(401);
    expect(await docs.explanation('get', ME).innerText()).toContain('Sign in first');
  });

  it('is signed in by a login as it is offered, and still is after a reload', async () => {
    await docs.open('post', LOGIN);
    expect((await docs.execute('post', LOGIN)).status()).toBe(200);
    await docs.signedInAs('admin');
    await docs.open('get', ME);
    expect((await docs.execute('get', ME)).status()).toBe(200);

    // its address names the operation that was opened last, which is open again then
    await docs.page.reload();
    await docs.signedInAs('admin');
    expect((await docs.execute('get', ME)).status()).toBe(200);
  });

  it('changes from one demo account to another with one click, and signs out', async () => {
    await docs.signInAs('customer');
    await docs.signInAs('staff');
    await docs.page.getByRole('button', { name: 'Sign out' }).click();
    await docs.signedOut();

    await docs.open('get', ME);
    expect((await docs.execute('get', ME)).status()).toBe(401);
  });

  it('offers the refresh token of the page whenever the operation is opened', async () => {
    await docs.signInAs('customer');
    await docs.open('post', REFRESH);
    await docs.settled();
    expect((await docs.execute('post', REFRESH)).status()).toBe(200);

    await docs.close('post', REFRESH);
    await docs.open('post', REFRESH);
    await docs.settled();
    expect((await docs.execute('post', REFRESH)).status()).toBe(200);
    await docs.page.reload();
    await docs.operation('post', REFRESH).getByRole('button', { name: 'Execute' }).waitFor();
    await docs.settled();
    expect((await docs.execute('post', REFRESH)).status()).toBe(200);
    await docs.signedInAs('customer');
  });

  it('offers the session of another device first, and signs out when its own is ended', async () => {
    await docs.signInAs('customer');
    const other = await docs.page.request.post(at.shop.url + LOGIN, {
      data: { ...STAFF, email: 'customer@stockroom.example' },
    });
    const { accessToken } = (await other.json()) as { accessToken: string };
    const asked = await docs.page.request.get(at.shop.url + SESSIONS, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    const { data } = (await asked.json()) as { data: { id: string; current: boolean }[] };
    const [, own] = [data.find(({ current }) => current), data.find(({ current }) => !current)];

    await docs.open('delete', SESSION);
    await docs.filled('delete', SESSION, 'id');
    expect(await docs.field('delete', SESSION, 'id').inputValue()).not.toBe(own?.id);
    await docs.settled();
    expect((await docs.execute('delete', SESSION)).status()).toBe(204);
    await docs.signedInAs('customer');

    await docs.field('delete', SESSION, 'id').fill(own?.id ?? '');
    expect((await docs.execute('delete', SESSION)).status()).toBe(204);
    await docs.signedOut();
    expect(await docs.page.locator('#notice').innerText()).toContain('your session has ended');
  });

  it('notices by the next request that its session was ended elsewhere', async () => {
    await docs.signInAs('customer');
    const token = await docs.page.evaluate<string>(`localStorage.getItem('authorized')`);
    const { bearer } = JSON.parse(token) as { bearer: { value: string } };
    const headers = { Authorization: `Bearer ${bearer.value}` };
    await docs.page.request.post(`${at.shop.url}/api/v1/auth/logout`, { headers });

    await docs.open('get', SESSIONS);
    expect((await docs.execute('get', SESSIONS)).status()).toBe(401);
    await docs.signedOut();
    expect(await docs.page.locator('#notice').innerText()).toContain('your session has ended');
    await docs.signInAs('customer');
    expect((await docs.execute('get', SESSIONS)).status()).toBe(200);
  });

  it('has every filter of the products as an input', async () => {
    await docs.open('get', PRODUCTS);
    await docs.field('get', PRODUCTS, 'q').fill('mug');
    await docs.field('get', PRODUCTS, 'maxPrice').fill('200');
    await docs.field('get', PRODUCTS, 'inStock').selectOption('true');
    await docs.field('get', PRODUCTS, 'sort').selectOption('-price');
    await docs.field('get', PRODUCTS, 'include').selectOption(['total', 'facets']);
    await docs.field('get', PRODUCTS, 'limit').fill('5');
    const answer = await docs.execute('get', PRODUCTS);

    expect(answer.status()).toBe(200);
    expect(new URL(answer.url()).search).toBe(
      '?include=total,facets&q=mug&maxPrice=200&inStock=true&sort=-price&limit=5',
    );
    const { data } = (await answer.json()) as { data: { price: { amount: number } }[] };
    const prices = data.map(({ price }) => price.amount);
    expect(prices).toHaveLength(5);
    expect(prices).toEqual(prices.filter((price) => price <= 200).sort((a, b) => b - a));
  });

  it('sends no parameter whose value was taken back', async () => {
    await docs.open('get', PRODUCTS);
    await docs.field('get', PRODUCTS, 'include').selectOption(['total']);
    await docs.field('get', PRODUCTS, 'q').fill('mug');
    await docs.field('get', PRODUCTS, 'include').selectOption([]);
    await docs.field('get', PRODUCTS, 'q').fill('');
    const answer = await docs.execute('get', PRODUCTS);

    expect(answer.status()).toBe(200);
    expect(new URL(answer.url()).search).toMatch(/^(\?limit=20)?$/);
  });

  it('makes a product of what it offers, and explains why it can’t be made twice', async () => {
    await asStaff();
    await docs.open('post', PRODUCTS);
    expect((await docs.execute('post', PRODUCTS)).status()).toBe(201);

    expect((await docs.execute('post', PRODUCTS)).status()).toBe(409);
    expect(await docs.explanation('post', PRODUCTS).innerText()).toMatch(/SKU/);
  });

  it('offers an Idempotency-Key that is fresh each time, and keeps one that is typed', async () => {
    await asStaff();
    await docs.open('post', STOCK);
    const key = docs.field('post', STOCK, 'Idempotency-Key');
    await docs.filled('post', STOCK, 'id');
    await docs.settled();
    const answers: Response[] = [];
    for (let time = 0; time < 2; time++) {
      answers.push(await docs.execute('post', STOCK));
      await docs.settled();
    }
    const keys = answers.map((answer) => answer.request().headers()['idempotency-key']);
    expect(new Set([...keys, '7f9c24e8-3b12-4fef-91e0-6f5a2d8c7b40', await key.inputValue()]).size).toBe(4);
    expect(answers.map((answer) => answer.status())).toEqual([201, 201]);
    expect(answers.map((answer) => answer.headers()['idempotency-replayed'])).toEqual([undefined, undefined]);

    await key.fill('a-key-of-mine');
    await docs.execute('post', STOCK);
    const again = await docs.execute('post', STOCK);
    expect(again.request().headers()['idempotency-key']).toBe('a-key-of-mine');
    expect(again.headers()).toHaveProperty('idempotency-replayed', 'true');
  });

  it('changes a product after a 401 and a login, as people come to it', async () => {
    await docs.open('patch', PRODUCT);
    await docs.filled('patch', PRODUCT, 'id');
    await docs.settled();
    expect((await docs.execute('patch', PRODUCT)).status()).toBe(401);

    await docs.open('post', LOGIN);
    await docs.execute('post', LOGIN, STAFF);
    await docs.signedInAs('staff');
    await docs.settled();
    expect((await docs.execute('patch', PRODUCT)).status()).toBe(200);
    expect((await docs.execute('patch', PRODUCT)).status()).toBe(200);
  });

  it('takes no ETag of a list for that of what is in it', async () => {
    await asStaff();
    await docs.open('get', CATEGORIES);
    const list = await docs.execute('get', CATEGORIES);
    await docs.open('patch', CATEGORY);
    await docs.settled();

    expect(await docs.field('patch', CATEGORY, 'If-Match').inputValue()).not.toBe(list.headers().etag);
    expect((await docs.execute('patch', CATEGORY)).status()).toBe(200);
  });

  it('offers the ETag of the product that was made, and after the 412 of an old one the one that it names', async () => {
    await asStaff();
    await docs.open('post', PRODUCTS);
    const made = await docs.execute('post', PRODUCTS, {
      sku: 'ETAG-1',
      name: 'Lantern',
      price: { amount: 5, currency: 'GBP' },
    });
    expect(made.status()).toBe(201);
    const { etag = '', location = '' } = made.headers();

    await docs.open('patch', PRODUCT);
    const ifMatch = docs.field('patch', PRODUCT, 'If-Match');
    await docs.filled('patch', PRODUCT, 'If-Match', etag);
    const changed = await docs.execute('patch', PRODUCT);
    expect(changed.status()).toBe(200);
    expect(new URL(changed.url()).pathname).toBe(location);
    await docs.filled('patch', PRODUCT, 'If-Match', changed.headers().etag);

    await ifMatch.fill(etag);
    const refused = await docs.execute('patch', PRODUCT);
    expect(refused.status()).toBe(412);
    const [help] = await Promise.all([
      docs.page.context().waitForEvent('page'),
      docs.explanation('patch', PRODUCT).getByRole('link').click(),
    ]);
    expect(await help.locator('body').innerText()).toMatch(/read it again/i);

    await docs.filled('patch', PRODUCT, 'If-Match', refused.headers().etag);
    expect((await docs.execute('patch', PRODUCT)).status()).toBe(200);
  });

  it('offers another ETag for another id, and the new one after what was done below', async () => {
    await asStaff();
    await docs.open('patch', PRODUCT);
    await docs.filled('patch', PRODUCT, 'id');
    const id = docs.field('patch', PRODUCT, 'id');
    const first = await id.inputValue();
    const { etag } = (await docs.execute('patch', PRODUCT)).headers();
    await docs.filled('patch', PRODUCT, 'If-Match', etag);

    await id.fill('0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10');
    await docs.filled('patch', PRODUCT, 'If-Match', '*');
    await id.fill(first);
    await docs.filled('patch', PRODUCT, 'If-Match', etag);

    // a delivery changes the product
    await docs.open('post', STOCK);
    await docs.settled();
    const [read] = await Promise.all([docs.answerTo('get', PRODUCT), docs.execute('post', STOCK)]);
    await docs.filled('patch', PRODUCT, 'If-Match', read.headers().etag);
    expect((await docs.execute('patch', PRODUCT)).status()).toBe(200);
  });

  it('offers no id of what it has deleted', async () => {
    await asStaff();
    await docs.open('delete', PRODUCT);
    await docs.filled('delete', PRODUCT, 'id');
    await docs.settled();
    const gone = await docs.field('delete', PRODUCT, 'id').inputValue();
    expect((await docs.execute('delete', PRODUCT)).status()).toBe(204);

    await docs.settled();
    expect(await docs.field('delete', PRODUCT, 'id').inputValue()).not.toBe(gone);
    await docs.open('post', STOCK);
    await docs.filled('post', STOCK, 'id');
    await docs.settled();
    expect((await docs.execute('post', STOCK)).status()).toBe(201);
  });

  it('takes an import as a file, and as what is written', async () => {
    await asStaff();
    await docs.open('post', IMPORTS);
    expect((await docs.execute('post', IMPORTS)).status()).toBe(202);

    const buffer = Buffer.from('sku,name,price.amount,price.currency\nFILE-1,Lantern,5,GBP\n');
    await docs
      .operation('post', IMPORTS)
      .locator('input[type=file]')
      .setInputFiles({ name: 'lanterns.csv', mimeType: 'text/csv', buffer });
    const answer = await docs.execute('post', IMPORTS);
    expect(answer.status()).toBe(202);
    expect(await answer.json()).toMatchObject({ progress: { totalBytes: buffer.length } });
  });

  it('takes a photo as a file, and shows it', async () => {
    const [PHOTOS, PHOTO] = ['/api/v1/products/{id}/photos', '/api/v1/photos/{id}/{variant}'];
    await asStaff();
    await docs.open('post', PHOTOS);
    await docs.filled('post', PHOTOS, 'id');
    await docs.settled();
    const buffer = Buffer.from(await pictureOf());
    await docs.choose('post', PHOTOS, { name: 'lantern.jpg', mimeType: 'image/jpeg', buffer });
    const added = await docs.execute('post', PHOTOS);
    expect([added.status(), await added.json()]).toEqual([201, expect.objectContaining({ width: 400, height: 300 })]);

    await docs.open('get', PHOTO);
    await docs.filled('get', PHOTO, 'id', ((await added.json()) as { id: string }).id);
    expect((await docs.execute('get', PHOTO)).status()).toBe(200);
    const picture = docs.operation('get', PHOTO).locator('.live-responses-table img');
    await picture.waitFor();
    const width = await picture.evaluate(async (element: unknown) => {
      const image = element as { decode: () => Promise<void>; naturalWidth: number };
      // only then it has a size
      await image.decode();
      return image.naturalWidth;
    });
    expect(width).toBe(400);
  });

  it('leads to the mailbox where a mailed token is needed', async () => {
    await docs.open('post', '/api/v1/auth/verify-email');
    const link = docs.operation('post', '/api/v1/auth/verify-email').getByRole('link', { name: 'mailbox' });
    expect(await link.getAttribute('href')).toBe('/dev/mailbox');
  });

  /** Has the page be signed in as staff: by the bar once, and as a browser that has been there before from then on. */
  async function asStaff(): Promise<void> {
    if (staff) {
      await docs.page.context().setStorageState(staff);
      await docs.page.reload();
      await docs.signedInAs('staff');
    } else {
      await docs.signInAs('staff');
    }
    staff = await docs.page.context().storageState();
  }
});
