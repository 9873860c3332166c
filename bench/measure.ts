import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Database } from './database.js';
import type { Job, Load, Outcome } from './load.js';
import type { Operation, World } from './operations.js';
import { type Server, type ServerName, SERVERS } from './servers.js';

/** How many clients ask at the same time. */
const CONNECTIONS = 32;

/** What came out for one operation: medians of the rounds. */
export interface Row {
  operation: string;
  /** Requests per second. */
  stockroom: number;
  bare: number;
  docs: number;
  ratioToBare: number;
  ratioToDocs: number;
  /** Of Stockroom, in milliseconds. */
  p99: number;
}

/** The process that makes the load. */
export interface Loader {
  /** @throws Error when a request failed. */
  run(job: Omit<Job, 'connections'>): Promise<Load>;
  stop(): void;
}

export function startLoader(): Loader {
  const child = fork(join(import.meta.dirname, 'load.js'));
  return {
    run: async (job) => {
      child.send({ ...job, connections: CONNECTIONS } satisfies Job);
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

/** Measures an operation on all servers, in turn: one gets the load while the others wait. The first turn warms them up. */
export async function measure(measurement: Measurement): Promise<Row> {
  const { name, operation, servers, world, database, loader, rounds, duration, onRun } = measurement;
  const jobs = await Promise.all(
    servers.map(async ({ name: server, url }) => ({
      server,
      job: { url, duration, requests: await operation.requests(url, world) },
    })),
  );
  const loads: Record<ServerName, Load[]> = { stockroom: [], bare: [], docs: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const { server, job } of jobs) {
      const load = await loader.run(job);
      if (load.p50 === null) throw new Error(`${name}: ${server} answered nothing in ${String(duration)} s`);
      if (round > 0) loads[server].push(load);
      await cleanUp(operation, database);
      onRun();
    }
  }
  const [stockroom, bare, docs] = SERVERS.map((server) => median(loads[server].map(({ rate }) => rate)));
  if (stockroom === undefined || bare === undefined || docs === undefined) throw new Error('nothing was measured');
  return {
    operation: name,
    stockroom,
    bare,
    docs,
    ratioToBare: stockroom / bare,
    ratioToDocs: stockroom / docs,
    p99: median(loads.stockroom.map(({ p99 }) => p99 ?? NaN)),
  };
}

/** Undoes what asking has left behind, so that every round finds the same. */
export async function cleanUp({ cleanUp: statements = [] }: Operation, database: Database): Promise<void> {
  for (const statement of statements) await database.query(statement);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
