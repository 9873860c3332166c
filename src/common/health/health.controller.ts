import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../http/problem.js';
import { Unavailable } from '../http/problems.js';
import { Public } from '../security/access.js';
import { HealthDto } from './health.dto.js';
import { Lifecycle } from './lifecycle.js';

/** What an orchestrator asks: is the process alive, and may it get requests. */
@Public()
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Whether the process is alive. Never asks the database. */
  @Get('livez')
  live(): HealthDto {
    return { status: 'ok' };
  }

  /** Whether the process may get requests: it has its database, and is not stopping. */
  @Get('readyz')
  async ready(): Promise<HealthDto> {
    if (this.lifecycle.draining) throw new Problem(Unavailable, 'The process is stopping.');
    await this.dataSource.query('SELECT 1').catch((error: unknown) => {
      throw new Problem(Unavailable, 'The database does not answer.', {}, { cause: error });
    });
    return { status: 'ok' };
  }
}
