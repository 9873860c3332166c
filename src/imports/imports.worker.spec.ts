import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { standInFor } from '../../test/support/fakes.js';
import { ImportsInMemory } from '../../test/support/import-rows.js';
import { type BatchOutcome, type ImportOptions, ProductImporter } from './importer.service.js';
import { type ImportJob, ImportLifecycle, LeaseLost } from './imports.lifecycle.js';
import { ImportWorker } from './imports.worker.js';
import { InvalidHeaderError } from './reader.js';

const BATCH: BatchOutcome = {
  created: 10,
  updated: 0,
  unchanged: 0,
  faulty: 0,
  faults: [],
  lines: 10,
  lastLine: 10,
  end: 100,
};

describe('ImportWorker', () => {
  let job: ImportJob;
  /** What became of the import, in order. */
  let steps: unknown[];
  let options: ImportOptions | undefined;
  let worker: ImportWorker;
  /** What is thrown after the batches. */
  let failure: Error | undefined;
  beforeEach(() => {
    job = { ...new ImportsInMemory().add({ id: 'upload', linesDone: 40, actorId: 'sam' }), leaseId: 'a lease' };
    [steps, options, failure] = [[], undefined, undefined];
    const importer = standInFor(ProductImporter, {
      run: async function* (_stream, _format, given) {
        options = given;
        for (let number = 0; number < 2; number++) {
          await given?.record?.(BATCH);
          yield BATCH;
        }
        if (failure) throw failure;
      },
    });
    const note = (...step: unknown[]): Promise<void> => {
      steps.push(step.length === 1 ? step[0] : step);
      return Promise.resolve();
    };
    const lifecycle = standInFor(ImportLifecycle, {
      record: () => note('record'),
      finish: () => note('finish'),
      release: () => note('release'),
      fail: (_, text, faults) => note('fail', text, ...(faults ? [faults] : [])),
    });
    worker = new ImportWorker(importer, lifecycle);
  });

  const execute = (shouldContinue = true): Promise<void> =>
    worker.execute(job, Readable.from([]), () => shouldContinue);

  it('goes on after the last line that is done, records each batch, and finishes', async () => {
    await execute();

    expect(options).toMatchObject({ after: 40, actorId: 'sam' });
    expect(steps).toEqual(['record', 'record', 'finish']);
  });

  it('gives the import back after a batch, unfinished, when it should not continue', async () => {
    await execute(false);

    expect(steps).toEqual(['record', 'release']);
  });

  it('fails an import with a wrong header, which is the fault of the file alone', async () => {
    failure = new InvalidHeaderError(1, [{ column: 'price', code: 'missing', detail: 'must be there' }]);
    await execute();

    expect(steps.at(-1)).toEqual([
      'fail',
      'The header is wrong, so nothing was imported.',
      [{ line: 1, column: 'price', code: 'missing', detail: 'must be there' }],
    ]);
  });

  it.each([
    ['is away', 'ECONNREFUSED', ['release']],
    ['is in its way', '40P01', ['release']],
    // which counts as an attempt
    ['takes too long', '57014', []],
  ])('leaves the import for later when the database %s', async (_, code, afterwards) => {
    failure = Object.assign(new Error('the database'), { code });

    await expect(execute()).rejects.toBe(failure);
    expect(steps).toEqual(['record', 'record', ...afterwards]);
  });

  it('leaves the import to the worker that has taken it over', async () => {
    failure = new LeaseLost();

    await expect(execute()).rejects.toBe(failure);
    expect(steps).toEqual(['record', 'record']);
  });

  it('fails an import that an unexpected error stopped, and reports that error', async () => {
    failure = new TypeError('a bug');

    await expect(execute()).rejects.toBe(failure);
    expect(steps.at(-1)).toEqual(['fail', expect.stringContaining('What was written stays.')]);
  });
});
