import { Module } from '@nestjs/common';
import { OpsController } from './ops.controller.js';
import { OpsJobsService } from './ops.jobs.service.js';

@Module({
  controllers: [OpsController],
  providers: [OpsJobsService],
})
export class OpsModule {}
