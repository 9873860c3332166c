import fc, { type Arbitrary } from 'fast-check';
import type { Race } from './race.js';
import type { Buyer, Card } from './shop-under-test.js';
import type { KnownOrder, Trader } from './trader.js';

/** How many products are sold, and how many units there are of each at first. */
const PRODUCTS = 4;
const UNITS = 60;
const MOST_ITEMS = 3;

/** One thing that somebody does, about their latest order where it is about one. */
type Step =
  | { readonly kind: 'pay'; readonly card: Card; readonly isCaptured: boolean; readonly isTwice: boolean }
  | { readonly kind: 'capture' | 'cancel' }
  | { readonly kind: 'refund an amount'; readonly percent: number }
  | { readonly kind: 'refund a line'; readonly line: number; readonly quantity: number; readonly restock: boolean }
  | { readonly kind: 'fulfill'; readonly line: number; readonly quantity: number }
  | { readonly kind: 'adjust'; readonly product: number; readonly delta: number };

/** What one worker does with one order, from placing it on. */
export interface Program {
  readonly items: readonly { readonly product: number; readonly quantity: number }[];
  readonly steps: readonly Step[];
  /** The process that is asked first. */
  readonly at: number;
}

/** Programs of people who pay with these cards. */
export function programs(cards: readonly Card[], processes: number): Arbitrary<Program> {
  const quantity = fc.integer({ min: 1, max: 3 });
  const line = fc.nat(MOST_ITEMS - 1);
  const pay = fc.record({
    kind: fc.constant('pay' as const),
    card: fc.constantFrom(...cards),
    isCaptured: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    isTwice: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });
  const step: Arbitrary<Step> = fc.oneof(
    pay,
    fc.record({ kind: fc.constantFrom('capture' as const, 'cancel' as const) }),
    fc.record({ kind: fc.constant('refund an amount' as const), percent: fc.integer({ min: 1, max: 110 }) }),
    fc.record({ kind: fc.constant('refund a line' as const), line, quantity, restock: fc.boolean() }),
    fc.record({ kind: fc.constant('fulfill' as const), line, quantity }),
    fc.record({
      kind: fc.constant('adjust' as const),
      product: fc.nat(PRODUCTS - 1),
      delta: fc.integer({ min: -4, max: 6 }),
    }),
  );
  return fc.record({
    items: fc.array(fc.record({ product: fc.nat(PRODUCTS - 1), quantity }), { minLength: 1, maxLength: MOST_ITEMS }),
    steps: fc
      .tuple(fc.option(pay, { freq: 8 }), fc.array(step, { maxLength: 5 }))
      .map(([first, more]) => (first ? [first, ...more] : more)),
    at: fc.nat(processes - 1),
  });
}

/** Some products that all workers sell. */
export async function openProducts(trader: Trader): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < PRODUCTS; n++) ids.push(await trader.createProduct(UNITS, 100 + 333 * n));
  return ids;
}

/** Does what a program says, one step after the other. */
export async function perform(
  race: Race,
  trader: Trader,
  products: readonly string[],
  buyer: Buyer,
  program: Program,
): Promise<void> {
  const { at } = program;
  const items = program.items.map(({ product, quantity }) => ({ productId: products[product] ?? '', quantity }));
  const placed = await trader.place(buyer, items, { at });
  if (!placed.isDone) {
    race.expect(placed.problem === 'out-of-stock', `an order was refused as ${placed.problem}`);
    return;
  }
  for (const [n, step] of program.steps.entries()) await doStep(trader, products, placed.value, step, at + n);
}

async function doStep(
  trader: Trader,
  products: readonly string[],
  order: KnownOrder,
  step: Step,
  at: number,
): Promise<void> {
  const lineOf = (number: number): string => order.placed.lines[number % order.placed.lines.length]?.id ?? '';
  switch (step.kind) {
    case 'pay':
      await Promise.all(
        (step.isTwice ? [at, at + 1] : [at]).map((process) =>
          trader.pay(order, step.card, { at: process }, step.isCaptured),
        ),
      );
      return;
    case 'capture': {
      const held = [...order.succeeded.values()].find(({ operation }) => operation === 'authorize');
      if (held) await trader.capture(order, held.id, { at });
      return;
    }
    case 'cancel':
      // what is on its way when an order is cancelled could be either
      if (![...order.lineRefunds.values()].some(({ restock }) => !restock)) await trader.cancel(order, { at });
      return;
    case 'refund an amount':
      await trader.refund(order, { amount: Math.ceil((order.placed.total * step.percent) / 100) }, { at });
      return;
    case 'refund a line': {
      const lines = [{ lineId: lineOf(step.line), quantity: step.quantity }];
      await trader.refund(order, { lines, restock: step.restock }, { at });
      return;
    }
    case 'fulfill':
      await trader.fulfill(order, [{ lineId: lineOf(step.line), quantity: step.quantity }], { at });
      return;
    case 'adjust':
      if (step.delta !== 0) await trader.adjust(products[step.product] ?? '', step.delta, { at });
  }
}
