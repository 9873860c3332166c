import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run, runForRow } from '../database/statements.js';
import { Transactions } from '../database/transactions.js';
import type { JobKind } from './define-job.js';
import { Job } from './entities/job.entity.js';

/** What a new job is. */
export type NewJob = Pick<Job, 'id' | 'kind' | 'key' | 'data' | 'dueAt' | 'requestId' | 'traceId' | 'userId'>;

/** A job that a process has taken. */
export type ClaimedJob = Pick<
  Job,
  'id' | 'kind' | 'state' | 'data' | 'attempts' | 'requestId' | 'traceId' | 'userId'
> & { leaseId: string };

/** One execution of a job: only the one that has the lease writes down how the job ends. */
export type Lease = Pick<ClaimedJob, 'id' | 'leaseId'>;

/** How many more jobs of a kind a process takes. */
export interface Capacity {
  kind: JobKind;
  free: number;
}

/** How far a job is. */
export interface Progress {
  done: number;
  total: number | null;
}

const ENDED_WITHOUT_WORD = 'The process ended, or lost the database, during each attempt.';

const isLeased = ({ id, leaseId }: Lease): Sql =>
  sql`jobs.id = ${id} AND jobs.lease_id = ${leaseId} AND jobs.state = 'running'`;

/** The rows of jobs, and all SQL about them but what staff read. */
@Injectable()
export class JobsRepository {
  constructor(
    @InjectRepository(Job) private readonly rows: Repository<Job>,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Inserts a job; where one of its kind and key waits, that one is it. It is locked then until the end of the transaction: should it
   * begin before, it would not see what the transaction has changed. What is new about it has all its attempts.
   * @returns the id of the job that waits now.
   */
  async insert(job: NewJob, now: Date): Promise<string> {
    const { id } = await runForRow<{ id: string }>(
      this.rows.manager,
      sql`INSERT INTO jobs (id, kind, key, data, due_at, request_id, trace_id, user_id, created_at, updated_at)
          VALUES (${job.id}, ${job.kind}, ${job.key}, ${JSON.stringify(job.data)}, ${job.dueAt}, ${job.requestId},
            ${job.traceId}, ${job.userId}, ${now}, ${now})
          ON CONFLICT (kind, key) WHERE state = 'waiting' AND key IS NOT NULL
            DO UPDATE SET due_at = least(jobs.due_at, excluded.due_at), attempts = 0
          RETURNING id`,
    );
    return id;
  }

  /** Inserts a job that has no key when the open unit of work commits. */
  insertLast(job: NewJob, now: Date): void {
    this.transactions.writeLast(insertionOf, [{ ...job, now }]);
  }

  /**
   * Takes jobs that are due, of several kinds at once, and those of processes that gave no sign of life. One that has no attempt left
   * ended its process each time: it becomes dead.
   * @param running the jobs that this process executes: it does not take them from itself.
   */
  async claim(capacities: readonly Capacity[], leaseId: string, running: string[], now: Date): Promise<ClaimedJob[]> {
    const columnOf = <T>(value: (capacity: Capacity) => T): T[] => capacities.map(value);
    return run<ClaimedJob>(
      this.rows.manager,
      sql`WITH due AS MATERIALIZED (
            SELECT found.id, found.attempts < wanted.attempts AS is_left, wanted.lease
            FROM unnest(
              ${columnOf(({ kind }) => kind.name)}::text[], ${columnOf(({ free }) => free)}::integer[],
              ${columnOf(({ kind }) => kind.attempts)}::integer[], ${columnOf(({ kind }) => kind.lease)}::integer[]
            ) AS wanted (kind, free, attempts, lease)
            CROSS JOIN LATERAL (
              SELECT j.id, j.attempts FROM jobs j
              WHERE j.kind = wanted.kind AND j.state IN ('waiting', 'running') AND j.due_at <= ${now}
                AND j.id <> ALL (${running}::uuid[])
              ORDER BY j.due_at, j.id LIMIT wanted.free FOR UPDATE SKIP LOCKED
            ) found
          )
          UPDATE jobs SET
            state = CASE WHEN due.is_left THEN 'running' ELSE 'dead' END,
            attempts = CASE WHEN due.is_left THEN jobs.attempts + 1 ELSE jobs.attempts END,
            lease_id = CASE WHEN due.is_left THEN ${leaseId}::uuid END,
            due_at = CASE WHEN due.is_left THEN ${now}::timestamptz + due.lease * interval '1 second' ELSE jobs.due_at END,
            last_error = CASE WHEN due.is_left THEN jobs.last_error ELSE coalesce(jobs.last_error, ${ENDED_WITHOUT_WORD}) END,
            finished_at = CASE WHEN due.is_left THEN NULL ELSE ${now}::timestamptz END,
            updated_at = ${now}
          FROM due WHERE jobs.id = due.id
          RETURNING jobs.id, jobs.kind, jobs.state, jobs.data, jobs.attempts, ${leaseId} AS "leaseId",
            jobs.request_id AS "requestId", jobs.trace_id AS "traceId", jobs.user_id AS "userId"`,
    );
  }

  /** Says that the process of a job lives. @returns whether the job is still its own. */
  async renew(lease: Lease, until: Date): Promise<boolean> {
    const renewed = await run(
      this.rows.manager,
      sql`UPDATE jobs SET due_at = ${until} WHERE ${isLeased(lease)} RETURNING id`,
    );
    return renewed.length > 0;
  }

  async updateProgress(lease: Lease, { done, total }: Progress, now: Date): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE jobs SET progress_done = ${done}, progress_total = ${total}, updated_at = ${now}
          WHERE ${isLeased(lease)}`,
    );
  }

  /** Ends a job, and deletes its data. @returns whether it was still this execution's. */
  async finish(lease: Lease, progress: Progress | undefined, now: Date): Promise<boolean> {
    const { done = null, total = null } = progress ?? {};
    const finished = await run(
      this.rows.manager,
      sql`UPDATE jobs SET state = 'finished', data = NULL, lease_id = NULL, last_error = NULL, finished_at = ${now},
            updated_at = ${now}, progress_done = coalesce(${done}, progress_done),
            progress_total = coalesce(${total}, progress_total)
          WHERE ${isLeased(lease)} RETURNING id`,
    );
    return finished.length > 0;
  }

  /**
   * Has a job wait again. Where another one of its kind and key waits by now, this one has finished: that one does the same.
   * @param attempts how many it has used up.
   */
  async giveBack(
    lease: Lease,
    { dueAt, attempts, lastError }: Pick<Job, 'dueAt' | 'attempts' | 'lastError'>,
    now: Date,
  ): Promise<boolean> {
    const givenBack = await run(
      this.rows.manager,
      sql`WITH job AS (
            SELECT j.id, EXISTS (
              SELECT FROM jobs other WHERE other.kind = j.kind AND other.key = j.key AND other.state = 'waiting'
            ) AS is_replaced
            FROM jobs j WHERE j.id = ${lease.id}
          )
          UPDATE jobs SET
            state = CASE WHEN job.is_replaced THEN 'finished' ELSE 'waiting' END,
            data = CASE WHEN job.is_replaced THEN NULL ELSE data END,
            finished_at = CASE WHEN job.is_replaced THEN ${now}::timestamptz END,
            lease_id = NULL, due_at = ${dueAt}, attempts = ${attempts}, last_error = coalesce(${lastError}, last_error),
            updated_at = ${now}
          FROM job WHERE job.id = jobs.id AND ${isLeased(lease)} RETURNING jobs.id`,
    );
    return givenBack.length > 0;
  }

  /** Gives a job up. Its data stays, so that staff can have it tried again. */
  async bury(lease: Lease, lastError: string, now: Date): Promise<boolean> {
    const buried = await run(
      this.rows.manager,
      sql`UPDATE jobs SET state = 'dead', lease_id = NULL, last_error = ${lastError}, finished_at = ${now},
            updated_at = ${now}
          WHERE ${isLeased(lease)} RETURNING id`,
    );
    return buried.length > 0;
  }

  /** Deletes what ended long ago. @returns how many rows; fewer than `limit` says that nothing is left. */
  async deleteOld(finishedBefore: Date, deadBefore: Date, limit: number): Promise<number> {
    const deleted = await run(
      this.rows.manager,
      sql`DELETE FROM jobs WHERE id IN (
            SELECT id FROM jobs
            WHERE finished_at <= ${finishedBefore} AND (state = 'finished' OR finished_at <= ${deadBefore})
            ORDER BY finished_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
    return deleted.length;
  }
}

const insertionOf = (jobs: readonly (NewJob & { now: Date })[]): Sql => sql`
  INSERT INTO jobs (id, kind, data, due_at, request_id, trace_id, user_id, created_at, updated_at)
  SELECT id, kind, data, "dueAt", "requestId", "traceId", "userId", now, now
  FROM jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) AS job (
    id uuid, kind text, data jsonb, "dueAt" timestamptz, "requestId" text, "traceId" text, "userId" uuid, now timestamptz)`;
