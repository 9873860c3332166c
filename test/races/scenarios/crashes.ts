import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Race, Scenario } from '../race.js';
import type { Buyer, CrashPoint } from '../shop-under-test.js';
import type { Trader } from '../trader.js';

/** How long it may take until a moment is reached, in milliseconds. */
const PATIENCE = 90_000;

/** A process is killed between any two steps of an operation: after a restart it is done, once, or it never was (P5, P12). */
export const crashes: Scenario = {
  name: 'kill -9 between all steps',
  runs: (asked, { crashPoints }) => crashPoints.length * Math.ceil(asked / 50),
  share: 6,
  run: async (race) => {
    const { shop } = race;
    const [buyer] = await shop.buyers(1);
    if (!buyer) return;
    const trader = race.openTrader();
    const productId = await trader.createProduct(race.asked * 2);
    // all of them; in another order each time, so that those at the end are others when the time is over
    const points = race
      .choose(fc.shuffledSubarray([...shop.crashPoints], { minLength: shop.crashPoints.length }), 1)
      .flat();
    // one process starts while the other one is killed at the next moment
    const left: Promise<void>[] = [];
    while (race.next()) {
      const point = points[race.runs % points.length];
      if (point) left.push(...(await crash(race, trader, buyer, productId, point, race.runs)));
    }
    await Promise.all(left);
    await race.audit(trader);
  },
};

/** Has a process be killed at a moment of an operation, and starts it again. @returns what goes on: the start, and the client. */
async function crash(
  race: Race,
  trader: Trader,
  buyer: Buyer,
  productId: string,
  point: CrashPoint,
  at: number,
): Promise<Promise<void>[]> {
  const { shop } = race;
  const operate = await prepare(trader, buyer, productId, point, at);
  const crashed = shop.crashAt(point);
  const operated = operate().then(() => undefined, race.fail);
  const killed = await Promise.race([crashed, delay(PATIENCE, undefined, { ref: false })]);
  if (killed === undefined) {
    race.report(`no process came to the moment that ${point.name} (${point.operation})`);
    return [operated];
  }
  race.kills++;
  return [shop.restart(killed).catch(race.fail), operated];
}

/** @returns what begins the operation of the moment. */
async function prepare(
  trader: Trader,
  buyer: Buyer,
  productId: string,
  { operation }: CrashPoint,
  at: number,
): Promise<() => Promise<unknown>> {
  const items = [{ productId, quantity: 2 }];
  if (operation === 'place') return () => trader.place(buyer, items, { at });
  const order = await trader.placeSurely(buyer, items);
  if (operation === 'expire') {
    return () => {
      trader.shop.pass(trader.shop.reservationTime + 1);
      return Promise.resolve();
    };
  }
  if (operation === 'pay') return () => trader.pay(order, 'accepted', { at });
  await trader.pay(order, 'accepted');
  if (operation === 'cancel') return () => trader.cancel(order, { at });
  const lineId = order.placed.lines[0]?.id ?? '';
  return () => trader.refund(order, { lines: [{ lineId, quantity: 1 }], restock: true }, { at });
}
