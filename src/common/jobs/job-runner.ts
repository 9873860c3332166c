import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Config } from '../config/config.js';
import { runInRequest } from '../context/request-context.js';
import { Clock } from '../time/clock.js';
import { type JobKind, pauseAfter, withJitter } from './define-job.js';
import { errorText, isPermanent, LeaseLost, pauseOfDatabase, ProcessStopping } from './job-errors.js';
import { JobExecution, type RunningJob } from './job-execution.js';
import { type Capacity, type ClaimedJob, JobsRepository } from './jobs.repository.js';

/** What does the jobs of a kind. */
type Handle = (data: unknown, job: RunningJob) => Promise<void>;

interface Running {
  execution: JobExecution;
  kind: JobKind;
  done: Promise<void>;
}

/**
 * Takes jobs that are due, and executes them: each by one process at a time, and again until it has succeeded or its attempts are used
 * up. A kind that nothing here handles is left to other processes.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JobRunner.name);
  private readonly handlers = new Map<string, { kind: JobKind; handle: Handle }>();
  private readonly running = new Map<string, Running>();
  /** Kinds of which there may be more than were taken. */
  private readonly full = new Set<string>();
  /** What wakes it may be in a transaction, or belong to a request: jobs do not. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private claiming?: Promise<void>;
  private woken = false;
  private started = false;
  private stopping = false;
  private isAway = false;

  constructor(
    private readonly jobs: JobsRepository,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Registers what does the jobs of a kind; call it in `onModuleInit`. @throws Error for a second one. */
  handle(kind: JobKind, handle: Handle): void {
    if (this.handlers.has(kind.name)) throw new Error(`the job ${kind.name} is handled twice`);
    this.handlers.set(kind.name, { kind, handle });
  }

  onApplicationBootstrap(): void {
    this.started = this.config.backgroundWork;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  /** Looks for jobs that are due, now. */
  wake(): void {
    if (!this.started || this.stopping) return;
    this.woken = true;
    this.claiming ??= this.outside(() => this.claim()).finally(() => {
      this.claiming = undefined;
      // what it was woken for meanwhile may have come after its look
      if (this.woken) this.wake();
    });
  }

  /** Resolves when there is nothing left to do now. Jobs that wait for a later time do not count. */
  async idle(): Promise<void> {
    this.wake();
    while (this.claiming || this.running.size > 0) {
      await this.claiming;
      await Promise.all([...this.running.values()].map(({ done }) => done));
    }
  }

  /**
   * Takes no more jobs, and asks those that run to stop. One that goes on for more than half of `SHUTDOWN_SECONDS` is given back: another
   * process begins it again.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.claiming;
    const left = [...this.running.values()];
    const done = Promise.all(left.map((one) => one.done));
    for (const { execution } of left) execution.abort(new ProcessStopping());
    if (left.length > 0) await Promise.race([done, delay((this.config.shutdownSeconds * 1000) / 2)]);
    for (const { execution } of left) execution.end(new ProcessStopping());
    await done;
  }

  private async claim(): Promise<void> {
    this.woken = false;
    const capacities = this.capacities();
    if (capacities.length === 0) return;
    try {
      const claimed = await this.jobs.claim(capacities, uuidv7(), [...this.running.keys()], this.clock.now());
      if (this.isAway) this.logger.log('Jobs are looked for again.');
      this.isAway = false;
      // eslint-disable-next-line stockroom/no-queries-in-loops -- each is work of its own, which nothing here waits for
      for (const job of claimed) this.start(job);
      for (const { kind, free } of capacities) {
        const taken = claimed.filter((job) => job.kind === kind.name);
        if (taken.length === free) this.full.add(kind.name);
        // those that were given up leave places
        if (taken.length === free && taken.some(({ state }) => state === 'dead')) this.woken = true;
      }
    } catch (error) {
      if (!this.isAway) this.logger.error({ err: error }, 'Jobs could not be looked for; this is tried again.');
      this.isAway = true;
    }
  }

  private capacities(): Capacity[] {
    const busy = Map.groupBy(this.running.values(), ({ kind }) => kind);
    return [...this.handlers.values()]
      .map(({ kind }) => ({ kind, free: kind.concurrency - (busy.get(kind)?.length ?? 0) }))
      .filter(({ free }) => free > 0);
  }

  private start(job: ClaimedJob): void {
    const handler = this.handlers.get(job.kind);
    if (!handler) return;
    const context = {
      requestId: job.requestId ?? job.id,
      ...(job.traceId !== null && { trace_id: job.traceId }),
      ...(job.userId !== null && { callerId: job.userId }),
      jobId: job.id,
    };
    const { kind, handle } = handler;
    runInRequest(context, () => {
      if (job.state === 'dead') {
        this.logger.error({ kind: job.kind }, 'A job was given up: each attempt ended its process.');
        return;
      }
      const execution = new JobExecution(job, kind, this.jobs, this.clock);
      const done = this.execute(execution, kind, handle).finally(() => {
        this.running.delete(job.id);
        if (this.full.delete(kind.name)) this.wake();
      });
      this.running.set(job.id, { execution, kind, done });
    });
  }

  /** Never fails: what cannot be written down happens again when the lease is over. */
  private async execute(execution: JobExecution, kind: JobKind, handle: Handle): Promise<void> {
    const { job } = execution;
    try {
      if (this.stopping) {
        execution.abort(new ProcessStopping());
        throw new ProcessStopping();
      }
      await execution.run(() => handle(job.data, execution));
      if (!(await this.jobs.finish(job, execution.latest, this.clock.now()))) throw new LeaseLost();
    } catch (error) {
      await this.fail(execution, kind, error).catch((failure: unknown) => {
        this.logger.error({ err: failure, kind: kind.name }, 'How a job ended could not be written down.');
      });
    }
  }

  private async fail({ job, signal }: JobExecution, kind: JobKind, error: unknown): Promise<void> {
    const now = this.clock.now();
    const lastError = errorText(error);
    if (error instanceof LeaseLost || signal.reason instanceof LeaseLost) {
      this.logger.warn({ kind: kind.name }, 'A job was taken over by another process.');
      return;
    }
    if (signal.reason instanceof ProcessStopping) {
      await this.jobs.giveBack(job, { dueAt: now, attempts: job.attempts - 1, lastError: null }, now);
      return;
    }
    const pause = pauseOfDatabase(error);
    if (pause !== undefined) {
      this.logger.warn({ err: error, kind: kind.name }, 'The database cut a job short; it goes on later.');
      const dueAt = this.clock.in(withJitter(pause));
      await this.jobs.giveBack(job, { dueAt, attempts: job.attempts - 1, lastError }, now);
    } else if (isPermanent(error) || job.attempts >= kind.attempts) {
      this.logger.error({ err: error, kind: kind.name, attempts: job.attempts }, 'A job failed and was given up.');
      await this.jobs.bury(job, lastError, now);
    } else {
      this.logger.warn(
        { err: error, kind: kind.name, attempts: job.attempts },
        'A job failed; it is tried again later.',
      );
      const dueAt = this.clock.in(withJitter(pauseAfter(kind, job.attempts)));
      await this.jobs.giveBack(job, { dueAt, attempts: job.attempts, lastError }, now);
    }
  }
}
