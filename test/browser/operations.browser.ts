import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DocsPage, Document } from './docs-page.js';
import { pictureOf } from '../support/photos.js';
import { ShopAndBrowser } from './docs-page.js';

/** What may fail as it is offered to an administrator of a fresh shop, with the status, and why. */
const MAY_FAIL: Record<string, { status: number; why: string }> = {
  'DELETE /api/v1/users/me': { status: 409, why: 'the last administrator stays' },
  'POST /api/v1/ops/jobs/{id}/retries': { status: 409, why: 'no job was given up' },
  'POST /api/v1/auth/reset-password': { status: 422, why: 'the mail with the token may still be on its way' },
  'POST /api/v1/orders/{id}/fulfillments': { status: 409, why: 'the order above was cancelled' },
  'POST /api/v1/orders/{id}/payments': { status: 409, why: 'the order above was cancelled' },
  'POST /api/v1/orders/{id}/refunds': { status: 422, why: 'the order above was cancelled before it was paid' },
  'POST /api/v1/payments/{id}/resolve': { status: 409, why: 'no payment has an unknown outcome' },
  'GET /api/v1/photos/{id}/{variant}': { status: 404, why: 'the photo above was removed' },
  'POST /api/v1/webhooks/payments/{provider}': { status: 400, why: 'the page can not sign for a provider' },
};

/** What a shop may have nothing of that has sold once: then no id is offered, and the page does not send the request without one. */
const MAY_HAVE_NONE: Record<string, string> = {
  'GET /api/v1/ops/events/{id}': 'id',
  'POST /api/v1/ops/events/{id}/retries': 'id',
  'POST /api/v1/ops/events/{id}/skips': 'id',
  'GET /api/v1/orders/{id}/payments/{paymentId}': 'paymentId',
  'GET /api/v1/photos/{id}/{variant}': 'id',
  'PUT /api/v1/product-families/{id}/members/{productId}': 'id',
  'DELETE /api/v1/product-families/{id}/members/{productId}': 'id',
  'GET /api/v1/products/{id}/photos/{photoId}': 'photoId',
  'PATCH /api/v1/products/{id}/photos/{photoId}': 'photoId',
  'DELETE /api/v1/products/{id}/photos/{photoId}': 'photoId',
  'POST /api/v1/orders/{id}/payments/{paymentId}/captures': 'paymentId',
};

const ORDERS = '/api/v1/orders';
const PAYMENTS = '/api/v1/orders/{id}/payments';

let at: ShopAndBrowser;
let docs: DocsPage;

beforeAll(async () => {
  at = await ShopAndBrowser.start();
  docs = await at.openPage();
});
afterAll(() => at.stop());

it('executes every operation as it is offered, from the top of the page to its end', async () => {
  await docs.signInAs('admin');
  await sellOnce();
  const operations = await inPageOrder();
  const document = await at.document();
  expect(operations.map(name).sort()).toEqual(namesIn(document));
  const picture = { name: 'lantern.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await pictureOf()) };

  const outcomes: Record<string, unknown> = {};
  for (const [method, path] of operations) {
    await docs.open(method, path);
    await docs.settled();
    const parameter = MAY_HAVE_NONE[name([method, path])];
    if (parameter !== undefined && (await docs.value(method, path, parameter)) === '') {
      await docs.close(method, path);
      continue;
    }
    if (isForm(document, [method, path])) await docs.choose(method, path, picture);
    const answer = await docs.execute(method, path);
    outcomes[name([method, path])] = answer.ok() ? 'succeeds' : { status: answer.status(), said: await answer.text() };
    await docs.settled();
    await docs.close(method, path);
    // ended by the operation itself: a person signs in again by the button
    if (!(await isSignedIn())) await docs.signInAs('admin');
  }

  const expected = Object.fromEntries(
    operations
      .filter((one) => name(one) in outcomes || !(name(one) in MAY_HAVE_NONE))
      .map((one) => {
        const failure = MAY_FAIL[name(one)];
        const hasFailed = outcomes[name(one)] !== 'succeeds';
        return [name(one), failure && hasFailed ? expect.objectContaining({ status: failure.status }) : 'succeeds'];
      }),
  );
  expect(outcomes).toEqual(expected);
});

/** Places an order and pays it, as the page offers it, so that the lists of what was sold have something in them. */
async function sellOnce(): Promise<void> {
  for (const path of [ORDERS, PAYMENTS]) {
    await docs.open('post', path);
    await docs.settled();
    const answer = await docs.execute('post', path);
    expect([path, answer.ok() ? 'succeeds' : await answer.text()]).toEqual([path, 'succeeds']);
    await docs.settled();
    await docs.close('post', path);
  }
}

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

/** Whether an operation takes a form, whose file a person chooses. */
const isForm = ({ paths }: Document, [method, path]: [string, string]): boolean =>
  paths[path]?.[method]?.requestBody?.content['multipart/form-data'] !== undefined;

const namesIn = ({ paths }: Document): string[] =>
  Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => name([method, path])))
    .sort();
