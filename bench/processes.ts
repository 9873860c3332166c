import type { Database } from './database.js';
import { median } from './measure.js';
import { type Server, type ServerName, SERVERS, startServer } from './servers.js';

/** What it takes to run one of the servers. */
export interface Process {
  server: ServerName;
  /** From the start of the process to the first 200 from `/readyz`, in milliseconds. */
  start: number;
  /** Memory (RSS) in MiB: before it was asked anything, and when all had been measured. */
  idle: number;
  afterLoad: number;
}

/** How long each server takes to start: the medians of some starts, in turn. */
export async function startTimes(database: Database, rounds: number): Promise<Record<ServerName, number>> {
  const times: Record<ServerName, number[]> = { stockroom: [], bare: [], docs: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of SERVERS) {
      const server = await startServer(name, database.url);
      times[name].push(server.startTime);
      await server.stop();
    }
  }
  return { stockroom: median(times.stockroom), bare: median(times.bare), docs: median(times.docs) };
}

/** How much memory each server holds, in MiB. */
export async function memoryOf(servers: readonly Server[]): Promise<number[]> {
  return Promise.all(servers.map((server) => server.memory()));
}
