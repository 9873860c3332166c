import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { defineJob } from '../jobs/define-job.js';
import { JobsService } from '../jobs/jobs.service.js';
import { Clock } from '../time/clock.js';

/** How many rows one statement deletes at most. */
const BATCH = 1000;

/** The time from sweep to sweep, in seconds. */
const INTERVAL = 600;

const DAY = 24 * 3600;
/** How long jobs are kept after their end, in seconds: those that finished, and those that were given up. */
const FINISHED_JOBS_KEPT = 7 * DAY;
const DEAD_JOBS_KEPT = 90 * DAY;

/** Deletes what is past its time. */
const Sweep = defineJob<null>('retention.sweep', { attempts: 3, timeout: 0 });

/** One kind of row that is not kept for ever. The feature that owns the table registers it with {@link Retention}. */
export interface RetentionRule {
  /** What is deleted, as the log names it: `idempotency keys`. */
  readonly name: string;
  /**
   * Deletes at most `limit` rows that are due, in a transaction of its own; select them with `FOR UPDATE SKIP LOCKED`, so
   * that it waits for nobody. `deleteRows` of `common/database` runs and counts one such statement.
   * @returns how many rows it deleted; fewer than `limit` says that nothing is left.
   */
  readonly deleteBatch: (limit: number) => Promise<number>;
}

/**
 * Deletes what is past its time: each rule in batches, one rule after the other. One process does so at a time, every ten minutes.
 * A rule that fails is logged and tried again by the next sweep; the others are not held up.
 */
@Injectable()
export class Retention implements OnModuleInit {
  private readonly logger = new Logger(Retention.name);
  private readonly rules: RetentionRule[] = [];

  constructor(
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.register({
      name: 'jobs',
      deleteBatch: (limit) =>
        this.jobs.deleteOld(this.clock.in(-FINISHED_JOBS_KEPT), this.clock.in(-DEAD_JOBS_KEPT), limit),
    });
    this.jobs.handle(Sweep, async (_, { signal }) => {
      await this.sweep(signal);
    });
    this.jobs.schedule('retention', { everySeconds: INTERVAL, job: Sweep });
  }

  /** Adds a rule; call it in `onModuleInit`. */
  register(rule: RetentionRule): void {
    this.rules.push(rule);
  }

  /**
   * Applies every rule now.
   * @param signal ends it with the batch that is under way; the next sweep goes on.
   * @returns how many rows were deleted, by the name of the rule.
   */
  async sweep(signal?: AbortSignal): Promise<Map<string, number>> {
    const deleted = new Map<string, number>();
    for (const rule of this.rules) {
      try {
        deleted.set(rule.name, await this.apply(rule, signal));
      } catch (error) {
        this.logger.warn({ err: error }, `Old ${rule.name} could not be deleted; the next sweep tries again.`);
      }
    }
    return deleted;
  }

  /** Applies one rule, batch by batch, until nothing is left or the signal is aborted. @returns how many rows it deleted. */
  async apply({ deleteBatch }: RetentionRule, signal?: AbortSignal): Promise<number> {
    let all = 0;
    for (let deleted = BATCH; deleted === BATCH && !signal?.aborted; all += deleted) deleted = await deleteBatch(BATCH);
    return all;
  }
}
