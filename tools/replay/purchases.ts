/** Units of a product, at the price of one in pennies. */
export interface Units {
  sku: string;
  price: number;
  quantity: number;
}

/** Units of an order that a cancellation returns. */
export interface ReturnedUnits extends Units {
  /** The order's reference. */
  order: string;
}

interface Lot extends ReturnedUnits {
  customer: string;
}

/** What customers bought and have not returned yet. */
export class Purchases {
  private readonly lots = new Map<string, Lot[]>();

  /** Adds what was bought, in the order in which it was. */
  add(customer: string, order: string, { sku, price, quantity }: Units): void {
    const lots = this.lotsOf(customer, sku);
    lots.push({ customer, order, sku, price, quantity });
  }

  /**
   * Takes units that a customer returns out of what the customer bought of the product: the latest purchase at the same price first, then the
   * latest at another price. (A till that got a price wrong cancels the wrong line at its wrong price, and sells it again.)
   * @returns the units of each order; together fewer than are returned where no more were bought.
   */
  take(customer: string, { sku, price, quantity }: Units): ReturnedUnits[] {
    const latest = this.lotsOf(customer, sku).toReversed();
    const inOrder = [...latest.filter((lot) => lot.price === price), ...latest.filter((lot) => lot.price !== price)];
    const taken: ReturnedUnits[] = [];
    let left = quantity;
    for (const lot of inOrder) {
      const units = Math.min(left, lot.quantity);
      if (units === 0) continue;
      lot.quantity -= units;
      left -= units;
      taken.push({ order: lot.order, sku, price: lot.price, quantity: units });
    }
    return taken;
  }

  private lotsOf(customer: string, sku: string): Lot[] {
    const key = `${customer} ${sku}`;
    const known = this.lots.get(key);
    if (known) return known;
    const lots: Lot[] = [];
    this.lots.set(key, lots);
    return lots;
  }
}
