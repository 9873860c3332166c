import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../database/locks.js';
import { run } from '../database/statements.js';
import { JobSchedule } from './entities/job-schedule.entity.js';

/** The rows of schedules, and all SQL about them. */
@Injectable()
export class JobSchedulesRepository {
  constructor(@InjectRepository(JobSchedule) private readonly rows: Repository<JobSchedule>) {}

  /** Locks a schedule until the end of the transaction. @returns its last slot; undefined of one that is new. */
  async lock(name: string): Promise<Date | undefined> {
    declareLock('job schedule');
    const [row] = await run<{ lastSlot: Date }>(
      this.rows.manager,
      sql`SELECT last_slot AS "lastSlot" FROM job_schedules WHERE name = ${name} FOR UPDATE`,
    );
    return row?.lastSlot;
  }

  /** Inserts a schedule, unless another process has. */
  async insert(name: string, lastSlot: Date): Promise<void> {
    await run(
      this.rows.manager,
      sql`INSERT INTO job_schedules (name, last_slot) VALUES (${name}, ${lastSlot}) ON CONFLICT DO NOTHING`,
    );
  }

  async update(name: string, lastSlot: Date): Promise<void> {
    await run(this.rows.manager, sql`UPDATE job_schedules SET last_slot = ${lastSlot} WHERE name = ${name}`);
  }
}
