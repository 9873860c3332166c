import { inParallel } from './in-parallel.js';
import { type Plan, type Totals } from './plan.js';
import { unitsBySku } from './play.js';
import type { Schemas } from './shop-client.js';
import { allOrders, allPayments, CURRENCY, findProducts, isDead, type Work } from './world.js';

/** What one source says; null where it does not say it. Money is in pennies. */
export interface Figures {
  orders: number | null;
  captured: number | null;
  refunded: number | null;
  /** Captured less refunded. */
  net: number | null;
  /** Units. */
  sold: number | null;
  returned: number | null;
}

/** The files, and what the shop says of them: the first row is what the others should be. */
export interface Reconciliation {
  rows: readonly (readonly [source: string, figures: Figures])[];
  /** A sentence for each difference; none when all is equal. */
  differences: string[];
}

/** What the lists of orders and payments say: of the replay, and of everything else in the shop. */
interface Listed {
  orders: Figures;
  payments: Figures;
  /** Captured less refunded of all payments that are not of the replay. */
  othersNet: number;
  /** What others bought, of each product. */
  othersSold: Map<string, number>;
  /** The reasons of stock movements that refunds of the replay make. */
  refunds: Set<string>;
}

/** The columns of the table, in their order, and what they have. */
export const COLUMNS = {
  orders: 'count',
  captured: 'money',
  refunded: 'money',
  net: 'money',
  sold: 'count',
  returned: 'count',
} as const satisfies Record<keyof Figures, 'count' | 'money'>;

export const isColumn = (name: string): name is keyof Figures => Object.hasOwn(COLUMNS, name);

/** Compares the plan with what the shop has: its orders, its payments, its ledger and its stock. Nothing else may happen there meanwhile. */
export async function reconcile(work: Work, plan: Plan): Promise<Reconciliation> {
  const { totals } = plan;
  const listed = await readLists(work, plan);
  const ledger = await readLedger(work, listed.othersNet);
  const stock = await readStock(work, plan, listed);
  const file = figuresOf(plan.orders.length, totals);
  const rows = [
    ['files', file],
    ['orders', listed.orders],
    ['payments', listed.payments],
    ['ledger', ledger.figures],
    ['stock', stock.figures],
  ] as const;
  const differences = rows.slice(1).flatMap(([source, figures]) => differencesOf(source, figures, file));
  return { rows, differences: [...differences, ...ledger.faults, ...stock.faults] };
}

const figuresOf = (orders: number, { captured, refunded, sold, returned }: Totals): Figures => ({
  orders,
  captured,
  refunded,
  net: captured - refunded,
  sold,
  returned,
});

/** A sentence for each figure that is not as expected. */
function differencesOf(source: string, figures: Figures, expected: Figures): string[] {
  return Object.keys(COLUMNS)
    .filter(isColumn)
    .flatMap((name) => {
      const [is, should] = [figures[name], expected[name]];
      if (is === null || is === should) return [];
      return [`${source}: ${name} is ${String(is)}, and should be ${String(should)}`];
    });
}

async function readLists({ shop }: Work, plan: Plan): Promise<Listed> {
  const planned = new Set(plan.orders.map(({ reference }) => reference));
  const own = new Set<string>();
  const othersSold = new Map<string, number>();
  const refunds = new Set<string>();
  const orders = { count: 0, captured: 0, refunded: 0, sold: 0, returned: 0 };
  for await (const order of allOrders(shop)) {
    if (order.reference === null || !planned.has(order.reference) || isDead(order)) {
      if (wasSold(order)) addAll(othersSold, unitsBySku(order.items));
      continue;
    }
    own.add(order.id);
    refunds.add(`Refund of order ${order.number}`);
    orders.count += 1;
    if (!wasSold(order)) continue;
    orders.captured += order.total.amount;
    orders.refunded += order.refunded.amount;
    orders.sold += sum(order.items, ({ quantity }) => quantity);
    orders.returned += sum(order.items, ({ refundedQuantity }) => refundedQuantity);
  }
  const payments = { captured: 0, refunded: 0 };
  let othersNet = 0;
  for await (const { state, orderId, amount } of allPayments(shop)) {
    if ((state !== 'captured' && state !== 'refunded') || amount.currency !== CURRENCY) continue;
    if (own.has(orderId)) payments[state] += amount.amount;
    else othersNet += state === 'captured' ? amount.amount : -amount.amount;
  }
  return {
    orders: { ...orders, orders: orders.count, net: orders.captured - orders.refunded },
    payments: { ...NOTHING, ...payments, net: payments.captured - payments.refunded },
    othersNet,
    othersSold,
    refunds,
  };
}

const NOTHING: Figures = { orders: null, captured: null, refunded: null, net: null, sold: null, returned: null };

/** Whether its units left the stock: it was paid for in time. A refund or a cancellation after that puts them back by movements of its own. */
const wasSold = ({ status, paymentStatus }: Schemas['OrderDto']): boolean =>
  status === 'confirmed' || status === 'completed' || (status === 'cancelled' && paymentStatus !== 'unpaid');

/** What the ledger says of the money of the replay: all that was taken and given back, less what is of others. */
async function readLedger({ shop }: Work, othersNet: number): Promise<{ figures: Figures; faults: string[] }> {
  const { balances, totals } = await shop.send('Reading the trial balance', (client) =>
    client.GET('/api/v1/ledger/trial-balance'),
  );
  const clearing = balances.filter(({ account, balance }) => account === 'clearing' && balance.currency === CURRENCY);
  const faults = totals
    .filter(({ amount }) => amount !== 0)
    .map(({ amount, currency }) => `ledger: all accounts in ${currency} sum to ${String(amount)}, and should to 0`);
  return { figures: { ...NOTHING, net: sum(clearing, ({ balance }) => balance.amount) - othersNet }, faults };
}

/** What the stock movements of the products of the plan say. */
async function readStock(
  work: Work,
  plan: Plan,
  { othersSold, refunds }: Pick<Listed, 'othersSold' | 'refunds'>,
): Promise<{ figures: Figures; faults: string[] }> {
  const { shop, workers, signal, tick } = work;
  const planned = unitsBySku(plan.orders.flatMap(({ items }) => items));
  const products = await findProducts(shop);
  const figures = { ...NOTHING, sold: 0, returned: 0 };
  const faults: string[] = [];
  await inParallel(planned, workers, signal, async ([sku, units]) => {
    const product = products.get(sku);
    if (!product) {
      faults.push(`stock: there is no product ${sku}`);
      return;
    }
    const movements = await readMovements(work, product.id, refunds);
    const sold = movements.sold - (othersSold.get(sku) ?? 0);
    figures.sold += sold;
    figures.returned += movements.returned;
    if (sold !== units)
      faults.push(`stock: ${sku} was sold ${String(sold)} times, and should be ${String(units)} times`);
    const { onHand = 0 } = product.stock;
    if (movements.sum !== onHand) {
      faults.push(`stock: the movements of ${sku} sum to ${String(movements.sum)}, and ${String(onHand)} are on hand`);
    }
    tick();
  });
  return { figures, faults };
}

/** @param refunds the reasons of movements that refunds of the replay make. */
async function readMovements(
  { shop }: Work,
  productId: string,
  refunds: ReadonlySet<string>,
): Promise<{ sold: number; returned: number; sum: number }> {
  const found = { sold: 0, returned: 0, sum: 0 };
  const all = shop.list('Listing stock movements', (client, query) =>
    client.GET('/api/v1/products/{id}/stock-movements', { params: { path: { id: productId }, query } }),
  );
  for await (const { delta, reason } of all) {
    found.sum += delta;
    if (reason === 'Sale') found.sold -= delta;
    if (refunds.has(reason)) found.returned += delta;
  }
  return found;
}

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);

function addAll(to: Map<string, number>, units: ReadonlyMap<string, number>): void {
  for (const [sku, quantity] of units) to.set(sku, (to.get(sku) ?? 0) + quantity);
}
