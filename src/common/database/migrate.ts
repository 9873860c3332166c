import { setTimeout } from 'node:timers/promises';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { Config } from '../config/config.js';
import { StartError } from '../config/start-error.js';
import { DatabaseClient } from './client.js';
import { MIGRATION_LIMITS, type TimeLimits } from './data-source.js';
import { databaseFailure } from './failures.js';
import { ADVISORY_KEYS } from './locks.js';
import { requireDatabase } from './requirements.js';
import { findOtherSearchLanguage, useSearchLanguage } from './search-language.js';

/**
 * Does `work` while no other process on the same database does: of ten that start at once one migrates and seeds, the
 * others wait and find it done. The embedded engine belongs to one process anyway.
 */
export async function withAdvisoryLock<T>(config: Config, work: () => Promise<T>): Promise<T> {
  if (!config.databaseUrl) return work();
  const client = new DatabaseClient({ connectionString: config.databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_KEYS.startUp]);
    return await work();
  } finally {
    await client.end();
  }
}

/** How often a migration tries to get its locks, and the longest pause before it tries again, in milliseconds. */
const ATTEMPTS = 10;
const PAUSE = 2000;

/**
 * Applies the migrations that are missing, in order, each in a transaction. One may run for as long as it has to, but waits for
 * a lock for seconds only, because requests queue behind it meanwhile; then it tries again.
 * @returns the names of those that were applied.
 * @throws StartError when others hold what a migration has to lock, each time.
 */
export async function migrate(dataSource: DataSource, limits: TimeLimits = MIGRATION_LIMITS): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    return await within(limits, runner, async () => {
      const applied: string[] = [];
      for (let attempt = 1; ; attempt++) {
        try {
          applied.push(...(await applyMissing(dataSource, runner)));
          return applied;
        } catch (error) {
          if (databaseFailure(error)?.kind !== 'locked') throw error;
          if (attempt === ATTEMPTS) throw new StartError(LOCKED);
        }
        await setTimeout(Math.random() * PAUSE);
      }
    });
  } finally {
    await runner.release();
  }
}

const LOCKED =
  'A migration could not lock a table, because other transactions hold it. End them (see pg_stat_activity) and run the ' +
  'migrations again: those before it are applied.';

function executorOf(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  return executor;
}

async function applyMissing(dataSource: DataSource, runner: QueryRunner): Promise<string[]> {
  const applied = await executorOf(dataSource, runner).executePendingMigrations();
  return applied.map(({ name }) => name);
}

/** Does `work` on a connection whose limits are other ones meanwhile. */
async function within<T>(limits: TimeLimits, runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const client: unknown = await runner.connect();
  const answerTimeout = client instanceof DatabaseClient ? client.answerTimeout : 0;
  if (client instanceof DatabaseClient) client.answerTimeout = 0;
  await runner.query(`SET statement_timeout = ${String(limits.statement)}`);
  await runner.query(`SET lock_timeout = ${String(limits.lock)}`);
  try {
    return await work();
  } finally {
    // a connection that broke is not used again
    await runner.query('RESET statement_timeout').catch(() => undefined);
    await runner.query('RESET lock_timeout').catch(() => undefined);
    if (client instanceof DatabaseClient) client.answerTimeout = answerTimeout;
  }
}

/**
 * Sees that the database is of this version: in development it is migrated, and `seed` follows under the same lock; in
 * production migrating is a step of its own.
 * @throws StartError in production when migrations are missing, or the search is indexed in another language; anywhere when the database
 * cannot be used.
 */
export async function ensureMigrated(
  config: Config,
  dataSource: DataSource,
  seed?: () => Promise<void>,
): Promise<void> {
  await requireDatabase(dataSource);
  const { searchLanguage } = config;
  if (config.production) {
    if (await dataSource.showMigrations()) {
      throw new StartError('The database lacks migrations of this version: run `npm run db:migrate` first.');
    }
    const indexed = await findOtherSearchLanguage(dataSource, searchLanguage);
    if (indexed === undefined) return;
    throw new StartError(
      `SEARCH_LANGUAGE is ${searchLanguage}, and the database is indexed in ${indexed}: run \`npm run db:migrate\` first.`,
    );
  }
  await withAdvisoryLock(config, async () => {
    await migrate(dataSource);
    await useSearchLanguage(dataSource, searchLanguage);
    await seed?.();
  });
}
