import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ImageOptions, ImagesService } from '../src/photos/images/images.service.js';
import { noise, photograph } from './support/pictures.js';
import { memoryOf } from './support/proc.js';

const MB = 1024 * 1024;

const averageOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the memory of a process for images', () => {
  let root: string;
  let images: ImagesService;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'images-memory-'));
  });
  beforeEach(() => {
    // one process for all of them
    images = new ImagesService(Object.assign(new ImageOptions(), { processes: 1, picturesPerProcess: Infinity }));
  });
  afterEach(() => images.onApplicationShutdown());
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  const accept = async (path: string): Promise<void> => {
    const { files } = await images.accept(path, root);
    await rm(dirname(files[0]?.path ?? root), { recursive: true });
  };

  it('is bounded over 60 pictures of 12 megapixels, and this process does not grow', async () => {
    const path = join(root, 'photograph');
    await writeFile(path, await photograph());
    await accept(path);
    const before = process.memoryUsage.rss();
    for (let picture = 0; picture < 60; picture++) await accept(path);

    expect(images.processIds).toHaveLength(1);
    expect(memoryOf(images.processIds[0] ?? 0, 'VmHWM')).toBeLessThan(256 * MB);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MB);
  });

  it('does not grow over 1000 pictures of different sizes and types', async () => {
    const paths: string[] = [];
    for (const [index, type] of (['jpeg', 'png', 'webp', 'avif'] as const).entries()) {
      for (const side of [1, 2, 3]) {
        const path = join(root, `${type}-${String(side)}`);
        await writeFile(
          path,
          await noise(300 * side + 40 * index, 200 * side)
            .toFormat(type)
            .toBuffer(),
        );
        paths.push(path);
      }
    }
    const samples: number[] = [];
    for (let picture = 0; picture < 1000; picture++) {
      await accept(paths[picture % paths.length] ?? '');
      samples.push(memoryOf(images.processIds[0] ?? 0));
    }

    // the last quarter is no more than a tenth above the one before
    expect(averageOf(samples.slice(750))).toBeLessThan(1.1 * averageOf(samples.slice(500, 750)));
    expect(Math.max(...samples)).toBeLessThan(256 * MB);
  });
});
