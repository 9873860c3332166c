import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Race, Scenario } from '../race.js';
import type { Card } from '../shop-under-test.js';
import type { KnownOrder, Trader } from '../trader.js';

/** How many orders are paid at a time. */
const ORDERS = 10;

const CARDS: readonly Card[] = [
  'announced twice',
  'announced late',
  'announced three times',
  'announced in the wrong order',
  'unanswered',
  'lost',
  'accepted',
];

/** Confirmation, webhook, job and staff come at once: one capture at the provider, and nothing is refunded (P1, P7, P17). */
export const oneCapture: Scenario = {
  name: 'confirmation, webhook and job at once',
  runs: (asked) => Math.ceil(asked / 5),
  share: 2,
  run: async (race) => {
    const { shop } = race;
    const [buyer] = await shop.buyers(1);
    if (!buyer) return;
    const trader = race.openTrader();
    const productId = await trader.createProduct(race.asked * ORDERS);
    const choice = fc.record({ card: fc.constantFrom(...CARDS), isHeld: fc.boolean(), at: fc.nat(shop.size - 1) });
    while (race.next()) {
      const paying = race.choose(choice, ORDERS).map(async ({ card, isHeld, at }) => {
        const order = await trader.placeSurely(buyer, [{ productId, quantity: 1 }], { at });
        await (isHeld ? holdAndCapture(trader, order) : payAtOnce(trader, order, card, at));
      });
      // checks and webhooks become due while requests are on their way
      for (let step = 0; step < 3; step++) {
        await delay(100);
        shop.pass(6);
      }
      await Promise.all(paying);
    }
    await race.audit(trader);
    for (const { id } of trader.orders.values()) await requireOneCapture(race, id);
  },
};

/** The same confirmation on both processes, and another one. */
async function payAtOnce(trader: Trader, order: KnownOrder, card: Card, at: number): Promise<void> {
  const key = randomUUID();
  await Promise.all([
    trader.pay(order, card, { key, at }),
    trader.shop.pay(order.buyer, order.id, card, { key, at: at + 1 }),
    trader.pay(order, card, { at: at + 1 }),
  ]);
}

/** An authorization that several members of staff capture. */
async function holdAndCapture(trader: Trader, order: KnownOrder): Promise<void> {
  const held = await trader.pay(order, 'accepted', {}, false);
  if (held.isDone) await Promise.all([0, 1, 2, 3].map((at) => trader.capture(order, held.value.id, { at })));
}

async function requireOneCapture({ shop, expect }: Race, orderId: string): Promise<void> {
  const payments = await shop.readPayments(orderId);
  const done = await shop.readProvider(payments.map(({ id }) => id));
  const operations = done.map(({ operation }) => operation).filter((operation) => operation !== 'authorize');
  expect(operations.join() === 'capture', `order ${orderId}: the provider did ${operations.join(', ') || 'nothing'}`);
}
