import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../database/locks.js';
import { queryShared, run } from '../database/statements.js';
import { type AskedList, type Page, Pages } from '../http/paging/pages.js';
import type { PageQuery } from '../http/paging/page.dto.js';
import { Job, type JobState } from './entities/job.entity.js';

/** A job as staff see it: without its data, which may be secret. */
export type JobRow = Omit<Job, 'data' | 'leaseId' | 'traceId'>;

/** How many jobs of a kind are in a state. */
export interface JobCount {
  kind: string;
  state: JobState;
  count: number;
}

const COLUMNS = raw(`
  j.id, j.kind, j.key, j.state, j.due_at AS "dueAt", j.attempts, j.progress_done AS "progressDone",
  j.progress_total AS "progressTotal", j.last_error AS "lastError", j.request_id AS "requestId", j.user_id AS "userId",
  j.created_at AS "createdAt", j.updated_at AS "updatedAt", j.finished_at AS "finishedAt"`);

/** What staff read and change of the rows of jobs, and all SQL about that. */
@Injectable()
export class JobsOverviewRepository {
  constructor(
    @InjectRepository(Job) private readonly rows: Repository<Job>,
    private readonly pages: Pages,
  ) {}

  /** One page of the list, the latest first. */
  async readPage(list: AskedList<PageQuery & { kind?: string; state?: JobState }>): Promise<Page<JobRow>> {
    const { kind, state } = list.query;
    return this.pages.read<JobRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('jobs j'),
      where: [kind !== undefined && sql`j.kind = ${kind}`, state !== undefined && sql`j.state = ${state}`].filter(
        (condition): condition is Sql => condition !== false,
      ),
      id: raw('j.id'),
      sort: { expression: raw('j.created_at'), type: 'timestamptz', descending: true },
    });
  }

  async find(id: string): Promise<JobRow | undefined> {
    const [row] = await queryShared<JobRow>(this.rows.manager, sql`SELECT ${COLUMNS} FROM jobs j WHERE j.id = ${id}`);
    return row;
  }

  /** At most `limit` counts, by kind and state. */
  async count(limit: number): Promise<JobCount[]> {
    return run<JobCount>(
      this.rows.manager,
      sql`SELECT kind, state, count(*) AS count FROM jobs GROUP BY kind, state ORDER BY kind, state LIMIT ${limit}`,
    );
  }

  /** Locks a job until the end of the transaction. @returns its state. */
  async lock(id: string): Promise<JobState | undefined> {
    declareLock('job');
    const [row] = await run<{ state: JobState }>(
      this.rows.manager,
      sql`SELECT state FROM jobs WHERE id = ${id} FOR UPDATE`,
    );
    return row?.state;
  }

  /** Has a dead job wait again, with all its attempts. */
  async revive(id: string, now: Date): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE jobs SET state = 'waiting', attempts = 0, due_at = ${now}, finished_at = NULL, updated_at = ${now}
          WHERE id = ${id} AND state = 'dead'`,
    );
  }
}
