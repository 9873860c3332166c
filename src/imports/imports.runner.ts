import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Retention } from '../common/background/retention.js';
import { outsideTransaction } from '../common/database/transactions.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportRepository, LeaseLost } from './imports.repository.js';
import { ImportWorker } from './imports.worker.js';

/** How often it looks for what other processes left, in milliseconds; what this one gets it begins at once. */
const INTERVAL = 2000;

/** Does the uploaded imports in the background of every process, one after the other; each is done by one process alone. */
@Injectable()
export class ImportRunner implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ImportRunner.name);
  private timer?: NodeJS.Timeout;
  private working?: Promise<void>;
  private woken = false;
  private stopped = false;

  constructor(
    private readonly repository: ImportRepository,
    private readonly chunks: ImportChunkStore,
    private readonly worker: ImportWorker,
    private readonly retention: Retention,
  ) {}

  onModuleInit(): void {
    this.retention.register({ name: 'imports', deleteBatch: (limit) => this.repository.deleteOld(limit) });
    this.retention.register({ name: 'uploads', deleteBatch: (limit) => this.repository.deleteAbandoned(limit) });
  }

  onApplicationBootstrap(): void {
    if (this.stopped) return;
    this.timer = setInterval(() => {
      this.wake();
    }, INTERVAL).unref();
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Looks for imports to do, now. */
  wake(): void {
    if (this.stopped) return;
    this.woken = true;
    // the unit of work that wakes it ends before it does
    this.working ??= outsideTransaction(() => this.work()).finally(() => {
      this.working = undefined;
      // What it was woken for meanwhile may have come after its last look.
      if (this.woken) this.wake();
    });
  }

  /** Resolves when there is nothing left to do for it. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Stops after the present batch, and gives the import back; does nothing any more from then on. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.working;
  }

  private goesOn(): boolean {
    return !this.stopped;
  }

  private async work(): Promise<void> {
    this.woken = false;
    try {
      while (this.goesOn() && (await this.workOnNext()));
    } catch (error) {
      this.logger.error({ err: error }, 'imports could not be looked for');
    }
  }

  private async workOnNext(): Promise<boolean> {
    const job = await this.repository.claim();
    if (!job) return false;
    try {
      await this.worker.execute(job, this.chunks.read(job.id), () => this.goesOn());
    } catch (error) {
      if (error instanceof LeaseLost) this.logger.warn({ importId: job.id }, error.message);
      else {
        this.logger.error({ err: error, importId: job.id }, 'an import failed');
        // With a database that is away the next one would fail too: the next look is early enough.
        return false;
      }
    }
    return true;
  }
}
