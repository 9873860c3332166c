import { setTimeout } from 'node:timers/promises';
import { startProgress } from '../src/common/cli/progress.js';
import type { Database } from './database.js';
import { cleanUp, startLoader } from './measure.js';
import type { Operation } from './operation.js';
import { OPERATIONS, openWorld } from './operations.js';
import type { Options } from './options.js';
import { startServer } from './servers.js';

/** In seconds: shared by the operations. */
const MINUTE = 60;
/** How long the process rests before it is looked at, in milliseconds, so that what was under way has ended. */
const REST = 2000;

/** The memory of Stockroom, in MiB: idle, and after each minute of load by the operations in turn. */
export async function endure(options: Options, database: Database): Promise<number[]> {
  const server = await startServer('stockroom', database.url);
  const loader = startLoader();
  const operations: Operation[] = options.operations.map((name) => OPERATIONS[name]);
  const progress = startProgress({ label: 'Loading', total: options.minutes, unit: 'minutes' });
  try {
    for (const operation of operations) await cleanUp(operation, database);
    const world = await openWorld(server.url, database);
    const memory = [await server.memory()];
    const duration = Math.max(1, Math.round(MINUTE / operations.length));
    while (memory.length <= options.minutes) {
      for (const operation of operations) {
        await loader.run({ url: server.url, duration, requests: await operation.requests(server.url, world) });
        await cleanUp(operation, database);
      }
      await setTimeout(REST);
      memory.push(await server.memory());
      progress.update(memory.length - 1);
    }
    return memory;
  } finally {
    progress.stop();
    loader.stop();
    await server.stop();
  }
}
