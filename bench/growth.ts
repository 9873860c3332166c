import { startProgress } from '../src/common/cli/progress.js';
import { type Database, openDatabase } from './database.js';
import type { Load, LoadRequest } from './load.js';
import { type Loader, median, startLoader } from './measure.js';
import { clientOf } from './operation.js';
import { OPERATIONS, openIds } from './operations.js';
import type { Options } from './options.js';
import { type Server, type ServerName, SERVERS, startServer } from './servers.js';

const SIZES = [1000, 50_000, 1_000_000];
const DEEP = 1000;
const LIMIT = 20;

/** Requests per second, and the median time of an answer in milliseconds: null when none came within a round. */
export interface Pace {
  rate: number;
  p50: number | null;
}

/** One server on a database of one size. */
export interface Grown {
  products: number;
  server: ServerName;
  /** In milliseconds. */
  start: number;
  /** In MiB. */
  idle: number;
  afterLoad: number;
  byId: Pace;
  firstPage: Pace;
  /** The page numbered {@link DEEP}, or the last one. */
  deepPage: Pace;
}

export interface Growth {
  grown: Grown[];
  /** The version that it was measured with. */
  postgresql: string;
}

/** Measures each server on databases of growing size, one after the other: what a slow answer leaves behind disturbs nobody. */
export async function measureGrowth(options: Options): Promise<Growth> {
  const { rounds } = options;
  const sizes = options.smoke ? SIZES.slice(0, 1) : SIZES;
  const grown: Grown[] = [];
  let postgresql = '';
  const loader = startLoader();
  try {
    for (const products of sizes) {
      const database = await openDatabase(options.database, products, options.keep);
      postgresql = database.version;
      const label = `Measuring on ${products.toLocaleString('en-GB')} products`;
      const progress = startProgress({ label, total: SERVERS.length * 3 * (rounds + 1), unit: 'runs' });
      let done = 0;
      const onRun = (): void => {
        progress.update(++done);
      };
      try {
        for (const name of SERVERS) grown.push(await measureServer(name, products, database, loader, options, onRun));
      } finally {
        progress.stop();
        await database.close();
      }
    }
  } finally {
    loader.stop();
  }
  return { grown, postgresql };
}

async function measureServer(
  name: ServerName,
  products: number,
  database: Database,
  loader: Loader,
  options: Options,
  onRun: () => void,
): Promise<Grown> {
  const server = await startServer(name, database.url);
  try {
    const idle = await server.memory();
    const ids = await openIds(database);
    const first = `/api/v1/products?limit=${String(LIMIT)}`;
    const deep = `${first}&cursor=${encodeURIComponent(await cursorOf(server, Math.min(DEEP, Math.floor(ids.total / LIMIT))))}`;
    const pace = (requests: LoadRequest[]): Promise<Pace> => paceOf(server, requests, loader, options, onRun);
    const byId = await pace(
      OPERATIONS['product-by-id'].requests('', { ids: ids.some, categoryId: '', stocked: [], orders: [] }),
    );
    const firstPage = await pace([{ method: 'GET', path: first }]);
    const deepPage = await pace([{ method: 'GET', path: deep }]);
    const afterLoad = await server.memory();
    return { products, server: name, start: server.startTime, idle, afterLoad, byId, firstPage, deepPage };
  } finally {
    await server.stop();
  }
}

/** The cursor of a page: walked to where there is no other way, an offset in `docs`. */
async function cursorOf({ name, url }: Server, page: number): Promise<string> {
  if (name === 'docs') return String((page - 1) * LIMIT);
  const client = clientOf(url);
  let cursor: string | undefined;
  for (let number = 1; number < page; number++) {
    const { data } = await client.GET('/api/v1/products', { params: { query: { limit: LIMIT, cursor } } });
    cursor = data?.page.next ?? undefined;
  }
  if (cursor === undefined) throw new Error(`${name} has no page ${String(page)}`);
  return cursor;
}

/** The medians of the rounds, after one to warm up. */
async function paceOf(
  { url }: Server,
  requests: LoadRequest[],
  loader: Loader,
  { rounds, duration }: Options,
  onRun: () => void,
): Promise<Pace> {
  const loads: Load[] = [];
  for (let round = 0; round <= rounds; round++) {
    const load = await loader.run({ url, duration, requests });
    if (round > 0) loads.push(load);
    onRun();
  }
  const answered = loads.filter(({ p50 }) => p50 !== null);
  return {
    rate: median(loads.map(({ rate }) => rate)),
    p50: answered.length > loads.length / 2 ? median(answered.map(({ p50 }) => p50 ?? Infinity)) : null,
  };
}
