import { isCurrency } from '../common/money/currencies.js';
import type { TransactionKind } from './entities/ledger-transaction.entity.js';
import { type AccountName, CUSTOMER_MONEY } from './ledger.accounts.js';

/** An entry that is to be posted. */
export interface PostedEntry {
  account: AccountName;
  /** In minor units: a debit is positive, a credit negative. */
  amount: number;
  currency: string;
}

/** A transaction that is to be posted. */
export interface Posting {
  kind: TransactionKind;
  /** What it is caused by: of each kind, once. */
  cause: { type: string; id: string };
  customerId: string | null;
  orderId: string;
  /** 1 to 200 characters, without names of people: it stays when a customer is erased. */
  description: string;
  entries: readonly PostedEntry[];
}

/** A caller made a posting that no ledger takes: a fault of the application. */
export class WrongPosting extends Error {}

/**
 * The entries of a posting; those of zero are left out.
 * @throws WrongPosting when they are not zero in each currency, or customer money is not in exactly one currency. The database
 * would refuse the first as well, at COMMIT; this says where the fault is.
 */
export function entriesOf({ kind, cause, entries }: Posting): PostedEntry[] {
  const posted = entries.filter(({ amount }) => amount !== 0);
  const refuse = (why: string): never => {
    throw new WrongPosting(`the ${kind} of ${cause.type} ${cause.id} cannot be posted: ${why}`);
  };
  for (const { account, amount, currency } of posted) {
    if (!Number.isSafeInteger(amount))
      refuse(`${account} is ${String(amount)}, which is no whole number of minor units`);
    if (!isCurrency(currency)) refuse(`${currency} is not a currency`);
  }
  for (const [currency, total] of totalsOf(posted)) {
    if (total !== 0n) refuse(`its entries sum to ${String(total)} ${currency} instead of zero`);
  }
  const moneyIn = new Set(posted.filter(isCustomerMoney).map(({ currency }) => currency));
  if (moneyIn.size !== 1) refuse(`customer money moves in ${String(moneyIn.size)} currencies instead of one`);
  return posted;
}

/** The sum of entries by currency. Sums of safe integers need not be safe themselves. */
export function totalsOf(entries: readonly { amount: number; currency: string }[]): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { amount, currency } of entries) totals.set(currency, (totals.get(currency) ?? 0n) + BigInt(amount));
  return totals;
}

const isCustomerMoney = ({ account }: PostedEntry): boolean => CUSTOMER_MONEY.includes(account);
