import { inParallel } from '../parallel.js';
import type { Race, Scenario } from '../race.js';
import type { Card } from '../shop-under-test.js';
import { openProducts, perform, type Program, programs } from '../workload.js';

const WORKERS = 12;
/** How many programs there are for one run. */
const PROGRAMS = 3;

const CARDS: readonly Card[] = [
  'accepted',
  'accepted',
  'accepted',
  'declined',
  'announced twice',
  'announced three times',
  'refund declined',
];

/** Two of ten do not answer; others announce late, again, or in the wrong order, and charge what was taken to be lost. */
const UNRELIABLE: readonly Card[] = [
  'unanswered',
  'lost',
  'announced late',
  'announced three times',
  'announced in the wrong order',
  'unanswered, declined',
  'refund unanswered',
  'announced twice',
  'accepted',
  'accepted',
];

/** Many workers do anything at once: what the shop says at the end is what clients were answered. */
export const randomOperations: Scenario = {
  name: 'random operations against a model',
  share: 3,
  run: (race) => work(race, CARDS),
};

/** The same, with a provider that is not to be relied on. */
export const unreliableProvider: Scenario = {
  name: 'unreliable provider',
  share: 3,
  run: (race) => work(race, UNRELIABLE),
};

function* programsOf(race: Race, cards: readonly Card[]): Generator<Program> {
  const arbitrary = programs(cards, race.shop.size);
  while (race.next()) yield* race.choose(arbitrary, PROGRAMS);
}

async function work(race: Race, cards: readonly Card[]): Promise<void> {
  const { shop } = race;
  const buyers = await shop.buyers(WORKERS);
  const trader = race.openTrader();
  const products = await openProducts(trader);
  await inParallel(programsOf(race, cards), WORKERS, async (program, n) => {
    const buyer = buyers[n % buyers.length];
    if (buyer) await perform(race, trader, products, buyer, program);
    // time goes on while others are on their way
    if (n % WORKERS === 0) shop.pass(7);
  });
  await race.audit(trader);
}
