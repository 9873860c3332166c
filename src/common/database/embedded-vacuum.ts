import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import pg from 'pg';
import sql from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { run } from './statements.js';

/** How often it looks for tables to vacuum, in milliseconds. */
const INTERVAL = 60_000;
/** A table is vacuumed when it has more dead rows than this, and than a fifth of its live ones: as autovacuum decides. */
const DEAD_ROWS = 500;

/**
 * Vacuums the embedded engine, which has no process for it: rows that were changed or deleted would take up space for ever.
 * A table at a time, and none while a request waits for the one connection. A server does this by itself.
 */
@Injectable()
export class EmbeddedVacuum implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EmbeddedVacuum.name);
  private timer?: NodeJS.Timeout;
  private vacuuming: Promise<unknown> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.databaseUrl) return;
    this.timer = setInterval(() => {
      this.vacuuming = this.vacuum().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'The embedded database could not be vacuumed; it is tried again in a minute.');
      });
    }, INTERVAL).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.vacuuming;
  }

  /** Vacuums the tables that need it, the worst first. @returns their names. */
  async vacuum(): Promise<string[]> {
    const done: string[] = [];
    if (this.isBusy()) return done;
    const tables = await run<{ name: string }>(
      this.dataSource.manager,
      sql`SELECT quote_ident(relname) AS name FROM pg_stat_user_tables
          WHERE n_dead_tup > ${DEAD_ROWS} AND n_dead_tup > n_live_tup / 5 ORDER BY n_dead_tup DESC`,
    );
    for (const { name } of tables) {
      if (this.isBusy()) break;
      await this.dataSource.query(`VACUUM (ANALYZE) ${name}`);
      done.push(name);
    }
    return done;
  }

  private isBusy(): boolean {
    const pool: unknown = 'master' in this.dataSource.driver ? this.dataSource.driver.master : undefined;
    return this.stopping || (pool instanceof pg.Pool && pool.waitingCount > 0);
  }
}
