import { startProgress } from '../src/common/cli/progress.js';
import { openDatabase } from './database.js';
import type { LoadRequest } from './load.js';
import { type Loader, median, startLoader } from './measure.js';
import { OPERATIONS, openIds } from './operations.js';
import type { Options } from './options.js';
import { startServer } from './servers.js';

const SIZES = [10_000, 100_000, 1_000_000];
/** As many as Stockroom runs at the same time. */
const CONNECTIONS = 2;

/** Searches that find much, little and nothing, by what they are. */
const SEARCHES: Readonly<Record<string, string>> = {
  'two words, one is in all': 'q=made+with+care',
  'misspelt words': 'q=vintge+lantrn',
  'two letters': 'q=re',
  'a word in all descriptions': 'q=made',
  'a word in a tenth of the names': 'q=red',
  'a stop word': 'q=with',
  'one letter': 'q=a',
  'eight words': 'q=retro+red+metal+lantern+lighting+lanterns+box+made',
  'three words': 'q=red+metal+lantern',
  nowhere: 'q=zzqxv',
  'facets of everything': 'include=facets',
  'facets of a word in all': 'q=made&include=facets',
  'total of a word in all': 'q=made&include=total',
};

/** How long an answer takes, in milliseconds. */
interface Latency {
  p50: number;
  p99: number;
}

/** One search on databases of growing size. */
export interface Searched {
  search: string;
  /** By the number of products. */
  latencies: ReadonlyMap<number, Latency>;
}

/** Measures what is searched, and one product by its id, on databases of growing size. */
export async function measureSearches(options: Options): Promise<{ searched: Searched[]; postgresql: string }> {
  const sizes = options.smoke ? [options.products] : SIZES;
  const latencies = new Map<string, Map<number, Latency>>();
  let postgresql = '';
  const loader = startLoader();
  try {
    for (const products of sizes) {
      const database = await openDatabase(options.database, products, options.keep);
      const server = await startServer('stockroom', database.url);
      postgresql = database.version;
      try {
        const ids = await openIds(database);
        const byId = OPERATIONS['product-by-id'].requests('', {
          ids: ids.some,
          categoryId: '',
          stocked: [],
          orders: [],
        });
        const asked: [string, LoadRequest[]][] = [
          ['by id', byId],
          ...Object.entries(SEARCHES).map(([name, query]): [string, LoadRequest[]] => [
            name,
            [{ method: 'GET', path: `/api/v1/products?${query}` }],
          ]),
        ];
        const label = `Searching ${products.toLocaleString('en-GB')} products`;
        const progress = startProgress({ label, total: asked.length, unit: 'searches' });
        for (const [index, [name, requests]] of asked.entries()) {
          const of = latencies.get(name) ?? new Map<number, Latency>();
          latencies.set(name, of.set(products, await latencyOf(server.url, requests, loader, options)));
          progress.update(index + 1);
        }
        progress.stop();
      } finally {
        await server.stop();
        await database.close();
      }
    }
  } finally {
    loader.stop();
  }
  return { searched: [...latencies].map(([search, of]) => ({ search, latencies: of })), postgresql };
}

/** The medians of the rounds, after one to warm up. */
async function latencyOf(
  url: string,
  requests: LoadRequest[],
  loader: Loader,
  { rounds, duration }: Options,
): Promise<Latency> {
  const [p50, p99]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const load = await loader.run({ url, duration, requests, connections: CONNECTIONS });
    if (round === 0) continue;
    p50.push(load.p50 ?? Infinity);
    p99.push(load.p99 ?? Infinity);
  }
  return { p50: median(p50), p99: median(p99) };
}
