/** A part of a transaction of the ledger: debit positive, credit negative. */
interface Entry {
  account: 'clearing' | 'revenue' | 'shipping' | 'refunds';
  amount: number;
  currency: string;
}

/**
 * What a captured payment posts: the money came, for goods and for their shipping. Of a part of the order's total, shipping has the same
 * part, rounded down to a minor unit.
 */
export function entriesOfPayment(
  amount: number,
  { total, shippingTotal, currency }: { total: number; shippingTotal: number; currency: string },
): Entry[] {
  const isWhole = amount === total || total === 0;
  // the product of two amounts may be more than a number holds exactly
  const part = isWhole ? shippingTotal : Number((BigInt(shippingTotal) * BigInt(amount)) / BigInt(total));
  const shipping = Math.min(part, amount);
  return nonZero([
    { account: 'clearing', amount, currency },
    { account: 'revenue', amount: shipping - amount, currency },
    { account: 'shipping', amount: -shipping, currency },
  ]);
}

/** What a refund posts: the money went back, of which so much was for shipping. */
export function entriesOfRefund(amount: number, shipping: number, currency: string): Entry[] {
  return nonZero([
    { account: 'refunds', amount: amount - shipping, currency },
    { account: 'shipping', amount: shipping, currency },
    { account: 'clearing', amount: -amount, currency },
  ]);
}

const nonZero = (entries: Entry[]): Entry[] => entries.filter(({ amount }) => amount !== 0);
