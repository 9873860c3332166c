import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Scenario } from '../race.js';
import type { Card } from '../shop-under-test.js';

/** How many orders expire at once. */
const ORDERS = 20;
/** Payments come within so many milliseconds, in the middle of which the orders expire. */
const SPAN = 500;

const CARDS: readonly Card[] = ['accepted', 'accepted', 'accepted', 'unanswered', 'announced twice', 'declined'];

/** Orders expire while they are paid: one of both wins, and the other one is undone. */
export const expiry: Scenario = {
  name: 'expiry against payment',
  runs: (asked) => Math.ceil(asked / 10),
  share: 2,
  run: async (race) => {
    const { shop } = race;
    const buyers = await shop.buyers(ORDERS);
    const trader = race.openTrader();
    const productId = await trader.createProduct(race.asked * ORDERS);
    const choice = fc.record({ card: fc.constantFrom(...CARDS), after: fc.nat(SPAN), at: fc.nat(shop.size - 1) });
    while (race.next()) {
      const choices = race.choose(choice, ORDERS);
      const orders = await Promise.all(
        buyers.map((buyer, at) => trader.placeSurely(buyer, [{ productId, quantity: 1 }], { at })),
      );
      const paying = choices.map(async ({ card, after, at }, n) => {
        await delay(after);
        const order = orders[n];
        if (order) await trader.pay(order, card, { at });
      });
      await delay(SPAN / 2);
      shop.pass(shop.reservationTime);
      await Promise.all(paying);
    }
    await race.audit(trader);
  },
};
