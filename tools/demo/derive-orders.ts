import type { Plan, PlannedOrder, PlannedRefund } from '../replay/plan.js';
import { GUEST } from '../replay/plan.js';
import type { CatalogueProduct } from './derive.js';

/** One item of an order of the demo shop: a line of `orders.csv`. Times are in minutes before the latest one in the file. */
export interface DemoOrderLine {
  /** Counted from 1, in the order of their times. */
  order: number;
  /** Counted from 1; the first one is the demo customer. */
  customer: number;
  minutesAgo: number;
  sku: string;
  quantity: number;
  /** Units that came back; 0 for none. */
  returned: number;
  /** When they came back; null where nothing of the order did. */
  returnedMinutesAgo: number | null;
}

/** Days before the end of the data that orders are taken from. */
const DAYS = 28;
/** The most items of an order that is taken. */
const MAX_ITEMS = 12;
/** The most orders of a customer: the latest. */
const MAX_ORDERS = 6;
/** How many customers are taken: those who returned all of an order, those who returned some, and others. */
const CUSTOMERS = [2, 4, 5] as const;

/** An order that may be taken, with what came back of it. */
interface Candidate {
  order: PlannedOrder;
  refunds: PlannedRefund[];
  /** 0: all of it came back, 1: some of it, 2: nothing. */
  rank: 0 | 1 | 2;
}

interface Customer {
  orders: Candidate[];
  rank: 0 | 1 | 2;
}

/** Chooses small orders of few customers from the last weeks of a plan; with what the same plan has, always the same. */
export function deriveOrders(plan: Plan, catalogue: readonly CatalogueProduct[]): DemoOrderLine[] {
  const customers = chooseCustomers(candidatesOf(plan, catalogue));
  const chosen = customers
    .flatMap(({ orders }, at) => orders.map((one) => ({ ...one, customer: at + 1 })))
    .sort(
      (one, other) => compare(one.order.date, other.order.date) || compare(one.order.reference, other.order.reference),
    );
  const dates = chosen.flatMap(({ order, refunds }) => [order.date, ...refunds.map(({ date }) => date)]);
  const end = Math.max(...dates.map(minuteOf));
  return chosen.flatMap(({ order, refunds, customer }, at) => {
    const last = refunds.at(-1);
    return order.items.map(({ sku, quantity }) => ({
      order: at + 1,
      customer,
      minutesAgo: end - minuteOf(order.date),
      sku,
      quantity,
      returned: returnedOf(refunds, sku),
      returnedMinutesAgo: last ? end - minuteOf(last.date) : null,
    }));
  });
}

/** The orders as the CSV file that the demo shop reads. */
export function toOrdersCsv(lines: readonly DemoOrderLine[]): string {
  const rows = lines.map((line) =>
    [
      line.order,
      line.customer,
      line.minutesAgo,
      line.sku,
      line.quantity,
      line.returned,
      line.returnedMinutesAgo ?? '',
    ].join(','),
  );
  return ['order,customer,minutesAgo,sku,quantity,returned,returnedMinutesAgo', ...rows]
    .map((row) => `${row}\n`)
    .join('');
}

/** Whole orders of customers with a number, of products that are in the catalogue and in stock, each product once. */
function candidatesOf({ orders, refunds }: Plan, catalogue: readonly CatalogueProduct[]): Candidate[] {
  const stock = new Map(catalogue.map(({ sku, stock: units }) => [sku, units]));
  const first = minuteOf(orders.at(-1)?.date ?? '') - DAYS * 24 * 60;
  const refundsOf = Map.groupBy(refunds, ({ order }) => order);
  const isParted = new Set(
    orders.filter(({ reference }) => reference.endsWith('/2')).map(({ reference }) => reference.slice(0, -2)),
  );
  return orders
    .filter(
      ({ reference, customer, date, items }) =>
        minuteOf(date) >= first &&
        customer !== GUEST &&
        items.length <= MAX_ITEMS &&
        !reference.includes('/') &&
        !isParted.has(reference) &&
        new Set(items.map(({ sku }) => sku)).size === items.length &&
        items.every(({ sku, quantity }) => quantity <= (stock.get(sku) ?? 0)),
    )
    .map((order) => {
      const its = refundsOf.get(order.reference) ?? [];
      const isWhole = order.items.every(({ sku, quantity }) => returnedOf(its, sku) === quantity);
      return { order, refunds: its, rank: isWhole ? 0 : its.length > 0 ? 1 : 2 };
    });
}

/** Those with the most orders of each rank. The demo customer returned something and has the most orders of those who did. */
function chooseCustomers(candidates: readonly Candidate[]): Customer[] {
  const all = [...Map.groupBy(candidates, ({ order }) => order.customer)]
    .sort(([one, ofOne], [other, ofOther]) => ofOther.length - ofOne.length || compare(one, other))
    .map(([, orders]): Customer => ({ orders: latest(orders), rank: rankOf(orders) }));
  const chosen = CUSTOMERS.flatMap((count, rank) => all.filter((customer) => customer.rank === rank).slice(0, count));
  return chosen.sort(
    (one, other) => Number(one.rank === 2) - Number(other.rank === 2) || other.orders.length - one.orders.length,
  );
}

/** The latest orders, and before these those of which something came back. */
const latest = (orders: readonly Candidate[]): Candidate[] =>
  orders
    .toReversed()
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MAX_ORDERS);

const rankOf = (orders: readonly Candidate[]): Customer['rank'] =>
  orders.some(({ rank }) => rank === 0) ? 0 : orders.some(({ rank }) => rank === 1) ? 1 : 2;

const returnedOf = (refunds: readonly PlannedRefund[], sku: string): number =>
  refunds.flatMap(({ items }) => items).reduce((sum, item) => (item.sku === sku ? sum + item.quantity : sum), 0);

/** Minutes since 1970, as if the time were UTC. */
const minuteOf = (date: string): number => Math.floor(Date.parse(`${date.replace(' ', 'T')}Z`) / 60_000);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
