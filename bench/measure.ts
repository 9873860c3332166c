import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Database } from './database.js';
import type { Job, Load, Outcome } from './load.js';
import type { Operation, World } from './operation.js';
import type { Server, ServerName } from './servers.js';

/** How many clients ask at the same time. */
const CONNECTIONS = 32;

/** What came out for one operation: medians of the rounds. */
export interface Row {
  operation: string;
  /** Requests per second. */
  stockroom: number;
  bare: number;
  /** Null where `docs` does not do it. */
  docs: number | null;
  ratioToBare: number;
  ratioToDocs: number | null;
  /** Of Stockroom, in milliseconds. */
  p99: number;
}

/** A load, over {@link CONNECTIONS} unless it says how many. */
type Asked = Omit<Job, 'connections'> & Partial<Pick<Job, 'connections'>>;

/** The process that makes the load. */
export interface Loader {
  /** @throws Error when a request failed. */
  run(job: Asked): Promise<Load>;
  stop(): void;
}

export function startLoader(): Loader {
  const child = fork(join(import.meta.dirname, 'load.js'));
  return {
    run: async (job) => {
      child.send({ connections: CONNECTIONS, ...job } satisfies Job);
      const [outcome] = (await once(child, 'message')) as [Outcome];
      if ('fault' in outcome) throw new Error(`${job.url}${job.requests[0]?.path ?? ''}: ${outcome.fault}`);
      return outcome.load;
    },
    stop: () => {
      child.disconnect();
    },
  };
}

export interface Measurement {
  name: string;
  operation: Operation;
  servers: readonly Server[];
  world: World;
  database: Database;
  loader: Loader;
  rounds: number;
  /** Of a round, in seconds. */
  duration: number;
  /** Called after each run of the load. */
  onRun: () => void;
}

/** The servers that do an operation. */
export const serversOf = ({ withoutDocs }: Operation, servers: readonly Server[]): Server[] =>
  servers.filter(({ name }) => !(withoutDocs && name === 'docs'));

/**
 * Measures an operation on all servers that do it, in turn: one gets the load while the others are held, so that what Stockroom does in
 * the background is its own. The first turn warms them up.
 */
export async function measure(measurement: Measurement): Promise<Row> {
  const { name, operation, servers, world, database, loader, rounds, duration, onRun } = measurement;
  const jobs: { server: Server; job: Asked }[] = [];
  for (const server of serversOf(operation, servers)) {
    jobs.push({ server, job: { url: server.url, duration, requests: await operation.requests(server.url, world) } });
  }
  const loads: Record<ServerName, Load[]> = { stockroom: [], bare: [], docs: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const { server, job } of jobs) {
      const others = servers.filter((other) => other !== server);
      await hold(others, database);
      const load = await loader.run(job);
      if (load.p50 === null) throw new Error(`${name}: ${server.name} answered nothing in ${String(duration)} s`);
      if (round > 0) loads[server.name].push(load);
      await settle(database);
      await cleanUp(operation, database);
      for (const other of others) other.resume();
      onRun();
    }
  }
  const rateOf = (server: ServerName): number => median(loads[server].map(({ rate }) => rate));
  const [stockroom, bare, docs] = [rateOf('stockroom'), rateOf('bare'), operation.withoutDocs ? null : rateOf('docs')];
  return {
    operation: name,
    stockroom,
    bare,
    docs,
    ratioToBare: stockroom / bare,
    ratioToDocs: docs && stockroom / docs,
    p99: median(loads.stockroom.map(({ p99 }) => p99 ?? NaN)),
  };
}

/** How often servers are looked at until they rest, and the milliseconds in between. */
const LOOKS = 500;
const PAUSE = 20;
/** In so many looks in a row a server does nothing that has answered all requests, those too whose connection the end of the load has cut. */
const QUIET_LOOKS = 25;

/** How many of the servers' connections do something in the database. */
async function countBusy(database: Database): Promise<number> {
  const [row] = await database.query<{ busy: number }>(
    `SELECT count(*)::integer AS busy FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'`,
  );
  return row?.busy ?? 0;
}

/** Waits until a server has done what it was asked, or for some seconds: what it does in the background may take longer. */
async function settle(database: Database): Promise<void> {
  let quiet = 0;
  for (let look = 0; look < LOOKS && quiet < QUIET_LOOKS; look++) {
    quiet = (await countBusy(database)) === 0 ? quiet + 1 : 0;
    await setTimeout(PAUSE);
  }
}

/** Holds servers once nothing of theirs is under way in the database, where it would keep its locks. */
async function hold(servers: readonly Server[], database: Database): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    for (const server of servers) server.hold();
    if ((await countBusy(database)) === 0) return;
    for (const server of servers) server.resume();
    await setTimeout(PAUSE);
  }
  throw new Error('the servers do not come to rest');
}

/** How often a statement is tried that deadlocks. */
const ATTEMPTS = 10;

/** Undoes what asking has left behind, so that every round finds the same. */
export async function cleanUp({ cleanUp: statements = [] }: Operation, database: Database): Promise<void> {
  for (const statement of statements) await insist(statement, database);
}

/** What a server does in the background may be in the way of a statement. */
async function insist(statement: string, database: Database): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await database.query(statement);
      return;
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01';
      if (!isDeadlock || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
