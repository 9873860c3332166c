import { randomUUID } from 'node:crypto';
import { StartError } from '../../src/common/config/start-error.js';
import { inParallel } from './in-parallel.js';
import { keyOf, type Plan, type PlannedOrder, type PlannedRefund } from './plan.js';
import type { Units } from './purchases.js';
import {
  CURRENCY,
  findProducts,
  type Found,
  type FoundOrder,
  keyFor,
  reasonOf,
  refundKey,
  toFound,
  type Work,
} from './world.js';

/** Where the plan's products and customers are in the shop, and what of the plan is there. */
export interface World {
  products: ReadonlyMap<string, string>;
  customers: ReadonlyMap<string, string>;
  found: Found;
}

/**
 * Plays the plan: month by month what would be out of stock is delivered, and then of each day the orders and after them the refunds.
 * What is there is passed over, so that a run may be repeated, and continues what one before began.
 */
export async function play(work: Work, plan: Plan, world: World): Promise<void> {
  const { workers, signal, tick } = work;
  const refunds = Map.groupBy(plan.refunds, ({ date }) => dayOf(date));
  const orders = Map.groupBy(plan.orders, ({ date }) => dayOf(date));
  const days = [...new Set([...orders.keys(), ...refunds.keys()])].sort();
  for (const [month, itsDays] of Map.groupBy(days, monthOf)) {
    await deliver(work, month, plan, world);
    for (const day of itsDays) {
      await inParallel(orders.get(day) ?? [], workers, signal, async (order) => {
        await buy(work, order, world);
        tick();
      });
      await inParallel(refunds.get(day) ?? [], workers, signal, async (refund) => {
        await refundOf(work, refund, world);
        tick();
      });
    }
  }
}

const dayOf = (date: string): string => date.slice(0, 'YYYY-MM-DD'.length);
const monthOf = (date: string): string => date.slice(0, 'YYYY-MM'.length);

/** Delivers what a month's orders need and the shop does not have. Units of orders that are placed are reserved or sold. */
async function deliver({ shop, workers, signal }: Work, month: string, plan: Plan, world: World): Promise<void> {
  const open = plan.orders.filter(
    ({ date, reference }) => monthOf(date) === month && !world.found.orders.has(reference),
  );
  if (open.length === 0) return;
  const needed = unitsBySku(open.flatMap(({ items }) => items));
  const products = await findProducts(shop);
  const lacking = [...needed]
    .map(([sku, units]) => ({ sku, delta: units - (products.get(sku)?.stock.available ?? 0) }))
    .filter(({ delta }) => delta > 0);
  await inParallel(lacking, workers, signal, async ({ sku, delta }) => {
    const body = { delta, reason: `Delivery of ${month}` };
    // what is lacking is counted again in each run, so a key holds for one request
    const params = { path: { id: idOf(world.products, sku) }, header: { 'Idempotency-Key': randomUUID() } };
    await shop.send(`Delivering ${sku}`, (client) =>
      client.POST('/api/v1/products/{id}/stock-adjustments', { params, body }),
    );
  });
}

/** The units of each product. */
export function unitsBySku(items: readonly Pick<Units, 'sku' | 'quantity'>[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of items) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** Places and pays an order, as far as that is not done. */
async function buy(work: Work, order: PlannedOrder, world: World): Promise<void> {
  const { reference } = order;
  const { found } = world;
  const placed = found.orders.get(reference) ?? (await place(work, order, world));
  found.orders.set(reference, placed);
  if (placed.isPaid) return;
  const params = { path: { id: placed.id }, header: { 'Idempotency-Key': keyFor('payment', placed.id) } };
  const payment = await work.shop.send(`Paying the order ${reference}`, (client) =>
    client.POST('/api/v1/orders/{id}/payments', { params, body: { token: 'tok_success' } }),
  );
  requireState(payment, 'captured', `The payment of the order ${reference}`);
  placed.isPaid = true;
}

async function place({ shop }: Work, order: PlannedOrder, world: World): Promise<FoundOrder> {
  const { reference, customer, items } = order;
  const body = {
    reference,
    customerId: idOf(world.customers, customer),
    items: items.map(({ sku, price, quantity }) => ({
      productId: idOf(world.products, sku),
      quantity,
      unitPrice: { amount: price, currency: CURRENCY },
    })),
    expectedTotal: {
      amount: items.reduce((sum, { price, quantity }) => sum + price * quantity, 0),
      currency: CURRENCY,
    },
  };
  // an order that expired before it was paid is placed again
  const dead = world.found.dead.get(reference) ?? 0;
  const header = { 'Idempotency-Key': keyFor('order', dead === 0 ? reference : `${reference}:${String(dead + 1)}`) };
  return toFound(
    await shop.send(`Placing the order ${reference}`, (client) =>
      client.POST('/api/v1/orders', { params: { header }, body }),
    ),
  );
}

async function refundOf({ shop }: Work, { cancellation, order, items }: PlannedRefund, world: World): Promise<void> {
  const reason = reasonOf(cancellation);
  const { found } = world;
  const bought = found.orders.get(order);
  if (!bought) throw new StartError(`The order ${order} that ${cancellation} returns is not there. Run this again.`);
  const key = refundKey(bought.id, reason);
  if (found.refunds.has(key)) return;
  const lines = items.map((item) => {
    const lineId = bought.lines.get(keyOf(item));
    if (lineId !== undefined) return { lineId, quantity: item.quantity };
    throw new StartError(`The order ${order} has no ${item.sku}: another order has this reference.`);
  });
  const header = { 'Idempotency-Key': keyFor('refund', `${cancellation}:${bought.id}`) };
  const refund = await shop.send(`Refunding ${cancellation}`, (client) =>
    client.POST('/api/v1/orders/{id}/refunds', {
      params: { path: { id: bought.id }, header },
      body: { lines, reason },
    }),
  );
  requireState(refund, 'refunded', `The refund ${cancellation} of the order ${order}`);
  found.refunds.add(key);
}

function requireState({ state }: { state: string }, expected: string, what: string): void {
  if (state === expected) return;
  throw new StartError(`${what} is ${state}, and not ${expected}. Run this again when the shop knows its outcome.`);
}

function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`nothing was made for ${name}`);
  return id;
}
