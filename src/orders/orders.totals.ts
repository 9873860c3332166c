import type { OrderLineType } from './entities/order-line.entity.js';

/** The most that an order comes to, in minor units: what an amount of money can be. */
export const MAX_TOTAL = 999_999_999_999;

/** What a line of an order comes to. */
export interface PricedLine {
  type: OrderLineType;
  quantity: number;
  /** In minor units; below 0 for what makes the order cheaper. */
  unitAmount: number;
}

/** A part of an order that somebody asks for. */
interface Asked {
  productId: string;
  quantity: number;
  /** The price of one, in minor units, where it is not that of the product. */
  unitAmount?: number;
}

/** The quantities of one product at one price as one: what is asked for twice is one line. The order stays. */
export function mergeItems<T extends Asked>(items: readonly T[]): T[] {
  const merged = new Map<string, T>();
  for (const item of items) {
    const key = `${item.productId} ${String(item.unitAmount)}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, quantity: known.quantity + item.quantity } : item);
  }
  return [...merged.values()];
}

/**
 * What a line comes to: units times the price of one, both whole, so nothing is ever rounded. A sum beyond what a number holds exactly is far
 * above {@link MAX_TOTAL}, too.
 */
export const totalOfLine = ({ quantity, unitAmount }: Pick<PricedLine, 'quantity' | 'unitAmount'>): number =>
  quantity * unitAmount;

/** What lines come to together. */
export const totalOf = (lines: readonly PricedLine[]): number =>
  lines.reduce((sum, line) => sum + totalOfLine(line), 0);

/** What the items alone come to. */
export const itemsTotalOf = (lines: readonly PricedLine[]): number =>
  totalOf(lines.filter(({ type }) => type === 'item'));

/** What sending costs: nothing from a sum of the items on, where there is one. */
export const shippingAmountOf = (
  { price, freeFrom }: { price: { amount: number }; freeFrom: { amount: number } | null },
  itemsTotal: number,
): number => (freeFrom !== null && itemsTotal >= freeFrom.amount ? 0 : price.amount);
