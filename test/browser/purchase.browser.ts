import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Response } from 'playwright-core';
import { type DocsPage, ShopAndBrowser } from './docs-page.js';

const ORDERS = '/api/v1/orders';
const ORDER = '/api/v1/orders/{id}';
const PAYMENTS = '/api/v1/orders/{id}/payments';
const REFUNDS = '/api/v1/orders/{id}/refunds';
const FULFILLMENTS = '/api/v1/orders/{id}/fulfillments';
const TRANSACTIONS = '/api/v1/users/me/transactions';
const TRIAL_BALANCE = '/api/v1/ledger/trial-balance';

interface Money {
  amount: number;
  currency: string;
}

interface Order {
  id: string;
  status: string;
  paymentStatus: string;
  fulfillmentStatus: string;
  items: { id: string; quantity: number; unitPrice: Money; refundedQuantity: number; fulfilledQuantity: number }[];
  total: Money;
  refunded: Money;
}

let at: ShopAndBrowser;
let docs: DocsPage;

beforeAll(async () => {
  at = await ShopAndBrowser.start();
  docs = await at.openPage();
});
afterAll(() => at.stop());

it('sells, refunds a part, and shows the money to the customer and in the ledger, by what the page offers', async () => {
  await docs.signInAs('customer');

  const placed = await executed<Order>('post', ORDERS);
  expect(placed).toMatchObject({ status: 'pending', paymentStatus: 'unpaid' });
  const [item] = placed.items;
  if (!item) throw new Error('the example orders nothing');
  expect(placed.total.amount).toBe(item.quantity * item.unitPrice.amount);

  const paid = await executed('post', PAYMENTS);
  expect(paid).toMatchObject({ orderId: placed.id, state: 'captured', amount: placed.total });
  expect(await executed('get', ORDER)).toMatchObject({ id: placed.id, status: 'confirmed', paymentStatus: 'paid' });

  // refunds are for staff, who find the order first in the list
  await docs.signInAs('staff');
  const refund = await executed<{ amount: Money }>('post', REFUNDS);
  expect(refund).toMatchObject({ orderId: placed.id, operation: 'refund', state: 'refunded', amount: item.unitPrice });
  const refunded = await executed<Order>('get', ORDER);
  expect(refunded).toMatchObject({ id: placed.id, paymentStatus: 'partially_refunded', refunded: item.unitPrice });
  expect(refunded.items).toMatchObject([{ id: item.id, refundedQuantity: 1 }]);
  expect(await executed('post', FULFILLMENTS)).toMatchObject({
    orderId: placed.id,
    lines: [{ lineId: item.id, quantity: 1 }],
  });

  // the ledger is for administrators
  await docs.signInAs('admin');
  const { balances } = await executed<{ balances: { account: string; balance: Money }[] }>('get', TRIAL_BALANCE);
  expect(balances.reduce((sum, { balance }) => sum + balance.amount, 0)).toBe(0);
  expect(balances.length).toBeGreaterThanOrEqual(3);

  await docs.signInAs('customer');
  const { data } = await executed<{ data: { kind: string; orderId: string; amount: Money }[] }>('get', TRANSACTIONS);
  expect(data.filter(({ orderId }) => orderId === placed.id)).toMatchObject([
    { kind: 'refund', amount: { ...item.unitPrice, amount: -item.unitPrice.amount } },
    { kind: 'payment', amount: placed.total },
  ]);
});

it('offers a fresh Idempotency-Key for each order, so that executing it twice buys twice', async () => {
  await docs.signInAs('customer');

  const answers: Response[] = [];
  for (let time = 0; time < 2; time++) answers.push(await execute('post', ORDERS));

  const orders = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Order).id));
  expect(new Set(orders).size).toBe(2);
});

/** Executes an operation as it is offered. */
async function execute(method: string, path: string): Promise<Response> {
  await docs.open(method, path);
  await docs.settled();
  const answer = await docs.execute(method, path);
  await docs.settled();
  await docs.close(method, path);
  return answer;
}

/** What an operation answers that succeeds as it is offered. */
async function executed<T>(method: string, path: string): Promise<T> {
  const answer = await execute(method, path);
  const text = await answer.text();
  expect([method, path, answer.ok() ? 'succeeds' : text]).toEqual([method, path, 'succeeds']);
  return JSON.parse(text) as T;
}
