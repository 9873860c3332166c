import fc from 'fast-check';
import type { Scenario } from '../race.js';

const AT_ONCE = 20;
const PRICE = 333;
const QUANTITY = 5;

/** 20 refunds of one payment at once, by amount and by line: never more than was captured (P10, P18). */
export const refunds: Scenario = {
  name: '20 refunds at once',
  runs: (asked) => Math.ceil(asked / 2),
  share: 2,
  run: async (race) => {
    const { shop } = race;
    const [buyer] = await shop.buyers(1);
    if (!buyer) return;
    const trader = race.openTrader();
    const productId = await trader.createProduct(race.asked * QUANTITY, PRICE);
    const amount = fc.integer({ min: 1, max: PRICE });
    while (race.next()) {
      const order = await trader.placeSurely(buyer, [{ productId, quantity: QUANTITY }]);
      await trader.pay(order, race.runs % 2 === 0 ? 'accepted' : 'refund unanswered');
      const lines = [{ lineId: order.placed.lines[0]?.id ?? '', quantity: 1 }];
      const results = await Promise.all(
        race
          .choose(amount, AT_ONCE)
          .map((asked, at) =>
            trader.refund(order, at % 4 === 0 ? { lines, restock: true } : { amount: asked }, { at }),
          ),
      );
      const refunded = results.reduce((sum, result) => sum + (result.isDone ? result.value.amount : 0), 0);
      race.expect(refunded <= order.placed.total, `${String(refunded)} of ${String(order.placed.total)} were refunded`);
      const others = results.flatMap((result) =>
        result.isDone || result.problem === 'refund-too-large' ? [] : [result.problem],
      );
      race.expect(others.length === 0, `refunds were refused as ${others.join(', ')}`);
    }
    await race.audit(trader);
  },
};
