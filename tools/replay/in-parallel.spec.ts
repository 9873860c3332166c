import { describe, expect, it } from '@jest/globals';
import { inParallel } from './in-parallel.js';

const { signal: endless } = new AbortController();

describe('inParallel', () => {
  it('does the work for each item once, so many at once', async () => {
    const done: number[] = [];
    let [running, most] = [0, 0];
    await inParallel([1, 2, 3, 4, 5], 2, endless, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      done.push(item);
      running--;
    });

    expect(done).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('begins nothing after a failure, and throws it once what had begun is finished', async () => {
    const finished: number[] = [];
    const run = inParallel([1, 2, 3, 4], 2, endless, async (item) => {
      if (item === 1) throw new Error('refused');
      await Promise.resolve();
      finished.push(item);
    });

    await expect(run).rejects.toThrow('refused');
    expect(finished).toEqual([2]);
  });

  it('begins nothing once it is aborted, and throws the reason', async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    const run = inParallel([1, 2, 3], 1, stop.signal, (item) => {
      begun.push(item);
      stop.abort(new Error('interrupted'));
      return Promise.resolve();
    });

    await expect(run).rejects.toThrow('interrupted');
    expect(begun).toEqual([1]);
  });
});
