import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page, type Response } from 'playwright-core';
import { ShopProcess } from '../support/shop-process.js';

/** How long the page may take for a step, in milliseconds: machines that test are busy. */
const PATIENCE = 30_000;

/** What the document says of an operation, as far as it is looked at. */
interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, unknown> };
  security: object[];
}

/** The OpenAPI document, as far as it is looked at. */
export interface Document {
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
}

/** A shop as a person's first start makes it (embedded engine, demo), and a browser. */
export class ShopAndBrowser {
  private constructor(
    readonly shop: ShopProcess,
    readonly browser: Browser,
    private readonly dataDir: string,
  ) {}

  static async start(): Promise<ShopAndBrowser> {
    const dataDir = await mkdtemp(join(tmpdir(), 'stockroom-browser-'));
    const shop = await ShopProcess.start({ DATABASE_URL: '', DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
    });
    return new ShopAndBrowser(shop, browser, dataDir);
  }

  /** A new browser, which has never been at the shop, at its page. */
  async openPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<DocsPage> {
    const page = await this.browser.newPage(options);
    page.setDefaultTimeout(PATIENCE);
    const docs = new DocsPage(page);
    await page.goto(`${this.shop.url}/docs`);
    return docs;
  }

  async document(): Promise<Document> {
    return (await (await fetch(new URL('/openapi.json', this.shop.url))).json()) as Document;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.shop.kill();
    await rm(this.dataDir, { recursive: true });
  }
}

/** The page at /docs, as a person uses it. */
export class DocsPage {
  /** What the browser complained of. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  operation(method: string, path: string): Locator {
    return this.page.locator(`.opblock-${method}`, { has: this.page.locator(`[data-path="${path}"]`) });
  }

  row(method: string, path: string, name: string): Locator {
    return this.operation(method, path).locator(`tr[data-param-name="${name}"]`);
  }

  field(method: string, path: string, name: string): Locator {
    return this.row(method, path, name).locator('input, select');
  }

  body(method: string, path: string): Locator {
    return this.operation(method, path).locator('textarea.body-param__text');
  }

  explanation(method: string, path: string): Locator {
    return this.operation(method, path).getByRole('alert');
  }

  async open(method: string, path: string): Promise<void> {
    await this.operation(method, path).locator('.opblock-summary-control').click();
    await this.operation(method, path).getByRole('button', { name: 'Execute' }).waitFor();
  }

  async close(method: string, path: string): Promise<void> {
    await this.operation(method, path).locator('.opblock-summary-control').click();
  }

  answerTo(method: string, path: string): Promise<Response> {
    const address = new RegExp(`${path.replace(/\{\w+\}/g, '[^/]+')}(\\?.*)?$`);
    return this.page.waitForResponse(
      (response) => response.request().method() === method.toUpperCase() && address.test(response.url()),
    );
  }

  /** Executes an operation that is open, and waits until the page shows the answer. */
  async execute(method: string, path: string, body?: object): Promise<Response> {
    const block = this.operation(method, path);
    if (body) await this.body(method, path).fill(JSON.stringify(body));
    const [answer] = await Promise.all([
      this.answerTo(method, path),
      block.getByRole('button', { name: 'Execute' }).click(),
    ]);
    await block.locator('.live-responses-table .response-col_status', { hasText: String(answer.status()) }).waitFor();
    return answer;
  }

  /** Chooses the file of an operation that is open. */
  async choose(method: string, path: string, file: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
    await this.operation(method, path).locator('input[type=file]').setInputFiles(file);
  }

  /** Waits until the page has filled in what it offers. */
  async settled(): Promise<void> {
    await this.page.locator('#swagger-ui:not([aria-busy="true"])').waitFor();
  }

  /** What an input has in it. */
  async value(method: string, path: string, name: string): Promise<string> {
    return this.field(method, path, name).inputValue();
  }

  /** Waits until an input has a value: any, unless one is given. */
  async filled(method: string, path: string, name: string, value?: string): Promise<void> {
    await this.row(method, path, name)
      .locator(value === undefined ? 'input:not([value=""])' : `input[value=${JSON.stringify(value)}]`)
      .waitFor();
  }

  /** Signs in by the button in the bar, unless somebody with the role is signed in. */
  async signInAs(role: 'admin' | 'staff' | 'customer'): Promise<void> {
    const bar = await this.page.locator('.bar').innerText();
    if (bar.includes(`(${role})`)) return;
    await this.page.getByRole('button', { name: `Sign in as ${role}` }).click();
    await this.signedInAs(role);
  }

  /** Waits until the page says that somebody with a role is signed in. */
  async signedInAs(role: string): Promise<void> {
    await this.page.locator('.bar', { hasText: new RegExp(`Signed in as .*\\(${role}\\)`) }).waitFor();
  }

  /** Waits until the page says that nobody is signed in. */
  async signedOut(): Promise<void> {
    await this.page.locator('.bar', { hasText: 'Not signed in' }).waitFor();
  }
}
