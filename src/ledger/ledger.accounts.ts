import type { AccountKind } from './entities/ledger-account.entity.js';

interface Account {
  readonly kind: AccountKind;
  /** Whether its entries are money that a customer paid or got back: what the customer's own history shows. */
  readonly isCustomerMoney: boolean;
}

/** The chart of accounts. An account that has entries keeps its name and kind. */
const CHART = {
  /** What providers have taken for the shop. */
  clearing: { kind: 'asset', isCustomerMoney: true },
  /** What customers owe. */
  receivable: { kind: 'asset', isCustomerMoney: false },
  /** What is collected for the state. */
  tax: { kind: 'liability', isCustomerMoney: false },
  revenue: { kind: 'income', isCustomerMoney: false },
  shipping: { kind: 'income', isCustomerMoney: false },
  discounts: { kind: 'expense', isCustomerMoney: false },
  refunds: { kind: 'expense', isCustomerMoney: false },
} as const satisfies Record<string, Account>;

export type AccountName = keyof typeof CHART;

const isAccountName = (name: string): name is AccountName => Object.hasOwn(CHART, name);

/** The names of all accounts. */
export const ACCOUNT_NAMES = Object.keys(CHART).filter(isAccountName);

/** The accounts whose entries are money that a customer paid or got back. */
export const CUSTOMER_MONEY: readonly AccountName[] = ACCOUNT_NAMES.filter((name) => CHART[name].isCustomerMoney);

/** The kind of an account. */
export const kindOf = (name: AccountName): AccountKind => CHART[name].kind;

/** The kind of an account that may not be one of the chart; undefined when it is not. */
export const findKindOf = (name: string): AccountKind | undefined => (isAccountName(name) ? kindOf(name) : undefined);
