import { startProgress } from '../src/common/cli/progress.js';
import type { Database } from './database.js';
import { cleanUp, startLoader } from './measure.js';
import { OPERATIONS, openWorld, type OperationName } from './operations.js';
import { isWhole, type Options } from './options.js';
import { startServer } from './servers.js';

const PROFILED: readonly OperationName[] = ['product-by-id', 'product-list'];
const WIDEST = 10;
/** In microseconds. */
const SAMPLING_INTERVAL = 500;

/** Of a function: the share of the busy time that it took itself. */
export interface Frame {
  name: string;
  share: number;
}

/** A CPU profile, as far as it is read: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Puts Stockroom under load, warmed up, and finds where its time goes. */
export async function profile(options: Options, database: Database): Promise<Map<OperationName, Frame[]>> {
  const server = await startServer('stockroom', database.url, {
    flags: ['--inspect=0'],
    background: options.background,
  });
  const loader = startLoader();
  const names = isWhole(options) ? PROFILED : options.operations;
  const progress = startProgress({ label: 'Profiling', total: names.length, unit: 'operations' });
  try {
    const inspector = await connect(/ws:\/\/\S+/.exec(server.log())?.[0] ?? '');
    const world = await openWorld(server.url, database);
    const found = new Map<OperationName, Frame[]>();
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL });
    for (const name of names) {
      const requests = await OPERATIONS[name].requests(server.url, world);
      const job = { url: server.url, duration: options.duration, requests };
      await loader.run(job);
      await cleanUp(OPERATIONS[name], database);
      await inspector.ask('Profiler.start');
      await loader.run(job);
      const { profile } = (await inspector.ask('Profiler.stop')) as { profile: CpuProfile };
      await cleanUp(OPERATIONS[name], database);
      found.set(name, widest(profile));
      progress.update(found.size);
    }
    inspector.close();
    return found;
  } finally {
    progress.stop();
    loader.stop();
    await server.stop();
  }
}

/** The functions that took the most time themselves. */
function widest({ nodes, samples, timeDeltas }: CpuProfile): Frame[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'}${url && ` ${shortened(url)}:${String(lineNumber + 1)}`}`,
    ]),
  );
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  times.delete('(idle)');
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, share: time / busy }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, WIDEST);
}

/** From the package or the application's folder on. */
const shortened = (url: string): string => url.replace(/^.*\/(node_modules|dist)\//, '');

interface Inspector {
  ask(method: string, params?: object): Promise<unknown>;
  close(): void;
}

async function connect(url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => {
      reject(new Error(`no inspector answers at ${url}`));
    });
  });
  let asked = 0;
  return {
    ask: (method, params) =>
      new Promise((resolve) => {
        waiting.set(++asked, resolve);
        socket.send(JSON.stringify({ id: asked, method, params }));
      }),
    close: () => {
      socket.close();
    },
  };
}
