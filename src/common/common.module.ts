import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { BackgroundWork } from './background/background-work.js';
import { Retention } from './background/retention.js';
import { DATABASE } from './database/data-source.js';
import { EmbeddedVacuum } from './database/embedded-vacuum.js';
import { DatabaseProbe } from './database/probe.js';
import { StockroomDataSource, Transactions } from './database/transactions.js';
import { EventsModule } from './events/events.module.js';
import { FilesModule } from './files/files.module.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { Lifecycle } from './health/lifecycle.js';
import { IdempotencyKeysRepository } from './http/idempotency/idempotency-keys.repository.js';
import { IdempotencyKeys } from './http/idempotency/idempotency-keys.js';
import { PhasedRequests } from './http/idempotency/phased-requests.js';
import { StrictQueryGuard } from './http/input/strict-query.guard.js';
import { StrictValidationPipe } from './http/input/validation.pipe.js';
import { Counters } from './http/limits/counters.js';
import { Limits } from './http/limits/limits.js';
import { Cursors } from './http/paging/cursors.js';
import { Pages } from './http/paging/pages.js';
import { ProblemFilter } from './http/problems/problem.filter.js';
import { ProblemsController } from './http/problems/problems.controller.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MailModule } from './mail/mail.module.js';
import { AccessGuard } from './security/access.guard.js';
import { Secrets } from './security/secrets.js';
import { SecurityLog } from './security/security-log.js';
import { SignInStrategy } from './security/sign-in.js';
import { Clock } from './time/clock.js';

/** The platform: what every feature stands on, and what is done to every request. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [DATABASE],
      useFactory: (options: DataSourceOptions) => ({ ...options, retryAttempts: 0 }),
      dataSourceFactory: async (options) => {
        if (!options) throw new Error('no database is configured');
        return new StockroomDataSource(options).initialize();
      },
    }),
    EventsModule,
    FilesModule,
    JobsModule,
    MailModule,
  ],
  controllers: [HealthController, ProblemsController],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: APP_GUARD, useClass: StrictQueryGuard },
    { provide: APP_PIPE, useClass: StrictValidationPipe },
    AccessGuard,
    BackgroundWork,
    Clock,
    Counters,
    Cursors,
    DatabaseProbe,
    HealthService,
    EmbeddedVacuum,
    IdempotencyKeys,
    IdempotencyKeysRepository,
    Lifecycle,
    Limits,
    Pages,
    PhasedRequests,
    Retention,
    Secrets,
    SecurityLog,
    SignInStrategy,
    Transactions,
  ],
  exports: [
    BackgroundWork,
    Clock,
    Counters,
    IdempotencyKeys,
    Lifecycle,
    Pages,
    PhasedRequests,
    Retention,
    Secrets,
    SecurityLog,
    SignInStrategy,
    Transactions,
  ],
})
export class CommonModule {}
