import { createHash } from 'node:crypto';
import { StartError } from '../../src/common/config/start-error.js';
import { catalogueOf } from '../demo/derive.js';
import { inParallel } from './in-parallel.js';
import type { InvoiceLine } from '../demo/invoice-files.js';
import { GUEST, keyOf, type Plan } from './plan.js';
import type { Schemas, ShopClient } from './shop-client.js';

export const CURRENCY = 'GBP';

/** The customers' addresses end so: nobody reads their mail. */
const DOMAIN = '@replay.example';

/** How a request is sent again without a second effect. A body that differs is another request. */
export const keyFor = (kind: string, id: string, body?: object): string => {
  const hash = body ? `:${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)}` : '';
  return `replay:${kind}:${id}${hash}`;
};

/** What a replay needs and shows while it works. */
export interface Work {
  shop: ShopClient;
  workers: number;
  signal: AbortSignal;
  /** One more is done. */
  tick: () => void;
}

/** The products of the shop, by SKU. */
export async function findProducts(shop: ShopClient): Promise<Map<string, Schemas['ProductDto']>> {
  const products = new Map<string, Schemas['ProductDto']>();
  const all = shop.list('Listing the products', (client, query) =>
    client.GET('/api/v1/products', { params: { query: { ...query, sort: 'createdAt' } } }),
  );
  for await (const product of all) products.set(product.sku.toUpperCase(), product);
  return products;
}

/** Creates the products of the plan that are not there. @returns the ids of all its products, by SKU. */
export async function openProducts(
  work: Work,
  plan: Plan,
  lines: readonly InvoiceLine[],
): Promise<ReadonlyMap<string, string>> {
  const { shop, workers, signal, tick } = work;
  const found = await findProducts(shop);
  const ids = new Map([...found].map(([sku, { id }]) => [sku, id]));
  const missing = newProducts(plan, lines).filter(({ sku }) => !ids.has(sku));
  await inParallel(missing, workers, signal, async (body) => {
    const header = { 'Idempotency-Key': keyFor('product', body.sku, body) };
    const { id } = await shop.send(`Creating the product ${body.sku}`, (client) =>
      client.POST('/api/v1/products', { params: { header }, body }),
    );
    ids.set(body.sku, id);
    tick();
  });
  return ids;
}

/** The products that are sold, with the names and prices that the demo catalogue gives them. */
function newProducts({ orders }: Plan, lines: readonly InvoiceLine[]): Schemas['CreateProductDto'][] {
  const known = new Map(catalogueOf(lines).products.map((product) => [product.sku, product]));
  const sold = new Map(orders.flatMap(({ items }) => items.map(({ sku, price }) => [sku, price])));
  return [...sold].map(([sku, price]) => ({
    sku,
    // where no line has a description
    name: known.get(sku)?.name ?? sku,
    price: { amount: known.get(sku)?.price ?? price, currency: CURRENCY },
    status: 'active',
  }));
}

/** Invites the customers of the plan who are not there. @returns the ids of all its customers, by their numbers. */
export async function openCustomers(work: Work, plan: Plan): Promise<ReadonlyMap<string, string>> {
  const { shop, workers, signal, tick } = work;
  const ids = new Map<string, string>();
  const all = shop.list('Listing the customers', (client, query) =>
    client.GET('/api/v1/users', { params: { query: { ...query, q: DOMAIN } } }),
  );
  for await (const { email, id } of all) if (email.endsWith(DOMAIN)) ids.set(numberOf(email), id);
  const missing = [...new Set(plan.orders.map(({ customer }) => customer))].filter((number) => !ids.has(number));
  await inParallel(missing, workers, signal, async (number) => {
    const body = { email: emailOf(number), name: number === GUEST ? 'Guest' : `Customer ${number}` };
    const header = { 'Idempotency-Key': keyFor('customer', number, body) };
    const { id } = await shop.send(`Inviting ${body.email}`, (client) =>
      client.POST('/api/v1/users', { params: { header }, body }),
    );
    ids.set(number, id);
    tick();
  });
  return ids;
}

const emailOf = (number: string): string => `${number === GUEST ? GUEST : `customer-${number}`}${DOMAIN}`;
const numberOf = (email: string): string => email.slice(0, -DOMAIN.length).replace(/^customer-/, '');

/** An order that is there, as far as the replay needs it. */
export interface FoundOrder {
  id: string;
  isPaid: boolean;
  /** The id of the line of each item, by {@link keyOf}. */
  lines: ReadonlyMap<string, string>;
}

export const toFound = ({ id, status, paymentStatus, items, reference }: Schemas['OrderDto']): FoundOrder => {
  if (paymentStatus === 'unresolved' || paymentStatus === 'authorized') {
    throw new StartError(
      `The order ${reference ?? id} is ${paymentStatus}: have its payment resolved, and run this again.`,
    );
  }
  return {
    id,
    isPaid: status !== 'pending',
    lines: new Map(items.map((item) => [keyOf({ sku: item.sku, price: item.unitPrice.amount }), item.id])),
  };
};

/** What of the plan is in the shop. */
export interface Found {
  /** Orders that are neither cancelled nor expired, by reference. */
  orders: Map<string, FoundOrder>;
  /** How many orders of a reference are cancelled or expired: a run was killed before it paid. */
  dead: Map<string, number>;
  /** The refunds, by {@link refundKey}. */
  refunds: Set<string>;
}

export const isDead = ({ status }: Pick<Schemas['OrderDto'], 'status'>): boolean =>
  status === 'cancelled' || status === 'expired';

export const allOrders = (shop: ShopClient): AsyncGenerator<Schemas['OrderDto']> =>
  shop.list('Listing the orders', (client, query) =>
    client.GET('/api/v1/orders', { params: { query: { ...query, sort: 'createdAt' } } }),
  );

export const allPayments = (shop: ShopClient): AsyncGenerator<Schemas['PaymentDto']> =>
  shop.list('Listing the payments', (client, query) => client.GET('/api/v1/payments', { params: { query } }));

/** The reason of a refund. */
export const reasonOf = (cancellation: string): string => `Cancellation ${cancellation}`;

/** What tells a refund from others: of one cancellation and one order there is one. */
export const refundKey = (orderId: string, reason: string): string => `${orderId} ${reason}`;

/** Looks up what is in the shop from earlier runs, also from those whose Idempotency-Keys have run out. */
export async function findReplayed({ shop, tick }: Work, plan: Plan): Promise<Found> {
  const planned = new Set(plan.orders.map(({ reference }) => reference));
  const found: Found = { orders: new Map(), dead: new Map(), refunds: new Set() };
  for await (const order of allOrders(shop)) {
    tick();
    const { reference } = order;
    if (reference === null || !planned.has(reference)) continue;
    if (isDead(order)) found.dead.set(reference, (found.dead.get(reference) ?? 0) + 1);
    else found.orders.set(reference, toFound(order));
  }
  for await (const { operation, state, orderId, reason } of allPayments(shop)) {
    if (operation === 'refund' && state === 'refunded' && reason !== null)
      found.refunds.add(refundKey(orderId, reason));
  }
  return found;
}
