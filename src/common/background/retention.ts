import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** How many rows one statement deletes at most. */
const BATCH = 1000;

/** The average time from sweep to sweep, in milliseconds. Each pause is between half and one and a half times as long. */
const INTERVAL = 10 * 60 * 1000;

/** One kind of row that is not kept for ever. The feature that owns the table registers it with {@link Retention}. */
export interface RetentionRule {
  /** What is deleted, as the log names it: `idempotency keys`. */
  readonly name: string;
  /**
   * Deletes at most `limit` rows that are due, in a transaction of its own; select them with `FOR UPDATE SKIP LOCKED`, so
   * that processes that sweep at the same time share the work. `deleteRows` of `common/database` runs and counts
   * one such statement.
   * @returns how many rows it deleted; fewer than `limit` says that nothing is left.
   */
  readonly deleteBatch: (limit: number) => Promise<number>;
}

/**
 * Deletes what is past its time, in the background: each rule in batches, one rule after the other. Every process does so.
 * A rule that fails is logged and tried again by the next sweep; the others are not held up.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Retention.name);
  private readonly rules: RetentionRule[] = [];
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<unknown> = Promise.resolve();
  private stopping = false;

  /** Adds a rule; call it in `onModuleInit`. */
  register(rule: RetentionRule): void {
    this.rules.push(rule);
  }

  /** Applies every rule now. @returns how many rows were deleted, by the name of the rule. */
  async sweep(): Promise<Map<string, number>> {
    const deleted = new Map<string, number>();
    for (const rule of this.rules) {
      try {
        deleted.set(rule.name, await this.apply(rule));
      } catch (error) {
        this.logger.warn({ err: error }, `Old ${rule.name} could not be deleted; the next sweep tries again.`);
      }
    }
    return deleted;
  }

  /** Applies one rule, batch by batch, until nothing is left or the application stops. @returns how many rows it deleted. */
  async apply({ deleteBatch }: RetentionRule): Promise<number> {
    let all = 0;
    for (let deleted = BATCH; deleted === BATCH && !this.stopping; all += deleted) deleted = await deleteBatch(BATCH);
    return all;
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** Processes that were started together do not sweep together. */
  private schedule(): void {
    this.timer = setTimeout(
      () => {
        this.sweeping = this.sweep().then(() => {
          if (!this.stopping) this.schedule();
        });
      },
      INTERVAL * (0.5 + Math.random()),
    ).unref();
  }
}
