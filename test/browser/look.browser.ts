import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { type DocsPage, ShopAndBrowser } from './docs-page.js';

const PRODUCTS = '/api/v1/products';
const LOGIN = '/api/v1/auth/login';

/** Each box with text that the page adds to Swagger UI, by a selector. */
const BOXES = [
  '#session',
  '.bar nav a',
  '.bar button',
  '#notice',
  '.problem strong',
  '.problem p',
  '.problem li',
  '.problem a',
  '.mailbox-note',
  '.mailbox-note a',
];

let at: ShopAndBrowser;
let docs: DocsPage;

beforeAll(async () => {
  at = await ShopAndBrowser.start();
});
afterAll(() => at.stop());
afterEach(() => docs.page.context().close());

it.each(['light', 'dark'] as const)(
  'can be read in the %s theme: 4.5:1 in each box of its own',
  async (colorScheme) => {
    docs = await at.openPage({ colorScheme });
    await docs.open('post', LOGIN);
    await docs.execute('post', LOGIN, { email: 'nobody', password: '' });
    await docs.open('post', '/api/v1/auth/verify-email');
    await docs.signInAs('customer');
    await docs.open('post', '/api/v1/auth/logout');
    await docs.execute('post', '/api/v1/auth/logout');
    await docs.signedOut();

    for (const box of BOXES) {
      expect({ box, isReadable: (await contrastOf(box)) >= 4.5 }).toEqual({ box, isReadable: true });
    }
  },
);

it('keeps the theme that was chosen', async () => {
  docs = await at.openPage({ colorScheme: 'light' });
  await docs.page.getByRole('button', { name: 'Light or dark' }).click();
  await docs.page.reload();
  await docs.page.locator('html.dark-mode').waitFor();
});

it('has its own name and picture, and fits a phone', async () => {
  docs = await at.openPage({ viewport: { width: 390, height: 844 }, isMobile: true });
  await docs.operation('post', LOGIN).waitFor();

  expect(await docs.page.title()).toBe('Stockroom API');
  expect(await docs.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
  const icon = await docs.page.locator('link[rel=icon]').getAttribute('href');
  const answer = await docs.page.request.get(new URL(icon ?? '', `${at.shop.url}/docs`).href);
  expect(answer.headers()['content-type']).toBe('image/svg+xml');
  expect(await docs.page.locator('.bar .brand img').getAttribute('src')).toBe(icon);
});

it('begins with Auth and Products, ends with Health, and has no choice of one server', async () => {
  docs = await at.openPage();
  await docs.operation('post', LOGIN).waitFor();

  const tags = await docs.page.evaluate<string[]>(
    `[...document.querySelectorAll('.opblock-tag')].map((tag) => tag.dataset.tag)`,
  );
  expect(tags.slice(0, 2)).toEqual(['Auth', 'Products']);
  expect(tags.at(-1)).toBe('Health');
  expect(await docs.page.locator('.servers').count()).toBe(0);
});

it.each([
  ['LOGIN', 'post', LOGIN],
  ['products', 'get', PRODUCTS],
  ['Adjust', 'post', `${PRODUCTS}/{id}/stock-adjustments`],
  ['patch PROD', 'patch', `${PRODUCTS}/{id}`],
])('finds by %s what has it in its path, summary or tag', async (phrase, method, path) => {
  docs = await at.openPage();
  const all = docs.page.locator('.opblock');
  await all.first().waitFor();
  const before = await all.count();
  await docs.page.getByRole('searchbox', { name: 'Filter operations' }).fill(phrase);
  await docs.operation('get', '/livez').waitFor({ state: 'detached' });

  await docs.operation(method, path).waitFor();
  expect(await all.count()).toBeLessThan(before / 2);
});

it('has a padlock where signing in is needed, shut before and open after, and none elsewhere', async () => {
  docs = await at.openPage();
  await docs.operation('post', LOGIN).waitFor();
  const padlock = (method: string, path: string): Locator =>
    docs.operation(method, path).getByRole('button', { name: /^Needs signing in/ });

  for (const [path, item] of Object.entries((await at.document()).paths)) {
    for (const [method, { security }] of Object.entries(item)) {
      const isNeeded = security.length > 0 && security.every((way) => 'bearer' in way);
      expect([method, path, await padlock(method, path).count()]).toEqual([method, path, isNeeded ? 1 : 0]);
    }
  }
  await padlock('post', PRODUCTS).locator('svg.locked').waitFor();
  await docs.signInAs('staff');
  await padlock('post', PRODUCTS).locator('svg.unlocked').waitFor();
});

it('leaves out the pattern that every text has', async () => {
  docs = await at.openPage();
  await docs.open('post', LOGIN);
  await docs.operation('post', LOGIN).getByRole('tab', { name: 'Schema' }).first().click();
  const schema = docs.operation('post', LOGIN).locator('.json-schema-2020-12').first();
  await schema.waitFor();

  expect(await docs.page.locator('.swagger-ui').first().innerText()).not.toContain('\\u0000');
});

/** The contrast of a text with what is behind it, as it is painted: WCAG 2.2, "contrast ratio". */
async function contrastOf(selector: string): Promise<number> {
  const { text, behind } = await docs.page.evaluate<{ text: string; behind: string }>(`((element) => {
    const text = getComputedStyle(element).color;
    for (let at = element; at; at = at.parentElement) {
      const behind = getComputedStyle(at).backgroundColor;
      if (behind !== 'rgba(0, 0, 0, 0)') return { text, behind };
    }
    return { text, behind: 'rgb(255, 255, 255)' };
  })(document.querySelector(${JSON.stringify(selector)}))`);
  const [dark, light] = [luminance(text), luminance(behind)].sort((a, b) => a - b);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** The relative luminance of a colour `rgb(…)` that hides what is behind it. */
function luminance(colour: string): number {
  expect(colour).toMatch(/^rgb\(/);
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? [])
    .map((part) => Number(part) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
