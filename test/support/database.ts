import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { Config } from '../../src/common/config/config.js';
import { dataSourceOptions } from '../../src/common/database/data-source.js';
import { embeddedPostgres } from '../../src/common/database/embedded-postgres.js';
import { withAdvisoryLock, migrate } from '../../src/common/database/migrate.js';
import { StockroomDataSource } from '../../src/common/database/transactions.js';
import { SHARED_PARTS } from './embedded-engines.js';

/** A database of a test file's own, migrated and empty; and `dataDir` for its files, which the first one makes. */
export interface TestDatabase {
  config: Config;
  options: DataSourceOptions;
  /** Call it once the application is closed. */
  drop: () => Promise<void>;
}

/** Makes one, on the server that `TEST_DATABASE_URL` names, else on the embedded engine: a copy of a template migrated once. */
export async function createTestDatabase(settings: Partial<Config> = {}): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  const dataDir = newFolder();
  return removing(
    dataDir,
    await (server ? onServer(server, { dataDir, ...settings }) : embedded({ dataDir, ...settings })),
  );
}

/** As {@link createTestDatabase}, for several applications one after the other: what one has stored, the next one finds. */
export async function createLastingDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  const dataDir = newFolder();
  if (server) return removing(dataDir, await onServer(server, { dataDir }));
  const config = testConfig({ dataDir });
  await mkdir(dataDir);
  const engine = await PGlite.create({ dataDir: join(dataDir, 'postgres'), loadDataDir: await template() });
  await engine.close();
  return removing(dataDir, { config, options: await dataSourceOptions(config), drop: () => Promise.resolve() });
}

/** Where no other test has a folder; it is not made. */
const newFolder = (): string => join(tmpdir(), `stockroom-test-${randomUUID()}`);

/** Has a folder go with a database. */
function removing(folder: string, database: TestDatabase): TestDatabase {
  const drop = async (): Promise<void> => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...database, drop };
}

/** The configuration of an application under test. */
export const testConfig = (settings: Partial<Config>): Config =>
  Object.assign(new Config(), { nodeEnv: 'test', logLevel: 'silent', port: 0, rateLimit: 100_000 }, settings);

async function embedded(settings: Partial<Config>): Promise<TestDatabase> {
  const config = testConfig(settings);
  const options = {
    ...(await dataSourceOptions(config)),
    driver: embeddedPostgres(await template(), SHARED_PARTS),
  } as DataSourceOptions;
  return { config, options, drop: () => Promise.resolve() };
}

let loaded: Promise<Blob> | undefined;

/** In memory: of a Blob that stands for a file, Node.js may close the file while it is read, and never answers then. */
const template = (): Promise<Blob> =>
  (loaded ??= embeddedTemplate().then(async (file) => new Blob([await readFile(file)])));

/** The dump of a migrated database, kept between runs as long as the migrations are the same. */
async function embeddedTemplate(): Promise<string> {
  const cache = join('node_modules', '.cache', 'stockroom');
  const file = join(cache, `small-template-${await schemaHash()}.tar`);
  if (!existsSync(file)) {
    const dataDir = await mkdtemp(join(tmpdir(), 'stockroom-template-'));
    // small, since every test file copies it: its log, and no other databases
    const empty = await PGlite.create(join(dataDir, 'postgres'), { initDbStartParams: ['--wal-segsize=1'] });
    await empty.close();
    await migrateNew(testConfig({ dataDir }));
    const engine = await PGlite.create(join(dataDir, 'postgres'));
    await engine.exec(`UPDATE pg_database SET datistemplate = false WHERE datname IN ('template0', 'template1')`);
    await engine.exec('DROP DATABASE template0');
    await engine.exec('DROP DATABASE template1');
    const dump = await engine.dumpDataDir('none');
    await engine.close();
    await mkdir(cache, { recursive: true });
    const fresh = `${file}.${randomUUID()}`;
    await writeFile(fresh, Buffer.from(await dump.arrayBuffer()));
    // another worker may have been faster, and somebody read its file already
    await link(fresh, file).catch(() => undefined);
    await rm(fresh);
    await rm(dataDir, { recursive: true });
  }
  return file;
}

async function onServer(server: string, settings: Partial<Config>): Promise<TestDatabase> {
  const template = `stockroom_template_${await schemaHash()}`;
  const name = `stockroom_test_${randomUUID().replaceAll('-', '')}`;
  await withAdvisoryLock(testConfig({ databaseUrl: server }), async () => {
    const known = await onAdmin(server, 'SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (known.length === 0) {
      // left by a run that was ended
      await onAdmin(server, `DROP DATABASE IF EXISTS ${template}_new WITH (FORCE)`);
      await onAdmin(server, `CREATE DATABASE ${template}_new`);
      await migrateNew(testConfig({ databaseUrl: databaseOf(server, `${template}_new`) }));
      await onAdmin(server, `ALTER DATABASE ${template}_new RENAME TO ${template}`);
    }
    await onAdmin(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const config = testConfig({ ...settings, databaseUrl: databaseOf(server, name) });
  return {
    config,
    options: await dataSourceOptions(config),
    drop: async () => {
      await onAdmin(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

function databaseOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = name;
  return url.href;
}

async function onAdmin(server: string, statement: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

async function migrateNew(config: Config): Promise<void> {
  const dataSource = await new StockroomDataSource(await dataSourceOptions(config)).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

async function schemaHash(): Promise<string> {
  const folder = join('src', 'migrations');
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) hash.update(name).update(await readFile(join(folder, name)));
  return hash
    .update(await readFile('package-lock.json'))
    .digest('hex')
    .slice(0, 16);
}
