import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DocsPage, Document } from './docs-page.js';
import { ShopAndBrowser } from './docs-page.js';

/** What may fail as it is offered to an administrator of a fresh shop, with the status, and why. */
const MAY_FAIL: Record<string, { status: number; why: string }> = {
  'DELETE /api/v1/users/me': { status: 409, why: 'the last administrator stays' },
  'POST /api/v1/ops/jobs/{id}/retries': { status: 409, why: 'no job was given up' },
  'POST /api/v1/auth/reset-password': { status: 422, why: 'the mail with the token may still be on its way' },
};

/** What a fresh shop has nothing of: no id is offered, and the page does not send the request without one. */
const HAS_NONE = new Set([
  'GET /api/v1/ops/events/{id}',
  'POST /api/v1/ops/events/{id}/retries',
  'POST /api/v1/ops/events/{id}/skips',
]);

let at: ShopAndBrowser;
let docs: DocsPage;

beforeAll(async () => {
  at = await ShopAndBrowser.start();
  docs = await at.openPage();
});
afterAll(() => at.stop());

it('executes every operation as it is offered, from the top of the page to its end', async () => {
  await docs.signInAs('admin');
  const operations = await inPageOrder();
  expect(operations.map(name).sort()).toEqual(namesIn(await at.document()));

  const outcomes: Record<string, unknown> = {};
  for (const [method, path] of operations) {
    await docs.open(method, path);
    await docs.settled();
    if (HAS_NONE.has(name([method, path]))) {
      expect(await docs.value(method, path, 'id')).toBe('');
      await docs.close(method, path);
      continue;
    }
    const answer = await docs.execute(method, path);
    outcomes[name([method, path])] = answer.ok() ? 'succeeds' : { status: answer.status(), said: await answer.text() };
    await docs.settled();
    await docs.close(method, path);
    // ended by the operation itself: a person signs in again by the button
    if (!(await isSignedIn())) await docs.signInAs('admin');
  }

  const expected = Object.fromEntries(
    operations
      .filter((one) => !HAS_NONE.has(name(one)))
      .map((one) => {
        const failure = MAY_FAIL[name(one)];
        const hasFailed = outcomes[name(one)] !== 'succeeds';
        return [name(one), failure && hasFailed ? expect.objectContaining({ status: failure.status }) : 'succeeds'];
      }),
  );
  expect(outcomes).toEqual(expected);
});

/** The operations as the page lists them. */
async function inPageOrder(): Promise<[method: string, path: string][]> {
  await docs.page.locator('.opblock').first().waitFor();
  const blocks = await docs.page.locator('.opblock').all();
  return Promise.all(
    blocks.map(async (block) => [
      (await block.locator('.opblock-summary-method').innerText()).toLowerCase(),
      (await block.locator('[data-path]').getAttribute('data-path')) ?? '',
    ]),
  );
}

const isSignedIn = async (): Promise<boolean> => (await docs.page.getByText(/^Signed in as/).count()) > 0;

const name = ([method, path]: [string, string]): string => `${method.toUpperCase()} ${path}`;

const namesIn = ({ paths }: Document): string[] =>
  Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => name([method, path])))
    .sort();
