import { Injectable } from '@nestjs/common';
import { findKindOf } from './ledger.accounts.js';
import { type Causes, compareCauses } from './ledger.causes.js';
import { ChainReplay, faultsOf, type LedgerFault, type Link } from './ledger.chain.js';
import { LedgerChainRepository } from './ledger.chain.repository.js';
import { LedgerHeadService, type SignedHead } from './ledger.head.service.js';
import { LedgerVerificationRepository } from './ledger.verification.repository.js';

/** How many transactions are read at a time. */
const BATCH = 500;
/** How many faults are kept; more are counted. */
const MAX_FAULTS = 100;

/** What to compare the ledger with, and whom to tell how far it is. */
export interface VerificationOptions {
  /** The signature of a head that was read before. */
  head?: string;
  onStart?: (links: number) => void;
  onProgress?: (done: number) => void;
}

/** What was found. */
export interface VerificationReport {
  /** How many transactions are in the chain, and how many wait for it. */
  sealed: number;
  unsealed: number;
  /** The hash at the end of the chain, in hexadecimal digits. */
  hash: string;
  faultCount: number;
  /** The first {@link MAX_FAULTS} of them. */
  faults: LedgerFault[];
}

/** Replays the ledger, to find what was changed past the constraints and triggers of its tables. */
@Injectable()
export class LedgerVerificationService {
  private readonly comparisons: (() => Promise<LedgerFault[]>)[] = [];

  constructor(
    private readonly chain: LedgerChainRepository,
    private readonly heads: LedgerHeadService,
    private readonly rows: LedgerVerificationRepository,
  ) {}

  /**
   * Has the postings of causes of a type compared with what a feature says of these causes; call it in `onModuleInit`. Each cause that
   * moved money has to have it posted, and each posting its cause.
   */
  compareWith(causeType: string, causes: Causes): void {
    this.comparisons.push(() => compareCauses(causeType, causes, this.postingsOf(causeType)));
  }

  /** Looks at all there is: links, hashes, zero sums, snapshots, accounts and causes. The shop may go on meanwhile. */
  async verify({ head, onStart, onProgress }: VerificationOptions = {}): Promise<VerificationReport> {
    const expected = head === undefined ? undefined : this.heads.open(head);
    const found: LedgerFault[] = [];
    let faultCount = 0;
    const note = (faults: readonly LedgerFault[]): void => {
      faultCount += faults.length;
      found.push(...faults.slice(0, MAX_FAULTS - found.length));
    };
    if (head !== undefined && !expected) note([UNKNOWN_HEAD]);
    onStart?.(await this.chain.countLinks());
    const last = await this.replay(note, onProgress, expected);
    const unsealed = await this.checkUnsealed(note);
    note(await this.findRepeatedCauses());
    note(await this.checkRows());
    note(await this.checkAccounts());
    for (const compare of this.comparisons) note(await compare());
    return { sealed: last.sequence, unsealed, hash: last.hash.toString('hex'), faultCount, faults: found };
  }

  /** Replays the links and snapshots from the first on. @returns the last link. */
  private async replay(
    note: (faults: readonly LedgerFault[]) => void,
    onProgress?: (done: number) => void,
    expected?: SignedHead,
  ): Promise<Link> {
    const replay = new ChainReplay();
    let done = 0;
    let isHeadSeen = false;
    for (;;) {
      const links = await this.chain.readLinks(replay.head.sequence, BATCH);
      const end = links.at(-1)?.sequence;
      if (end === undefined) break;
      const snapshots = await this.chain.readSnapshots(replay.head.sequence, end);
      const balances = new Map(snapshots.map((snapshot) => [snapshot.sequence, snapshot.balances]));
      for (const link of links) {
        note(replay.add(link));
        const snapshot = balances.get(link.sequence);
        if (snapshot) note(replay.compare(snapshot));
        if (link.sequence === expected?.sequence) {
          isHeadSeen = true;
          if (link.hash.toString('hex') !== expected.hash) note([differsFrom(expected)]);
        }
      }
      done += links.length;
      onProgress?.(done);
    }
    if (expected && !isHeadSeen) note([endsBefore(expected, replay.head)]);
    return replay.head;
  }

  /** What is wrong with transactions that wait for their seal. @returns how many there are. */
  private async checkUnsealed(note: (faults: readonly LedgerFault[]) => void): Promise<number> {
    let count = 0;
    let after: string | null = null;
    for (let read = BATCH; read === BATCH;) {
      const waiting = await this.chain.readUnsealed(after, BATCH);
      for (const transaction of waiting) note(faultsOf(transaction).map((detail) => ({ detail })));
      after = waiting.at(-1)?.id ?? after;
      read = waiting.length;
      count += read;
    }
    return count;
  }

  private async findRepeatedCauses(): Promise<LedgerFault[]> {
    const repeated = await this.rows.findRepeatedCauses(MAX_FAULTS);
    return repeated.map(({ cause, count }) => ({ detail: `the ${cause} was posted ${String(count)} times` }));
  }

  private async checkRows(): Promise<LedgerFault[]> {
    const forgotten = await this.rows.findForgotten(MAX_FAULTS);
    const lost = await this.rows.findLostTransactions(MAX_FAULTS);
    return [
      ...forgotten.map(({ id }) => ({ detail: `transaction ${id} is not in the chain, and does not wait for it` })),
      ...lost.map(({ id }) => ({ detail: `transaction ${id} is gone, and has entries` })),
    ];
  }

  private postingsOf(causeType: string): Causes {
    return {
      readIds: (after, limit) => this.rows.readCauseIds(causeType, after, limit),
      sumsOf: (ids) => this.rows.sumCauses(causeType, ids),
    };
  }

  private async checkAccounts(): Promise<LedgerFault[]> {
    const accounts = await this.rows.readAccounts();
    return accounts
      .filter(({ code, kind }) => findKindOf(code) !== kind)
      .map(({ code, currency, kind }) => ({
        detail: `the account ${code} in ${currency} is of kind ${kind} instead of ${findKindOf(code) ?? 'none'}`,
      }));
  }
}

const UNKNOWN_HEAD: LedgerFault = { detail: 'the head that was given has no signature of a key of this shop' };

const differsFrom = ({ sequence, hash }: SignedHead): LedgerFault => ({
  sequence,
  detail: `the chain was rewritten: the signed head has the hash ${hash}`,
});

const endsBefore = ({ sequence }: SignedHead, last: Link): LedgerFault => ({
  sequence,
  detail: `the chain ends at ${String(last.sequence)}, and the signed head is at ${String(sequence)}: it was cut off`,
});
