import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { GENESIS, type Link, linkAfter } from './ledger.chain.js';
import { LedgerChainRepository } from './ledger.chain.repository.js';
import { SealLedger } from './ledger.jobs.js';

/** The time from sealing to sealing, in seconds. */
const INTERVAL = 30;
/** How many transactions are sealed in one unit of work at most. */
const BATCH = 500;
/** After how many links the balances are stored again: a balance is summed over so many transactions, and those of a batch, at most. */
const SNAPSHOT_EVERY = 1000;

/**
 * Seals the transactions of the ledger behind those who post them, so that no sale waits for the one before it: in the order of their ids,
 * by one process at a time. What commits late is sealed after what was sealed meanwhile.
 */
@Injectable()
export class LedgerSealerService implements OnModuleInit {
  constructor(
    private readonly chain: LedgerChainRepository,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(SealLedger, async (_, { signal }) => {
      await this.sealAll(signal);
    });
    this.jobs.schedule('seals of the ledger', { everySeconds: INTERVAL, job: SealLedger });
  }

  /** Seals what waits, batch by batch, until nothing is left or it is stopped. @returns how many transactions were sealed. */
  async sealAll(signal?: AbortSignal): Promise<number> {
    let all = 0;
    for (let sealed = BATCH; sealed === BATCH && signal?.aborted !== true; all += sealed)
      sealed = await this.sealBatch();
    return all;
  }

  private async sealBatch(): Promise<number> {
    return this.transactions.run(async () => {
      if (!(await this.chain.tryLock())) return 0;
      const waiting = await this.chain.readUnsealed(null, BATCH);
      if (waiting.length === 0) return 0;
      let link: Link = (await this.chain.findHead()) ?? GENESIS;
      const seals = waiting.map((transaction) => {
        link = linkAfter(link, transaction);
        return { ...link, transactionId: transaction.id };
      });
      await this.chain.insertSeals(seals, this.clock.now());
      const last = await this.chain.findLastSnapshot();
      if (link.sequence - last >= SNAPSHOT_EVERY) await this.chain.insertSnapshot(link.sequence, last);
      return waiting.length;
    });
  }
}
