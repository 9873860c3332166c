import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../http/problem.js';
import { Unavailable } from '../http/problems.js';
import type { HealthDto } from './health.dto.js';
import { Lifecycle } from './lifecycle.js';

/** Whether the process can do its work. */
@Injectable()
export class HealthService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** @throws Problem 503 while the process stops, or has lost its database. */
  async ready(): Promise<HealthDto> {
    if (this.lifecycle.draining) throw new Problem(Unavailable, 'The process is stopping.');
    try {
      await this.dataSource.query('SELECT 1');
    } catch (cause) {
      throw new Problem(Unavailable, 'The database does not answer.', {}, { cause });
    }
    return { status: 'ok' };
  }
}
