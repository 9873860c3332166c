import { noteLock } from './transactions.js';

/** The keys of the advisory locks: arbitrary numbers, each of which stands for one thing in the whole application. */
export const ADVISORY_KEYS = {
  /** Held by the process that migrates and seeds, on a connection of its own. */
  startUp: 7_362_184_051,
  /** Held by the transaction that changes the tree of categories. */
  categoryTree: 7_362_184_052,
  /** Held by the transaction that seals the ledger. */
  ledgerChain: 7_362_184_053,
} as const;

/**
 * The order in which a unit of work locks rows: from what many things refer to, to what changes most. Two units that lock in one order
 * do not wait for each other.
 * Not in it: the locks of idempotency keys and of `SKIP LOCKED`, which never wait.
 */
const ORDER = [
  // what work is found by, which locks the rest when it is done
  'event handler',
  'event delivery',
  'job schedule',
  'phased request',
  'category tree',
  'administrators',
  'user',
  'session',
  'category',
  'review',
  // of a feature that locks nothing else; where another one locks it too, give it a name and a place
  'own row',
  'order',
  'payment attempt',
  'product family',
  'product',
  'stock level',
  'photo',
  'photo file',
  'ledger account',
  'import',
  'job',
] as const;

/** What there is one of: to lock it again waits for nobody. */
const SINGLE: ReadonlySet<string> = new Set<Lockable>(['category tree']);

/** What a unit of work locks. */
export type Lockable = (typeof ORDER)[number];

const RANKS = new Map<Lockable, number>(ORDER.map((name, rank) => [name, rank]));

/**
 * Declares that the next statement locks rows, or waits for an advisory lock. Several rows of one table are locked by one statement, in
 * the order of their ids.
 * @throws LockOrderViolated, but in production, where the violation is logged once.
 */
export function declareLock(lock: Lockable): void {
  noteLock(RANKS.get(lock) ?? 0, SINGLE.has(lock), (highest) => `${lock} is locked after ${ORDER[highest] ?? ''}`);
}
