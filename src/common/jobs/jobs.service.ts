import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { requestContext } from '../context/request-context.js';
import { Transactions } from '../database/transactions.js';
import { Clock } from '../time/clock.js';
import type { JobKind } from './define-job.js';
import type { RunningJob } from './job-execution.js';
import { JobRunner } from './job-runner.js';
import { JobsRepository, type NewJob } from './jobs.repository.js';
import { type Schedule, ScheduleList } from './schedule-list.js';

/** When a job begins, and what it is the same as. */
export interface EnqueueOptions {
  /** Not before this; at once by default. */
  runAt?: Date;
  /** While a job of the kind with the same key waits, there is no second one: the first one does the work of both. */
  key?: string;
}

/** Work that outlives a request: it commits with its cause, survives a crash, and is tried again when it fails. */
@Injectable()
export class JobsService {
  private readonly list = new ScheduleList();

  constructor(
    private readonly repository: JobsRepository,
    private readonly runner: JobRunner,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** What is done again and again, by this process or another one. */
  get schedules(): readonly Schedule[] {
    return this.list.all;
  }

  /**
   * Enqueues a job: it commits with the unit of work that is open around the caller, or is rolled back with it. It is done at least
   * once, after the commit.
   * @param data as JSON; secrets in it have to be sealed.
   * @returns the id of the job, or of the one with the same key that waits already.
   */
  async enqueue<Data>(kind: JobKind<Data>, data: Data, { runAt, key }: EnqueueOptions = {}): Promise<string> {
    const now = this.clock.now();
    const cause = requestContext();
    const job: NewJob = {
      id: uuidv7(),
      kind: kind.name,
      key: key ?? null,
      data,
      dueAt: runAt ?? now,
      requestId: cause.requestId ?? null,
      traceId: cause.trace_id ?? null,
      userId: cause.callerId ?? null,
    };
    const isAlone = key === undefined && this.transactions.isOpen;
    if (isAlone) this.repository.insertLast(job, now);
    const id = isAlone ? job.id : await this.repository.insert(job, now);
    // a job for later is found by JobPoll
    if (job.dueAt <= now)
      this.transactions.afterCommit(() => {
        this.runner.wake();
      });
    return id;
  }

  /**
   * Registers what does the jobs of a kind, outside of any transaction; call it in `onModuleInit`. A job may be done more than
   * once: what it does has to bear that. A failure is tried again, unless it is an AppError that stays (`invalid`, `not-found` …).
   */
  handle<Data>(kind: JobKind<Data>, handle: (data: Data, job: RunningJob) => Promise<void>): void {
    // what is in the row was given to enqueue() for the same kind
    this.runner.handle(kind, (data, job) => handle(data as Data, job));
  }

  /**
   * Has a job done once in each slot of so many seconds, over all processes; call it in `onModuleInit`. Slots are multiples of the
   * interval since 1970. When slots were missed, because no process ran or the database was away, the job is done once for all of them.
   */
  schedule(name: string, { everySeconds, job }: Omit<Schedule, 'name'>): void {
    this.list.add({ name, everySeconds, job });
  }

  /** Deletes jobs that finished, or died, before a time each. @returns how many. */
  deleteOld(finishedBefore: Date, deadBefore: Date, limit: number): Promise<number> {
    return this.repository.deleteOld(finishedBefore, deadBefore, limit);
  }
}
