import { Module } from '@nestjs/common';
import { OpsController } from './ops.controller.js';
import { OpsEventsService } from './ops.events.service.js';
import { OpsJobsService } from './ops.jobs.service.js';

@Module({
  controllers: [OpsController],
  providers: [OpsEventsService, OpsJobsService],
})
export class OpsModule {}
