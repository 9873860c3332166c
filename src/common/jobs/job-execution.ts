import { outsideTransaction } from '../database/transactions.js';
import type { Clock } from '../time/clock.js';
import type { JobKind } from './define-job.js';
import { JobTimeout, LeaseLost } from './job-errors.js';
import type { ClaimedJob, JobsRepository, Progress } from './jobs.repository.js';

/** What a handler knows of the job that it executes. */
export interface RunningJob {
  readonly id: string;
  /** Counts from 1. */
  readonly attempt: number;
  /**
   * Aborted when the process stops, when the attempt has taken too long, or when another process has taken the job over. A handler that
   * stops then and throws is executed again; when the process stops, that counts as no attempt.
   */
  readonly signal: AbortSignal;
  /** Records how far the job is: at most once a second, and at the end. */
  readonly progress: (done: number, total?: number) => void;
}

/** How often progress is written at most, in milliseconds. */
const PROGRESS_INTERVAL = 1000;

/** One execution of a job in this process: keeps the lease while it lasts, and says when it is over. */
export class JobExecution implements RunningJob {
  readonly id: string;
  readonly attempt: number;
  private readonly controller = new AbortController();
  private readonly ended = Promise.withResolvers<never>();
  private readonly timers: NodeJS.Timeout[] = [];
  private leaseUntil: Date;
  private renewing = false;
  private writing = false;
  private writtenAt = -Infinity;
  /** How far the job is, as its handler said last. */
  latest?: Progress;

  constructor(
    readonly job: ClaimedJob,
    private readonly kind: JobKind,
    private readonly jobs: JobsRepository,
    private readonly clock: Clock,
  ) {
    this.id = job.id;
    this.attempt = job.attempts;
    this.leaseUntil = clock.in(kind.lease);
    // nobody may be listening when it fails
    this.ended.promise.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Does `work` while the lease is kept. @throws what it throws; or why it was ended before, though it may still go on. */
  async run(work: () => Promise<void>): Promise<void> {
    const { lease, timeout } = this.kind;
    outsideTransaction(() => {
      this.timers.push(setInterval(() => void this.renew(), (lease * 1000) / 3).unref());
      if (timeout > 0) {
        this.timers.push(
          setTimeout(() => {
            this.end(new JobTimeout(timeout));
          }, timeout * 1000).unref(),
        );
      }
    });
    try {
      await Promise.race([work(), this.ended.promise]);
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
    }
  }

  /** Asks the handler to stop. */
  abort(reason: Error): void {
    this.controller.abort(reason);
  }

  /** Waits for the handler no longer. */
  end(reason: Error): void {
    this.controller.abort(reason);
    this.ended.reject(reason);
  }

  readonly progress = (done: number, total?: number): void => {
    this.latest = { done, total: total ?? null };
    if (this.writing || performance.now() - this.writtenAt < PROGRESS_INTERVAL) return;
    void outsideTransaction(() => this.writeProgress(this.latest));
  };

  private async writeProgress(progress: Progress | undefined): Promise<void> {
    if (!progress) return;
    this.writing = true;
    try {
      await this.jobs.updateProgress(this.job, progress, this.clock.now());
    } catch {
      // the next one is written, or the end
    } finally {
      this.writing = false;
      this.writtenAt = performance.now();
    }
  }

  /** Says that the process lives. Two of three signs may be lost, such as while the database is away. */
  private async renew(): Promise<void> {
    if (this.renewing) return;
    this.renewing = true;
    try {
      const until = this.clock.in(this.kind.lease);
      if (await this.jobs.renew(this.job, until)) this.leaseUntil = until;
      else this.end(new LeaseLost());
    } catch {
      // while it cannot be said, another process may take the job once the lease is over
      if (this.clock.now() > this.leaseUntil) this.abort(new LeaseLost());
    } finally {
      this.renewing = false;
    }
  }
}
