import { createHash } from 'node:crypto';
import type { LedgerEntry } from './entities/ledger-entry.entity.js';
import type { LedgerTransaction } from './entities/ledger-transaction.entity.js';
import { totalsOf } from './ledger.postings.js';

/** A transaction with its entries in the order of their lines: what a seal is of. */
export interface SealedContent extends LedgerTransaction {
  entries: Pick<LedgerEntry, 'line' | 'account' | 'currency' | 'amount'>[];
}

/** A place in the chain. */
export interface Link {
  sequence: number;
  hash: Buffer;
}

/** A link as it is stored; without a transaction where that is gone. */
export interface StoredLink extends Link {
  transactionId: string;
  transaction: SealedContent | null;
}

/** Something that is wrong with the ledger. */
export interface LedgerFault {
  /** Where it is in the chain; absent of what is not in it. */
  sequence?: number;
  detail: string;
}

/** What stands before the first transaction. */
export const GENESIS: Link = { sequence: 0, hash: Buffer.alloc(32) };

/** Begins the text that is hashed, so that another form of it, should there be one, gives other hashes. */
const FORMAT = 'stockroom-ledger-1';

/**
 * The text of a transaction that is hashed: a JSON array, so that no two transactions have the same. It has everything that is
 * stored of a transaction and of its entries. It never changes: hashes of years depend on it.
 */
export function canonicalText(transaction: SealedContent): string {
  const { id, kind, causeType, causeId, customerId, orderId, description, entryCount, postedAt, requestId } =
    transaction;
  return JSON.stringify([
    FORMAT,
    id,
    kind,
    causeType,
    causeId,
    customerId,
    orderId,
    description,
    entryCount,
    postedAt.toISOString(),
    requestId,
    transaction.entries.map(({ line, account, currency, amount }) => [line, account, currency, amount]),
  ]);
}

/** The link of a transaction that follows another one: SHA-256 of the hash before it and of the {@link canonicalText}. */
export const linkAfter = (previous: Link, transaction: SealedContent): Link => ({
  sequence: previous.sequence + 1,
  hash: createHash('sha256').update(previous.hash).update(canonicalText(transaction)).digest(),
});

/** What is wrong with a transaction by itself. */
export function faultsOf({ id, entryCount, entries }: SealedContent): string[] {
  const unbalanced = [...totalsOf(entries)].filter(([, total]) => total !== 0n);
  return [
    ...unbalanced.map(
      ([currency, total]) => `the entries of transaction ${id} sum to ${String(total)} ${currency} instead of zero`,
    ),
    ...(entries.length === entryCount
      ? []
      : [`transaction ${id} has ${String(entries.length)} entries instead of ${String(entryCount)}`]),
  ];
}

/** A balance as a snapshot has it. */
export interface SnapshotBalance {
  account: string;
  currency: string;
  balance: number;
}

/**
 * Replays the chain from its first link on. After a link whose hash is wrong it goes on with the hash that is stored, so that one changed
 * row is one fault.
 */
export class ChainReplay {
  private last: Link = GENESIS;
  private readonly balances = new Map<string, bigint>();

  /** The last link that was replayed. */
  get head(): Link {
    return this.last;
  }

  /** Replays the next link. @returns what is wrong with it. */
  add({ sequence, hash, transactionId, transaction }: StoredLink): LedgerFault[] {
    const faults: string[] = [];
    if (sequence !== this.last.sequence + 1) {
      faults.push(`the chain has no links between ${String(this.last.sequence)} and ${String(sequence)}`);
    }
    if (transaction) {
      const expected = linkAfter(this.last, transaction);
      if (!expected.hash.equals(hash)) {
        faults.push(
          `transaction ${transactionId}, one of its entries or its seal was changed: the hash is another one`,
        );
      }
      faults.push(...faultsOf(transaction));
      for (const { account, currency, amount } of transaction.entries) {
        const key = keyOf(account, currency);
        this.balances.set(key, (this.balances.get(key) ?? 0n) + BigInt(amount));
      }
    } else faults.push(`transaction ${transactionId} is gone`);
    this.last = { sequence, hash };
    return faults.map((detail) => ({ sequence, detail }));
  }

  /** Compares the balances of now with a snapshot of now. @returns what differs. */
  compare(snapshot: readonly SnapshotBalance[]): LedgerFault[] {
    const { sequence } = this.last;
    const stored = new Map(
      snapshot.map(({ account, currency, balance }) => [keyOf(account, currency), BigInt(balance)]),
    );
    const keys = new Set([...this.balances.keys(), ...stored.keys()]);
    return [...keys]
      .filter((key) => this.balances.get(key) !== stored.get(key))
      .map((key) => {
        const [balance, replayed] = [stored, this.balances].map((of) => String(of.get(key) ?? 'nothing'));
        return {
          sequence,
          detail: `the snapshot has ${balance ?? ''} of ${key}, the entries sum to ${replayed ?? ''}`,
        };
      });
  }
}

const keyOf = (account: string, currency: string): string => `${account} in ${currency}`;
