import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ImportsModule } from '../imports/imports.module.js';
import { UsersModule } from '../users/users.module.js';
import { DemoService } from './demo.service.js';

@Module({
  imports: [AuthModule, ImportsModule, UsersModule],
  providers: [DemoService],
  exports: [DemoService],
})
export class DemoModule {}
