import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { DatabaseClient } from './client.js';
import { type EmbeddedLocation, embeddedPostgres } from './embedded-postgres.js';
import { serverPostgres } from './server-postgres.js';
import { SnakeCaseNames } from './snake-case-names.js';

/** Injects the options of the database that this application stands on. */
export const DATABASE = Symbol('database');

const source = join(import.meta.dirname, '..', '..');

/** How long a statement may run, and wait for a lock, in milliseconds; 0: for ever. */
export interface TimeLimits {
  statement: number;
  lock: number;
}

/** Of migrations, which may rewrite a table, but must not make requests wait behind them for long. */
export const MIGRATION_LIMITS: TimeLimits = { statement: 0, lock: 4000 };

/** How long a request waits for a connection, in milliseconds; the embedded engine may have to be created first. */
const SERVER_CONNECTION_TIMEOUT = 5000;
const EMBEDDED_CONNECTION_TIMEOUT = 180_000;

/**
 * The one data source of the application, TypeORM's command line and the tests: a PostgreSQL server when `DATABASE_URL`
 * names one, else the embedded engine in `DATA_DIR`. Every `*.entity` file is a table, every file in `migrations/` a
 * migration.
 * @param limits of each statement; those of a request by default.
 */
export async function dataSourceOptions(
  config: Config,
  embedded: EmbeddedLocation = config.dataDir,
  limits: TimeLimits = { statement: config.databaseStatementTimeout, lock: config.databaseLockTimeout },
): Promise<DataSourceOptions> {
  return {
    type: 'postgres',
    ...(config.databaseUrl
      ? { url: config.databaseUrl, driver: serverPostgres, poolSize: config.databasePoolSize }
      : { driver: embeddedPostgres(embedded), poolSize: 1 }),
    extra: {
      connectionTimeoutMillis: config.databaseUrl ? SERVER_CONNECTION_TIMEOUT : EMBEDDED_CONNECTION_TIMEOUT,
      // given when a connection is made, so that they cost no statement
      statement_timeout: limits.statement,
      lock_timeout: limits.lock,
      Client: DatabaseClient,
    },
    applicationName: 'stockroom',
    installExtensions: false,
    namingStrategy: new SnakeCaseNames(),
    entities: await classesIn('**/*.entity.{ts,js}'),
    migrations: await classesIn('migrations/*.{ts,js}'),
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
  };
}

// Whole numbers beyond 32 bits (amounts, counts) are numbers here, exact to 2^53 - 1.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond what a number holds exactly`);
  return value;
});

type Class = new () => object;

const isClass = (value: unknown): value is Class => typeof value === 'function';

async function classesIn(pattern: string): Promise<Class[]> {
  const files = (await Array.fromAsync(glob(pattern, { cwd: source }))).filter((file) => !/\.(d|spec)\./.test(file));
  const modules = await Promise.all(
    files.sort().map(async (file): Promise<unknown> => import(pathToFileURL(join(source, file)).href)),
  );
  return modules.flatMap((module) =>
    typeof module === 'object' && module !== null ? Object.values(module).filter(isClass) : [],
  );
}
