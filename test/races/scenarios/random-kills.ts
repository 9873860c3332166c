import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { atOnce } from '../parallel.js';
import type { Scenario } from '../race.js';
import type { Card } from '../shop-under-test.js';
import { openProducts, perform, programs } from '../workload.js';

const WORKERS = 8;
/** How many programs are chosen; from the last one on they begin again. */
const PROGRAMS = 500;

const CARDS: readonly Card[] = [
  'accepted',
  'accepted',
  'accepted',
  'unanswered',
  'announced twice',
  'declined',
  'refund unanswered',
];

/** Processes are killed at any moment while workers do anything: after a restart nothing is lost, and nothing happened twice. */
export const randomKills: Scenario = {
  name: 'random kills under load',
  runs: (asked) => Math.ceil(asked / 12),
  share: 3,
  run: async (race) => {
    const { shop } = race;
    const buyers = await shop.buyers(WORKERS);
    const trader = race.openTrader();
    const products = await openProducts(trader);
    const chosen = race.choose(programs(CARDS, shop.size), PROGRAMS);
    const kill = fc.record({ after: fc.integer({ min: 200, max: 1200 }), process: fc.nat(shop.size - 1) });
    let next = 0;
    let isKilling = true;
    const working = atOnce(WORKERS, async (n) => {
      while (isKilling) {
        const [program, buyer] = [chosen[next++ % PROGRAMS], buyers[n]];
        if (program && buyer) await perform(race, trader, products, buyer, program);
      }
    });
    try {
      while (race.next()) {
        for (const { after, process } of race.choose(kill, 1)) {
          await delay(after);
          await shop.kill(process);
          race.kills++;
          await shop.restart(process);
          shop.pass(11);
        }
      }
    } finally {
      isKilling = false;
      await working;
    }
    await race.audit(trader);
  },
};
