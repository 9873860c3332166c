import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { JobQuery } from './dto/job-query.dto.js';
import { JobCountsDto, JobDto, JobPage } from './dto/job.dto.js';
import { JobNotDead } from './ops.errors.js';
import { OpsJobsService } from './ops.jobs.service.js';
import { ReadOps, WriteOps } from './ops.permissions.js';

@About('What the shop does in the background.')
@Controller('ops')
export class OpsController {
  constructor(private readonly jobs: OpsJobsService) {}

  /** Lists jobs, the newest first, filtered by kind or state. */
  @Get('jobs')
  @Permit(ReadOps)
  listJobs(@Query() query: JobQuery): Promise<JobPage> {
    return this.jobs.list(query);
  }

  /** Counts jobs by kind and state. */
  @Get('job-counts')
  @Permit(ReadOps)
  countJobs(): Promise<JobCountsDto> {
    return this.jobs.count();
  }

  /** Returns a job. */
  @Get('jobs/:id')
  @Permit(ReadOps)
  readJob(@Param('id', IdPipe) id: string): Promise<JobDto> {
    return this.jobs.read(id);
  }

  /** Retries a job that was given up: it waits again, with all its attempts. */
  @Post('jobs/:id/retries')
  @HttpCode(200)
  @Permit(WriteOps)
  @Problems(JobNotDead)
  retryJob(@Param('id', IdPipe) id: string): Promise<JobDto> {
    return this.jobs.retry(id);
  }
}
