import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

const ADMIN = { email: 'admin@stockroom.example', password: 'open sesame, little shop' };

describe('the page that npm start names', () => {
  let dataDir: string;
  let shop: ChildProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'stockroom-browser-'));
    // as a person's first start: the embedded engine, and the demo made; on a port that is free
    shop = spawn(process.execPath, ['dist/src/main.js'], {
      env: { ...process.env, NODE_ENV: 'development', DATABASE_URL: '', DATA_DIR: dataDir, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    url = await namedUrl(shop);
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
    });
  });
  afterAll(async () => {
    if (shop.exitCode === null && shop.kill()) await once(shop, 'exit');
    await rm(dataDir, { recursive: true });
    await browser.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
  });
  afterEach(() => page.context().close());

  it('shows the operations, and its own security policy refuses it nothing', async () => {
    await operation('get', '/livez').waitFor();
    expect(complaints).toEqual([]);
  });

  it('refuses what needs signing in before a login', async () => {
    await open('get', '/api/v1/users/me');
    expect(await tryOut('get', '/api/v1/users/me')).toBe(401);
  });

  it('is signed in by a login through Try it out, and still is after a reload', async () => {
    await open('post', '/api/v1/auth/login');
    expect(await tryOut('post', '/api/v1/auth/login', ADMIN)).toBe(200);
    await signedIn();
    await open('get', '/api/v1/users/me');
    expect(await tryOut('get', '/api/v1/users/me')).toBe(200);

    // its address names the operation that was opened last, which is open again then
    await page.reload();
    await signedIn();
    expect(await tryOut('get', '/api/v1/users/me')).toBe(200);
  });

  const operation = (method: string, path: string) =>
    page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });

  const open = (method: string, path: string): Promise<void> =>
    operation(method, path).locator('.opblock-summary-control').click();

  /** Executes an operation that is open, and reads the status of the answer. */
  async function tryOut(method: string, path: string, body?: object): Promise<number> {
    const block = operation(method, path);
    await block.getByRole('button', { name: 'Try it out' }).click();
    if (body) await block.locator('textarea.body-param__text').fill(JSON.stringify(body));
    await block.getByRole('button', { name: 'Execute' }).click();
    return Number.parseInt(await block.locator('.live-responses-table tbody .response-col_status').innerText());
  }

  /** Waits until the lock of the page is closed. */
  const signedIn = (): Promise<void> => page.locator('.btn.authorize.locked').waitFor();
});

/** The address that the starting application prints. */
async function namedUrl(shop: ChildProcess): Promise<string> {
  if (shop.stdout) {
    for await (const line of createInterface(shop.stdout)) {
      const url = /is open: (http\S+)/.exec(line)?.[1];
      if (url) {
        shop.stdout.resume();
        return url;
      }
    }
  }
  throw new Error('The application ended before it was open.');
}
