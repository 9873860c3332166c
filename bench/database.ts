import { userInfo } from 'node:os';
import pg from 'pg';
import { startProgress } from '../src/common/cli/progress.js';
import { StartError } from '../src/common/config/start-error.js';
import { migrate } from './servers.js';
import { seed } from './seed.js';
import { seedOrders } from './seed.orders.js';

/** A database of the benchmark's own, filled. */
export interface Database {
  url: string;
  /** The server's version: `15.20`. */
  version: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Lets go of it, and drops it unless it is to be kept. */
  close(): Promise<void>;
}

/** The server that is used unless one is named. */
export const defaultServer = (): string =>
  process.env.TEST_DATABASE_URL ?? `postgres://${userInfo().username}@127.0.0.1:5432/postgres`;

/** What a database is marked with that was filled to the end. */
const FILLED = 'filled by the benchmark, with orders';

/** Makes the database for so many products, or takes the one that an earlier run kept. */
export async function openDatabase(server: string, products: number, keep: boolean): Promise<Database> {
  const admin = await connect(server);
  const name = `stockroom_bench_${String(products)}`;
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  try {
    await fill(admin, name, url, products);
  } catch (error) {
    await admin.end();
    throw error;
  }
  const client = await connect(url);
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  return {
    url,
    version: rows[0]?.server_version.split(' ')[0] ?? '',
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await client.query<Row>(text, values)).rows,
    close: async () => {
      await client.end();
      if (!keep) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** Has the database there, up to date and full; `admin` keeps others off as long as it is connected. */
async function fill(admin: pg.Client, name: string, url: string, products: number): Promise<void> {
  const { rows: locks } = await admin.query<{ free: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('bench')) AS free",
  );
  if (!locks[0]?.free)
    throw new StartError('Another benchmark is running on this server: they would disturb each other.');
  const { rows } = await admin.query<{ mark: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1`,
    [name],
  );
  if (rows[0]?.mark === FILLED) {
    await migrate(url);
    return;
  }
  await admin.query(`DROP DATABASE IF EXISTS ${name}`);
  await admin.query(`CREATE DATABASE ${name}`);
  await migrate(url);
  const client = await connect(url);
  const progress = startProgress({ label: 'Making products', total: products, unit: 'products' });
  try {
    await seed(client, products, (made) => {
      progress.update(made);
    });
    await seedOrders(client);
  } finally {
    progress.stop();
    await client.end();
  }
  await admin.query(`COMMENT ON DATABASE ${name} IS '${FILLED}'`);
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // the next query reports a connection that is lost
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
