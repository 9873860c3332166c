import { MILLS } from '../demo/price.js';
import type { InvoiceLine } from '../demo/invoice-files.js';
import { Purchases, type ReturnedUnits, type Units } from './purchases.js';
import { classify, type LeftOutReason } from './rules.js';

/** The most items that an order of the API has; an invoice with more becomes several orders. */
const MAX_ITEMS = 100;

/** The customer of the invoices that name none. */
export const GUEST = 'guest';

/** An order to be placed and paid. */
export interface PlannedOrder {
  /** The number of the invoice; of further orders of the same invoice with `/2`, `/3` …. Unique. */
  reference: string;
  /** A customer's number, or {@link GUEST}. */
  customer: string;
  /** `YYYY-MM-DD HH:MM:SS`. */
  date: string;
  items: Units[];
}

/** What one cancellation returns of one order. */
export interface PlannedRefund {
  /** The number of the cancellation. */
  cancellation: string;
  /** The order's reference. */
  order: string;
  date: string;
  items: Units[];
}

/** How much is left out for one reason. */
interface LeftOut {
  lines: number;
  /** In mills; below zero for what was cancelled. */
  amount: number;
}

/** What the files come to. `sold` and `returned` are units, `captured` and `refunded` pennies, `sum` mills. */
export interface Totals {
  lines: number;
  importedLines: number;
  sum: number;
  sold: number;
  returned: number;
  captured: number;
  refunded: number;
}

/** What is replayed, in the order in which it happened. */
export interface Plan {
  orders: PlannedOrder[];
  refunds: PlannedRefund[];
  leftOut: ReadonlyMap<LeftOutReason, LeftOut>;
  totals: Totals;
}

/** Makes the plan of all lines of all files. The same lines make the same plan; lines after them change nothing of it but add to it. */
export function planOf(lines: readonly InvoiceLine[]): Plan {
  const plan = new Planning();
  // by the time of its first line; sort() keeps the order of those at once
  const invoices = [...Map.groupBy(lines, ({ invoice }) => invoice).values()].sort((one, other) =>
    timeOf(one) < timeOf(other) ? -1 : timeOf(one) > timeOf(other) ? 1 : 0,
  );
  for (const invoice of invoices) plan.add(invoice);
  return plan.finish();
}

/**
 * What is wrong with a plan: `imported + left out = all lines` and `captured − refunded + left out = the sum of the files`, in mills.
 * @returns a sentence for each.
 */
export function faultsOf({ leftOut, totals }: Plan): string[] {
  const left = [...leftOut.values()];
  const lines = totals.importedLines + left.reduce((sum, one) => sum + one.lines, 0);
  const amount = (totals.captured - totals.refunded) * MILLS + left.reduce((sum, one) => sum + one.amount, 0);
  return [
    ...(lines === totals.lines ? [] : [`${String(lines)} of ${String(totals.lines)} lines are imported or left out`]),
    ...(amount === totals.sum ? [] : [`${String(amount)} of ${String(totals.sum)} mills are imported or left out`]),
  ];
}

/** What a line comes to, in mills. */
const amountOf = ({ quantity, mills }: InvoiceLine): number => quantity * mills + 0;

const timeOf = ([first]: readonly InvoiceLine[]): string => first?.date ?? '';

/** A plan as it is made. */
class Planning {
  private readonly purchases = new Purchases();
  private readonly orders: PlannedOrder[] = [];
  private readonly refunds: PlannedRefund[] = [];
  private readonly leftOut = new Map<LeftOutReason, LeftOut>();
  private readonly totals: Totals = {
    lines: 0,
    importedLines: 0,
    sum: 0,
    sold: 0,
    returned: 0,
    captured: 0,
    refunded: 0,
  };

  /** Adds all lines of one invoice. */
  add(lines: readonly InvoiceLine[]): void {
    const bought: Units[] = [];
    const returned: ReturnedUnits[] = [];
    for (const line of lines) {
      this.totals.lines += 1;
      this.totals.sum += amountOf(line);
      const kind = classify(line);
      if (kind === 'purchase') bought.push(this.buy(line));
      else if (kind === 'cancellation') returned.push(...this.cancel(line));
      else this.leave(kind.leftOut, 1, amountOf(line));
    }
    const [first] = lines;
    if (!first) return;
    this.order(first, merge(bought));
    for (const [order, units] of Map.groupBy(returned, (one) => one.order)) {
      const items = merge(units.map(({ sku, price, quantity }) => ({ sku, price, quantity })));
      this.refunds.push({ cancellation: first.invoice, order, date: first.date, items });
    }
  }

  finish(): Plan {
    return { orders: this.orders, refunds: this.refunds, leftOut: this.leftOut, totals: this.totals };
  }

  private buy({ code, quantity, mills }: InvoiceLine): Units {
    const price = mills / MILLS;
    this.totals.importedLines += 1;
    this.totals.sold += quantity;
    this.totals.captured += quantity * price;
    return { sku: code, price, quantity };
  }

  private order({ invoice, customer, date }: InvoiceLine, items: readonly Units[]): void {
    const buyer = customer ?? GUEST;
    for (let from = 0; from < items.length; from += MAX_ITEMS) {
      const part = from / MAX_ITEMS + 1;
      const reference = part === 1 ? invoice : `${invoice}/${String(part)}`;
      const some = items.slice(from, from + MAX_ITEMS);
      this.orders.push({ reference, customer: buyer, date, items: some });
      for (const units of some) this.purchases.add(buyer, reference, units);
    }
  }

  private cancel({ code, quantity, mills, customer }: InvoiceLine): ReturnedUnits[] {
    const units = -quantity;
    const taken = this.purchases.take(customer ?? GUEST, { sku: code, price: mills / MILLS, quantity: units });
    const returned = taken.reduce((sum, one) => sum + one.quantity, 0);
    const refunded = taken.reduce((sum, one) => sum + one.quantity * one.price, 0);
    this.totals.returned += returned;
    this.totals.refunded += refunded;
    if (returned === 0) {
      this.leave('a cancellation without a purchase', 1, quantity * mills);
      return taken;
    }
    this.totals.importedLines += 1;
    this.leave('units of a cancellation beyond those bought', 0, (returned - units) * mills);
    this.leave('the price of a cancellation differs from that of its purchase', 0, refunded * MILLS - returned * mills);
    return taken;
  }

  private leave(reason: LeftOutReason, lines: number, amount: number): void {
    if (lines === 0 && amount === 0) return;
    const { lines: before, amount: sum } = this.leftOut.get(reason) ?? { lines: 0, amount: 0 };
    this.leftOut.set(reason, { lines: before + lines, amount: sum + amount });
  }
}

/** The units of one product at one price as one, as the API does it, too. */
function merge(units: readonly Units[]): Units[] {
  const merged = new Map<string, Units>();
  for (const one of units) {
    const key = keyOf(one);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, quantity: known.quantity + one.quantity } : one);
  }
  return [...merged.values()];
}

/** What tells an item of an order from the others. */
export const keyOf = ({ sku, price }: Pick<Units, 'sku' | 'price'>): string => `${sku} ${String(price)}`;
