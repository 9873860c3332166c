import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import { StartError } from '../config/start-error.js';

/** Any number will do as long as it is Stockroom's: the key of the advisory lock that start-up work is done under. */
const START_UP_LOCK = 7_362_184_051;

/**
 * Does `work` while no other process on the same database does: of ten that start at once one migrates and seeds, the
 * others wait and find it done. The embedded engine belongs to one process anyway.
 */
export async function exclusively<T>(config: Config, work: () => Promise<T>): Promise<T> {
  if (!config.databaseUrl) return work();
  const client = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [START_UP_LOCK]);
    return await work();
  } finally {
    await client.end();
  }
}

/** Applies the migrations that are missing, in order; returns their names. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const applied = await dataSource.runMigrations();
  return applied.map((migration) => migration.name);
}

/**
 * Sees that the database is of this version: in development it is migrated, and `seed` follows under the same lock; in
 * production migrating is a step of its own.
 * @throws StartError in production when migrations are missing.
 */
export async function bringUpToDate(config: Config, dataSource: DataSource, seed?: () => Promise<void>): Promise<void> {
  if (config.production) {
    if (!(await dataSource.showMigrations())) return;
    throw new StartError('The database lacks migrations of this version: run `npm run db:migrate` first.');
  }
  await exclusively(config, async () => {
    await migrate(dataSource);
    await seed?.();
  });
}
