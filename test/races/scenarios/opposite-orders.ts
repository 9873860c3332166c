import { atOnce } from '../parallel.js';
import type { Scenario } from '../race.js';

const AT_ONCE = 20;

/** Orders of A then B, and of B then A, placed, paid and cancelled at once: no deadlock reaches a client. */
export const oppositeOrders: Scenario = {
  name: 'products in opposite orders',
  runs: (asked) => Math.ceil(asked / 5),
  share: 2,
  run: async (race) => {
    const { shop } = race;
    const buyers = await shop.buyers(AT_ONCE);
    const before = await shop.countDeadlocks();
    const trader = race.openTrader();
    const products = [await trader.createProduct(100_000), await trader.createProduct(100_000, 333)];
    const forwards = products.map((productId) => ({ productId, quantity: 1 }));
    const backwards = forwards.toReversed();
    while (race.next()) {
      const orders = await Promise.all(
        buyers.map((buyer, n) => trader.placeSurely(buyer, n % 2 === 0 ? forwards : backwards, { at: n >> 1 })),
      );
      // some are paid while others are cancelled, and staff count the same products
      await Promise.all([
        ...orders.map((order, n) =>
          n % 4 === 3 ? trader.cancel(order, { at: n >> 2 }) : trader.pay(order, 'accepted', { at: n >> 1 }),
        ),
        atOnce(products.length, (n) => trader.adjust(products[n] ?? '', 1, { at: n })),
      ]);
    }
    await race.audit(trader);
    const deadlocks = (await shop.countDeadlocks()) - before;
    race.expect(deadlocks === 0, `the database has resolved ${String(deadlocks)} deadlocks`);
  },
};
