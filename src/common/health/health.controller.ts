import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { Unlimited } from '../http/limits/limits.js';
import { About } from '../openapi/about.js';
import { Public } from '../security/access.js';
import { HealthDto } from './health.dto.js';
import { HealthService } from './health.service.js';

@About('What an orchestrator asks: is the process alive, and may it get requests.')
@Public()
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** Reports whether the process is alive. Never asks the database. */
  @Unlimited()
  @Get('livez')
  live(): HealthDto {
    return { status: 'ok' };
  }

  /** Reports whether the process can serve requests: the database answers, and it is not stopping. */
  @Unlimited()
  @Get('readyz')
  ready(): Promise<HealthDto> {
    return this.health.ready();
  }
}
