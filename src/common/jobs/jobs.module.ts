import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobSchedule } from './entities/job-schedule.entity.js';
import { Job } from './entities/job.entity.js';
import { JobPoll } from './job-poll.js';
import { JobRunner } from './job-runner.js';
import { JobSchedulesRepository } from './job-schedules.repository.js';
import { JobsRepository } from './jobs.repository.js';
import { JobsOverviewRepository } from './jobs.overview.repository.js';
import { JobsService } from './jobs.service.js';
import { Schedules } from './schedules.js';

/** Jobs and schedules: what every feature may enqueue and handle. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Job, JobSchedule])],
  providers: [
    JobPoll,
    JobRunner,
    JobsRepository,
    JobSchedulesRepository,
    JobsOverviewRepository,
    JobsService,
    Schedules,
  ],
  exports: [JobRunner, JobsOverviewRepository, JobsService],
})
export class JobsModule {}
