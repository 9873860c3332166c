import { Injectable } from '@nestjs/common';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import { JobRunner } from '../common/jobs/job-runner.js';
import { JobsOverviewRepository } from '../common/jobs/jobs.overview.repository.js';
import { Clock } from '../common/time/clock.js';
import type { JobQuery } from './dto/job-query.dto.js';
import { type JobCountsDto, type JobDto, type JobPage, MAX_COUNTS, toJobCountDto, toJobDto } from './dto/job.dto.js';
import { JobNotDead } from './ops.errors.js';

/** The jobs of the shop, as staff see them. */
@Injectable()
export class OpsJobsService {
  constructor(
    private readonly jobs: JobsOverviewRepository,
    private readonly runner: JobRunner,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  async list(asked: JobQuery): Promise<JobPage> {
    return mapPage(await this.jobs.readPage(this.pages.open(asked)), toJobDto);
  }

  async count(): Promise<JobCountsDto> {
    return { counts: (await this.jobs.count(MAX_COUNTS)).map(toJobCountDto) };
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<JobDto> {
    const row = await this.jobs.find(id);
    if (!row) throw notFound(id);
    return toJobDto(row);
  }

  /** Has a job that was given up tried again, from its first attempt. @throws AppError 404; 409 for one that was not. */
  async retry(id: string): Promise<JobDto> {
    return this.transactions.run(async () => {
      const state = await this.jobs.lock(id);
      if (state === undefined) throw notFound(id);
      if (state !== 'dead') throw new AppError(JobNotDead, `The job is ${state}.`);
      await mapConstraintErrors(
        {
          jobs_waiting_unique_by_key: () => new AppError(JobNotDead, 'Another job with the same key waits already.'),
        },
        this.jobs.revive(id, this.clock.now()),
      );
      this.transactions.afterCommit(() => {
        this.runner.wake();
      });
      return this.read(id);
    });
  }
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no job ${id}.`);
