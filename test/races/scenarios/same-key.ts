import { randomUUID } from 'node:crypto';
import { atOnce } from '../parallel.js';
import type { Race, Scenario } from '../race.js';
import type { Result, Sending } from '../shop-under-test.js';

const AT_ONCE = 20;

/** A request is sent 20 times at once with one key: it has one effect, and all are answered about that one. */
export const sameKey: Scenario = {
  name: 'same key, 20 times at once',
  runs: (asked) => Math.ceil(asked / 5),
  share: 1,
  run: async (race) => {
    const { shop } = race;
    const [buyer] = await shop.buyers(1);
    if (!buyer) return;
    const trader = race.openTrader();
    const productId = await trader.createProduct(race.asked * 2);
    const items = [{ productId, quantity: 2 }];
    while (race.next()) {
      const order = await once(
        race,
        'an order was placed',
        (sending) => trader.place(buyer, items, sending),
        (sending) => shop.place(buyer, items, trader.reference, sending),
      );
      if (!order) continue;
      const known = trader.orders.get(order.id);
      if (!known) continue;
      await once(
        race,
        'an order was paid',
        (sending) => trader.pay(known, 'accepted', sending),
        (sending) => shop.pay(buyer, order.id, 'accepted', sending),
      );
      const refund = { amount: 100 };
      await once(
        race,
        'an order was refunded',
        (sending) => trader.refund(known, refund, sending),
        (sending) => shop.refund(order.id, refund, sending),
      );
    }
    await race.audit(trader);
  },
};

/** Sends a request once for the trader, who counts it, and 19 times beside. @returns what it made. */
async function once<T extends { id: string }>(
  race: Race,
  what: string,
  counted: (sending: Sending) => Promise<Result<T>>,
  repeated: (sending: Sending) => Promise<Result<{ id: string }>>,
): Promise<T | undefined> {
  const key = randomUUID();
  const [first, others] = await Promise.all([
    counted({ key, at: 0 }),
    atOnce(AT_ONCE - 1, (n) => repeated({ key, at: n + 1 })),
  ]);
  if (!first.isDone) {
    race.report(`${what}: ${String(first.status)} ${first.problem}`);
    return undefined;
  }
  const ids = new Set(
    others.map((result) => (result.isDone ? result.value.id : `${String(result.status)} ${result.problem}`)),
  );
  race.expect(
    ids.size === 1 && ids.has(first.value.id),
    `${what} ${first.value.id}, and others were answered ${[...ids].join(', ')}`,
  );
  return first.value;
}
