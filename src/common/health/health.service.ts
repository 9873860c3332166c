import { Injectable } from '@nestjs/common';
import { DatabaseProbe, type DatabaseState } from '../database/probe.js';
import { AppError } from '../errors/app-error.js';
import { Unavailable } from '../errors/errors.js';
import type { HealthDto } from './health.dto.js';
import { Lifecycle } from './lifecycle.js';

/** For how long what the database answered is taken to be so, in milliseconds: however often readiness is asked. */
const LIFETIME = 250;

/** What readiness says of a database that cannot be used. 53100 is PostgreSQL's SQLSTATE of a full disk. */
const reasonOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '53100'
    ? 'The disk of the database is full.'
    : 'The database does not answer.';

/** Whether the process can do its work. */
@Injectable()
export class HealthService {
  private state?: Promise<DatabaseState>;
  private askedAt = -Infinity;

  constructor(
    private readonly probe: DatabaseProbe,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** @throws AppError 503 while the process stops, or has no database that takes writes; within about a second. */
  async ready(): Promise<HealthDto> {
    if (this.lifecycle.draining) throw new AppError(Unavailable, 'The process is stopping.');
    const database = await this.databaseState();
    switch (database.state) {
      case 'ok':
        return { status: 'ok' };
      case 'read-only':
        throw new AppError(Unavailable, 'The database is read-only.');
      case 'unreachable':
        throw new AppError(Unavailable, reasonOf(database.cause), {}, { cause: database.cause });
    }
  }

  private databaseState(): Promise<DatabaseState> {
    const now = performance.now();
    if (!this.state || now - this.askedAt > LIFETIME) {
      this.askedAt = now;
      this.state = this.probe.readState();
    }
    return this.state;
  }
}
