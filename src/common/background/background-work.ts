import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { outsideTransaction } from '../database/transactions.js';

/** How many pieces of work run at once at most: each holds what it needs in memory. */
const MAX_RUNNING = 1000;

/**
 * Work that a request starts and does not wait for. It is kept in memory and is lost if the process is killed; a process that
 * is stopped finishes it first. It is done outside of the transaction that is open around its
 * start; what must wait for the commit is started in `transactions.afterCommit`.
 */
@Injectable()
export class BackgroundWork implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger(BackgroundWork.name);
  private readonly running = new Set<Promise<void>>();

  /**
   * Starts `work`; a failure is logged.
   * @param what it does, as the log names it: `recording when sessions were last seen`.
   * @returns whether it was started: not when too much work runs already.
   */
  start(what: string, work: () => Promise<void>): boolean {
    if (this.running.size >= MAX_RUNNING) return false;
    const done = outsideTransaction(work)
      .catch((error: unknown) => {
        this.logger.error({ err: error }, `Failed in the background: ${what}.`);
      })
      .finally(() => this.running.delete(done));
    this.running.add(done);
    return true;
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  // Requests in flight finish between these three, and may start work until the last of them.
  onModuleDestroy(): Promise<void> {
    return this.idle();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.idle();
  }

  onApplicationShutdown(): Promise<void> {
    return this.idle();
  }
}
