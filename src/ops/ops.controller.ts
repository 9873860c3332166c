import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { EventDeliveryDto, EventDeliveryPage, EventDeliveryQuery } from './dto/event-delivery.dto.js';
import { JobQuery } from './dto/job-query.dto.js';
import { JobCountsDto, JobDto, JobPage } from './dto/job.dto.js';
import { EventWaits, JobNotDead } from './ops.errors.js';
import { OpsEventsService } from './ops.events.service.js';
import { OpsJobsService } from './ops.jobs.service.js';
import { ReadOps, WriteOps } from './ops.permissions.js';

@About('What the shop does in the background.')
@Controller('ops')
export class OpsController {
  constructor(
    private readonly jobs: OpsJobsService,
    private readonly events: OpsEventsService,
  ) {}

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

  /** Lists events that handlers could not do, in the order in which they were recorded. */
  @Get('events')
  @Permit(ReadOps)
  listEvents(@Query() query: EventDeliveryQuery): Promise<EventDeliveryPage> {
    return this.events.list(query);
  }

  /** Returns an event that a handler could not do. */
  @Get('events/:id')
  @Permit(ReadOps)
  readEvent(@Param('id', IdPipe) id: string): Promise<EventDeliveryDto> {
    return this.events.read(id);
  }

  /** Retries an event that failed or was given up: its handler tries it again at once. */
  @Post('events/:id/retries')
  @HttpCode(200)
  @Permit(WriteOps)
  @Problems(EventWaits)
  retryEvent(@Param('id', IdPipe) id: string): Promise<EventDeliveryDto> {
    return this.events.retry(id);
  }

  /** Skips an event: its handler never does it, and goes on with the next one of the same resource. */
  @Post('events/:id/skips')
  @HttpCode(204)
  @Permit(WriteOps)
  skipEvent(@Param('id', IdPipe) id: string): Promise<void> {
    return this.events.skip(id);
  }
}
