import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Locator, type Page, type Response } from 'playwright-core';
import { ShopProcess } from '../support/shop-process.js';

const STAFF = { email: 'staff@stockroom.example', password: 'open sesame, little shop' };

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

const LOGIN = '/api/v1/auth/login';
const PRODUCTS = '/api/v1/products';
const PRODUCT = '/api/v1/products/{id}';
const STOCK = '/api/v1/products/{id}/stock-adjustments';

describe('the page that npm start names', () => {
  let dataDir: string;
  let shop: ShopProcess;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let staff: StorageState | undefined;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'stockroom-browser-'));
    // as a person's first start: the embedded engine, and the demo made; on a port that is free
    shop = await ShopProcess.start({ DATABASE_URL: '', DATA_DIR: dataDir });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
    });
  });
  afterAll(async () => {
    await shop.kill();
    await rm(dataDir, { recursive: true });
    await browser.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${shop.url}/docs`);
  });
  afterEach(() => page.context().close());

  it('shows the operations, and its own security policy refuses it nothing', async () => {
    await operation('get', '/livez').waitFor();
    expect(complaints).toEqual([]);
  });

  it('refuses what needs signing in before a login, and says what to do', async () => {
    await open('get', '/api/v1/users/me');

    expect((await execute('get', '/api/v1/users/me')).status()).toBe(401);
    expect(await explanation('get', '/api/v1/users/me').innerText()).toContain('Sign in first');
  });

  it('is signed in by a login as it is offered, and still is after a reload', async () => {
    await open('post', LOGIN);
    expect((await execute('post', LOGIN)).status()).toBe(200);
    await signedIn();
    await open('get', '/api/v1/users/me');
    expect((await execute('get', '/api/v1/users/me')).status()).toBe(200);

    // its address names the operation that was opened last, which is open again then
    await page.reload();
    await signedIn();
    expect((await execute('get', '/api/v1/users/me')).status()).toBe(200);
  });

  it('has every filter of the products as an input', async () => {
    await open('get', PRODUCTS);
    await field('get', PRODUCTS, 'q').fill('mug');
    await field('get', PRODUCTS, 'maxPrice').fill('200');
    await field('get', PRODUCTS, 'inStock').selectOption('true');
    await field('get', PRODUCTS, 'sort').selectOption('-price');
    await field('get', PRODUCTS, 'include').selectOption(['total', 'facets']);
    await field('get', PRODUCTS, 'limit').fill('5');
    const answer = await execute('get', PRODUCTS);

    expect(answer.status()).toBe(200);
    expect(new URL(answer.url()).search).toBe(
      '?include=total,facets&q=mug&maxPrice=200&inStock=true&sort=-price&limit=5',
    );
    const { data } = (await answer.json()) as { data: { price: { amount: number } }[] };
    const prices = data.map(({ price }) => price.amount);
    expect(prices).toHaveLength(5);
    expect(prices).toEqual(prices.filter((price) => price <= 200).sort((a, b) => b - a));
  });

  it('makes a product of what it offers, and explains why it can’t be made twice', async () => {
    await asStaff();
    await open('post', PRODUCTS);
    expect((await execute('post', PRODUCTS)).status()).toBe(201);

    expect((await execute('post', PRODUCTS)).status()).toBe(409);
    expect(await explanation('post', PRODUCTS).innerText()).toContain('The SKU is taken');
  });

  it('offers an Idempotency-Key that is fresh each time, and keeps one that is typed', async () => {
    await asStaff();
    await open('post', STOCK);
    const key = field('post', STOCK, 'Idempotency-Key');
    await filled('post', STOCK, 'id');
    const answers = [await execute('post', STOCK), await execute('post', STOCK)];
    expect(answers.map((answer) => answer.status())).toEqual([201, 201]);
    expect(answers.map((answer) => answer.headers()['idempotency-replayed'])).toEqual([undefined, undefined]);

    await key.fill('a-key-of-mine');
    await execute('post', STOCK);
    const again = await execute('post', STOCK);
    expect(again.request().headers()['idempotency-key']).toBe('a-key-of-mine');
    expect(again.headers()).toHaveProperty('idempotency-replayed', 'true');
  });

  it('offers the ETag of the product that was made, and explains the 412 of an old one', async () => {
    await asStaff();
    await open('post', PRODUCTS);
    const made = await execute('post', PRODUCTS, {
      sku: 'ETAG-1',
      name: 'Lantern',
      price: { amount: 5, currency: 'GBP' },
    });
    expect(made.status()).toBe(201);
    const { etag = '', location = '' } = made.headers();

    await open('patch', PRODUCT);
    const ifMatch = field('patch', PRODUCT, 'If-Match');
    expect(await ifMatch.inputValue()).toBe(etag);
    const changed = await execute('patch', PRODUCT);
    expect(changed.status()).toBe(200);
    expect(new URL(changed.url()).pathname).toBe(location);
    await filled('patch', PRODUCT, 'If-Match', changed.headers().etag);

    await ifMatch.fill(etag);
    expect((await execute('patch', PRODUCT)).status()).toBe(412);
    expect(await explanation('patch', PRODUCT).innerText()).toMatch(/Changed in the meantime[^]*it is "\d+" now/);
    expect(await ifMatch.inputValue()).toBe(etag);
    const [help] = await Promise.all([
      page.context().waitForEvent('page'),
      explanation('patch', PRODUCT).getByRole('link').click(),
    ]);
    expect(await help.locator('body').innerText()).toContain('Read it again, and repeat your change');

    // as that page says
    await open('get', PRODUCT);
    const read = await execute('get', PRODUCT);
    await filled('patch', PRODUCT, 'If-Match', read.headers().etag);
    expect((await execute('patch', PRODUCT)).status()).toBe(200);
  });

  it('offers another ETag for another id, and the new one after what was done below', async () => {
    await asStaff();
    await open('patch', PRODUCT);
    await filled('patch', PRODUCT, 'id');
    const id = field('patch', PRODUCT, 'id');
    const first = await id.inputValue();
    const { etag } = (await execute('patch', PRODUCT)).headers();
    await filled('patch', PRODUCT, 'If-Match', etag);

    await id.fill('0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10');
    await filled('patch', PRODUCT, 'If-Match', '*');
    await id.fill(first);
    await filled('patch', PRODUCT, 'If-Match', etag);

    // delivered pieces change the product
    await open('post', STOCK);
    const [read] = await Promise.all([answerTo('get', PRODUCT), execute('post', STOCK)]);
    await filled('patch', PRODUCT, 'If-Match', read.headers().etag);
    expect((await execute('patch', PRODUCT)).status()).toBe(200);
  });

  it('takes an import as a file, and as what is written', async () => {
    await asStaff();
    await open('post', '/api/v1/imports');
    expect((await execute('post', '/api/v1/imports')).status()).toBe(202);

    const buffer = Buffer.from('sku,name,price.amount,price.currency\nFILE-1,Lantern,5,GBP\n');
    await operation('post', '/api/v1/imports')
      .locator('input[type=file]')
      .setInputFiles({ name: 'lanterns.csv', mimeType: 'text/csv', buffer });
    const answer = await execute('post', '/api/v1/imports');
    expect(answer.status()).toBe(202);
    expect(await answer.json()).toMatchObject({ progress: { totalBytes: buffer.length } });
  });

  it('has an input for every parameter and an example for every body, of each operation', async () => {
    await asStaff();
    await open('post', '/api/v1/imports');
    await execute('post', '/api/v1/imports');
    await close('post', '/api/v1/imports');
    const { paths } = (await (await fetch(new URL('/openapi.json', shop.url))).json()) as Document;

    for (const [path, item] of Object.entries(paths)) {
      for (const [method, { parameters, requestBody }] of Object.entries(item)) {
        if (parameters.length === 0 && !requestBody) continue;
        await open(method, path);
        // users and their like are for administrators; of some things a fresh shop has none
        const isOffered = !path.startsWith('/api/v1/users/{') && !(await isEmpty(path));
        for (const { name, required } of parameters) {
          const input = field(method, path, name);
          expect([method, path, name, await input.isEnabled()]).toEqual([method, path, name, true]);
          if (required && isOffered) await filled(method, path, name);
        }
        if (requestBody) {
          expect(await operation(method, path).locator('textarea.body-param__text').inputValue()).not.toBe('');
        }
        await close(method, path);
      }
    }
  });

  /** Whether everybody can see that the list which a path is below has nothing in it. */
  async function isEmpty(path: string): Promise<boolean> {
    if (!path.includes('/{')) return false;
    const answer = await fetch(new URL(path.slice(0, path.indexOf('/{')), shop.url));
    if (!answer.ok) return false;
    const { data } = (await answer.json()) as { data: object[] };
    return data.length === 0;
  }

  const operation = (method: string, path: string): Locator =>
    page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });

  const field = (method: string, path: string, name: string): Locator =>
    operation(method, path).locator(`tr[data-param-name="${name}"]`).locator('input, select');

  const explanation = (method: string, path: string): Locator => operation(method, path).getByRole('alert');

  async function open(method: string, path: string): Promise<void> {
    await operation(method, path).locator('.opblock-summary-control').click();
    await operation(method, path).getByRole('button', { name: 'Execute' }).waitFor();
  }

  const close = (method: string, path: string): Promise<void> =>
    operation(method, path).locator('.opblock-summary-control').click();

  function answerTo(method: string, path: string): Promise<Response> {
    const address = new RegExp(`${path.replace(/\{\w+\}/g, '[^/]+')}(\\?.*)?$`);
    return page.waitForResponse(
      (response) => response.request().method() === method.toUpperCase() && address.test(response.url()),
    );
  }

  /** Executes an operation that is open, and waits until the page shows the answer. */
  async function execute(method: string, path: string, body?: object): Promise<Response> {
    const block = operation(method, path);
    if (body) await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
    const [answer] = await Promise.all([
      answerTo(method, path),
      block.getByRole('button', { name: 'Execute' }).click(),
    ]);
    await block.locator('.live-responses-table .response-col_status', { hasText: String(answer.status()) }).waitFor();
    return answer;
  }

  /** Waits until an input has a value: any, unless told. */
  const filled = (method: string, path: string, name: string, value?: string): Promise<void> =>
    operation(method, path)
      .locator(`tr[data-param-name="${name}"]`)
      .locator(value === undefined ? 'input:not([value=""])' : `input[value=${JSON.stringify(value)}]`)
      .waitFor();

  /** Has the page be signed in as staff: by a login once, and as a browser that has been there before from then on. */
  async function asStaff(): Promise<void> {
    if (staff) {
      await page.context().setStorageState(staff);
      await page.reload();
    } else {
      await open('post', LOGIN);
      await execute('post', LOGIN, STAFF);
      await close('post', LOGIN);
    }
    await signedIn();
    staff = await page.context().storageState();
  }

  /** Waits until the lock of the page is closed. */
  const signedIn = (): Promise<void> => page.locator('.btn.authorize.locked').waitFor();
});

/** What the document says of operations, as far as it is looked at. */
interface Document {
  paths: Record<string, Record<string, { parameters: { name: string; required?: boolean }[]; requestBody?: object }>>;
}
