import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { type EmbeddedLocation, embeddedPostgres } from './embedded-postgres.js';
import { serverPostgres } from './server-postgres.js';
import { SnakeCaseNames } from './snake-case-names.js';

/** Injects the options of the database that this application stands on. */
export const DATABASE = Symbol('database');

const source = join(import.meta.dirname, '..', '..');

/** How long one statement may run, in milliseconds. */
const STATEMENT_TIMEOUT = 15_000;
/** How long a request waits for a connection, in milliseconds; the embedded engine may have to be made first. */
const SERVER_CONNECTION_TIMEOUT = 10_000;
const EMBEDDED_CONNECTION_TIMEOUT = 60_000;

/**
 * The one data source of the application, TypeORM's command line and the tests: a PostgreSQL server when `DATABASE_URL`
 * names one, else the embedded engine in `DATA_DIR`. Every `*.entity` file is a table, every file in `migrations/` a
 * migration.
 */
export async function dataSourceOptions(
  config: Config,
  embedded: EmbeddedLocation = config.dataDir,
): Promise<DataSourceOptions> {
  return {
    type: 'postgres',
    ...(config.databaseUrl
      ? { url: config.databaseUrl, driver: serverPostgres, poolSize: config.databasePoolSize }
      : { driver: embeddedPostgres(embedded), poolSize: 1 }),
    extra: {
      connectionTimeoutMillis: config.databaseUrl ? SERVER_CONNECTION_TIMEOUT : EMBEDDED_CONNECTION_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
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
