import { atOnce } from '../parallel.js';
import type { Scenario } from '../race.js';

const BUYERS = 100;

/** One unit, and 100 who want it at once, over all processes: one gets it (I7). */
export const lastUnit: Scenario = {
  name: 'last unit, 100 buyers at once',
  share: 6,
  run: async (race) => {
    const { shop } = race;
    const buyers = await shop.buyers(BUYERS);
    const trader = race.openTrader();
    while (race.next()) {
      const productId = await trader.createProduct(1);
      const results = await Promise.all(
        buyers.map((buyer, n) => trader.place(buyer, [{ productId, quantity: 1 }], { at: n })),
      );
      const [winner, ...others] = results.flatMap((result) => (result.isDone ? [result.value] : []));
      const losers = results.filter((result) => !result.isDone && result.problem === 'out-of-stock').length;
      race.expect(others.length === 0, `${String(others.length + 1)} buyers got an order of the last unit`);
      race.expect(losers === BUYERS - 1, `${String(losers)} buyers were answered that it is out of stock`);
      const { onHand, reserved } = await shop.readProduct(productId);
      race.expect(onHand === 1 && reserved === 1, `${String(onHand)} are on hand and ${String(reserved)} reserved`);
      if (!winner) {
        race.report('nobody got the last unit');
        continue;
      }
      // the buyer is impatient: the same payment on all processes
      const payment = { key: `pay-${winner.id}` };
      const paid = await trader.pay(winner, 'accepted', payment);
      const repeated = await atOnce(shop.size, (at) =>
        shop.pay(winner.buyer, winner.id, 'accepted', { ...payment, at }),
      );
      race.expect(paid.isDone && repeated.every(({ isDone }) => isDone), 'the order of the last unit was not paid');
    }
    await race.audit(trader);
  },
};
