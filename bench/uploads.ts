import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { startProgress } from '../src/common/cli/progress.js';
import { childrenOf, memoryOf } from '../test/support/proc.js';
import { noise } from '../test/support/pictures.js';
import type { Database } from './database.js';
import { signedIn } from './operation.js';
import { openIds } from './operations.js';
import type { Options } from './options.js';
import { removePhotos, untilComplete, uploadPhoto } from './photos.js';
import type { Reads } from './reads.js';
import { STAFF } from './seed.common.js';
import { startServer } from './servers.js';

const UPLOADS = 100;
const AT_ONCE = 8;
/** Fewer than a product may have. */
const PER_PRODUCT = 10;
/** How many products are read in a second, and for how many seconds before there are uploads. */
const RATE = 50;
const IDLE = 10;
/** The time between two looks at the memory, in milliseconds. */
const LOOK = 50;
const MIB = 1024 * 1024;

/** What uploads cost, and what they do to the others. */
export interface UploadCosts {
  /** How many photos were sent, and how many bytes they have together. */
  count: number;
  bytes: number;
  /** From the first request to the last answer, and until all files are made, in seconds. */
  answered: number;
  complete: number;
  /** Of the server and its children, in MiB: before, and at most. */
  idle: number;
  peak: number;
  /** The slowest hundredth of reads of a product, in milliseconds: without uploads, and meanwhile. */
  p99Idle: number;
  p99Meanwhile: number;
}

/** Sends photos as phones make them, some at once, while a product is read. */
export async function measureUploads(options: Options, database: Database): Promise<UploadCosts> {
  const folder = join(tmpdir(), `stockroom-bench-pictures-${String(process.pid)}`);
  const count = options.smoke ? AT_ONCE : UPLOADS;
  const progress = startProgress({ label: 'Uploading', total: count, unit: 'photos' });
  await removePhotos(database);
  const server = await startServer('stockroom', database.url);
  try {
    const paths = await makePictures(folder, count);
    const { some: ids } = await openIds(database);
    const headers = await signedIn(server.url, STAFF);
    const url = `${server.url}/api/v1/products/${ids.at(-1) ?? ''}`;
    const memory = (): number =>
      [server.pid, ...childrenOf(server.pid)].reduce((sum, pid) => sum + memoryOf(pid), 0) / MIB;

    const idleReads = startReads({ url, rate: RATE });
    await setTimeout(IDLE * 1000);
    const p99Idle = await idleReads();
    const idle = memory();
    const watch = watchPeak(memory);
    const reads = startReads({ url, rate: RATE });
    const began = performance.now();
    let [next, done, bytes] = [0, 0, 0];
    const send = async (): Promise<void> => {
      for (let number = next++; number < count; number = next++) {
        const picture = new Uint8Array(await readFile(paths[number] ?? ''));
        bytes += picture.length;
        await uploadPhoto(server.url, ids[Math.floor(number / PER_PRODUCT)] ?? '', headers, picture);
        progress.update(++done);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    const answered = (performance.now() - began) / 1000;
    const p99Meanwhile = await reads();
    await untilComplete(database);
    const complete = (performance.now() - began) / 1000;
    return { count, bytes, answered, complete, idle, peak: await watch(), p99Idle, p99Meanwhile };
  } finally {
    progress.stop();
    await server.stop();
    await removePhotos(database);
    await rm(folder, { recursive: true, force: true });
  }
}

/** JPEGs of 4000 × 3000 pixels and about 4 MB, each another one. @returns their paths. */
async function makePictures(folder: string, count: number): Promise<string[]> {
  await mkdir(folder);
  const [width, height] = [1000, 750];
  const data = await noise(width + count, height)
    .raw()
    .toBuffer();
  const paths: string[] = [];
  for (let number = 0; number < count; number++) {
    const picture = await sharp(data, { raw: { width: width + count, height, channels: 3 } })
      .extract({ left: number, top: 0, width, height })
      .resize(4000, 3000, { kernel: 'linear' })
      .jpeg({ quality: 80 })
      .toBuffer();
    paths.push(join(folder, `${String(number)}.jpg`));
    await writeFile(paths.at(-1) ?? '', picture);
  }
  return paths;
}

/** Reads in a process of its own, which the uploads do not hold up. @returns what ends it, and returns the 99th percentile. */
function startReads(reads: Reads): () => Promise<number> {
  const child = fork(join(import.meta.dirname, 'reads.js'));
  child.send(reads);
  return async () => {
    child.send('end');
    const [times] = (await once(child, 'message')) as [number[]];
    child.disconnect();
    return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
  };
}

/** Looks at a figure again and again. @returns what ends it, and returns the highest one. */
function watchPeak(figure: () => number): () => Promise<number> {
  const end = new AbortController();
  const watching = (async () => {
    let peak = 0;
    while (!end.signal.aborted) {
      peak = Math.max(peak, figure());
      await setTimeout(LOOK);
    }
    return peak;
  })();
  return () => {
    end.abort();
    return watching;
  };
}
