import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeTransactions, standInFor, TestClock } from '../../test/support/fakes.js';
import { ImportsInMemory } from '../../test/support/import-rows.js';
import { Transactions } from '../common/database/transactions.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { MAX_KEPT_FAULTS } from './entities/import.entity.js';
import type { BatchOutcome } from './importer.service.js';
import type { ImportFaultAt } from './reader.js';
import { ImportsChunksRepository } from './imports.chunks.repository.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportsFaultyLinesRepository } from './imports.faulty-lines.repository.js';
import { ImportLimits } from './imports.limits.js';
import { ImportLifecycle, type ImportJob, LeaseLost } from './imports.lifecycle.js';
import { settingsOf } from './imports.settings.js';
import { ImportsRepository } from './imports.repository.js';

const FILE = {
  name: 'catalogue.csv',
  format: 'csv',
  options: settingsOf(),
  fingerprint: 'a hash',
  bytes: 100,
} as const;
const FAULT: ImportFaultAt = { line: 2, column: 'sku', code: 'empty', detail: 'must not be empty' };

const batch = (lastLine: number, faults: ImportFaultAt[] = []): BatchOutcome => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  faulty: faults.length,
  faults,
  lines: 10,
  lastLine,
  end: 100,
});

describe('ImportLifecycle', () => {
  let rows: ImportsInMemory;
  let clock: TestClock;
  let enqueued: unknown[];
  let kept: ImportFaultAt[];
  let withoutChunks: string[];
  let lifecycle: ImportLifecycle;
  beforeEach(() => {
    rows = new ImportsInMemory();
    clock = new TestClock();
    [enqueued, kept, withoutChunks] = [[], [], []];
    lifecycle = new ImportLifecycle(
      standInFor(ImportsRepository, rows),
      standInFor(ImportsFaultsRepository, {
        insertMany: (_, faults) => {
          kept.push(...faults);
          return Promise.resolve();
        },
      }),
      standInFor(ImportsFaultyLinesRepository, { insertMany: () => Promise.resolve() }),
      standInFor(ImportsChunksRepository, {
        deleteAll: (id) => {
          withoutChunks.push(id);
          return Promise.resolve();
        },
      }),
      standInFor(JobsService, {
        enqueue: (kind, data) => {
          enqueued.push([kind.name, data]);
          return Promise.resolve('a job');
        },
      }),
      standInFor(Transactions, new FakeTransactions()),
      clock,
      standInFor(ImportLimits, { keptDays: 90 }),
    );
  });

  /** Begins an import that is there. */
  const begin = async (id: string): Promise<ImportJob> => {
    const job = await lifecycle.begin(id);
    if (!job) throw new Error('there is nothing to do');
    return job;
  };

  it('takes an upload for broken off after ten minutes, and has it executed once it is complete', async () => {
    const id = await lifecycle.receive('csv', 'sam', settingsOf());

    expect(rows.rows.get(id)).toMatchObject({
      state: 'receiving',
      actorId: 'sam',
      leaseUntil: new Date('2026-11-26T12:10:00.000Z'),
      createdAt: clock.time,
    });
    expect(enqueued).toEqual([]);
    await lifecycle.queue(id, 8);
    expect(enqueued).toEqual([['imports.execute', { importId: id }]]);
  });

  it('gives an import that is begun again to the new worker: the former one writes nothing more', async () => {
    rows.add({ id: 'upload' });
    const former = await begin('upload');
    const present = await begin('upload');

    await expect(lifecycle.record(former, batch(10, [FAULT]), 5)).rejects.toThrow(LeaseLost);
    await lifecycle.finish(former);
    await lifecycle.fail(former, 'It was mine.', [FAULT]);
    expect(rows.rows.get('upload')).toMatchObject({ state: 'running', failure: null, linesDone: 0, faultsFound: 0 });
    await lifecycle.record(present, batch(10), 5);
    expect(rows.rows.get('upload')?.linesDone).toBe(10);
    expect([kept, withoutChunks]).toEqual([[], []]);
  });

  it('gives an import up that was begun three times without a batch', async () => {
    rows.add({ id: 'upload', linesDone: 40 });
    for (let time = 1; time <= 3; time++) await begin('upload');

    expect(await lifecycle.begin('upload')).toBeUndefined();
    expect(rows.rows.get('upload')).toMatchObject({
      state: 'failed',
      failure: expect.stringMatching(/after 3 attempts.*after line 40\./),
      finishedAt: clock.time,
    });
    expect(await lifecycle.begin('upload')).toBeUndefined();
  });

  it('begins as often as batches come through', async () => {
    rows.add({ id: 'upload' });
    for (let time = 1; time <= 5; time++) await lifecycle.record(await begin('upload'), batch(time * 10), 5);

    expect(rows.rows.get('upload')).toMatchObject({ state: 'running', linesDone: 50 });
  });

  it('keeps the first ten thousand faults, and counts all', async () => {
    rows.add({ id: 'upload', faultsFound: MAX_KEPT_FAULTS - 1 });
    const job = await begin('upload');
    await lifecycle.record(job, batch(10, [FAULT, { ...FAULT, line: 3 }]), 5);
    await lifecycle.record(job, batch(20, [{ ...FAULT, line: 14 }]), 5);

    expect(kept).toEqual([FAULT]);
    expect(rows.rows.get('upload')?.faultsFound).toBe(MAX_KEPT_FAULTS + 2);
  });

  it('deletes the bytes of an upload at its end', async () => {
    rows.add({ id: '1' });
    rows.add({ id: '2' });
    await lifecycle.finish(await begin('1'));
    await lifecycle.fail(await begin('2'), 'The header is wrong.', [FAULT]);

    expect(withoutChunks).toEqual(['1', '2']);
    expect([rows.rows.get('1')?.state, rows.rows.get('2')?.state]).toEqual(['finished', 'failed']);
    expect([kept, rows.rows.get('2')?.faultsFound]).toEqual([[FAULT], 1]);
  });

  it('gives an upload back to any process, and a file to the next start of the command', async () => {
    rows.add({ id: 'upload' });
    await lifecycle.release(await begin('upload'));
    const file = await lifecycle.open(FILE);
    await lifecycle.release(file);

    expect([rows.rows.get('upload')?.state, rows.rows.get(file.id)?.state]).toEqual(['queued', 'running']);
  });

  describe('the import of a file', () => {
    it('goes on where it was interrupted, and belongs to the last who opened it', async () => {
      const first = await lifecycle.open(FILE);
      await lifecycle.record(first, batch(10), 5);
      const second = await lifecycle.open(FILE);

      expect(second).toMatchObject({ id: first.id, linesDone: 10, file: 'catalogue.csv' });
      await expect(lifecycle.record(first, batch(20), 5)).rejects.toThrow(LeaseLost);
      await lifecycle.record(second, batch(20), 5);
    });

    it('begins at the first line when that is asked for, and the interrupted one has failed', async () => {
      const first = await lifecycle.open(FILE);
      await lifecycle.record(first, batch(10), 5);
      const second = await lifecycle.open(FILE, true);

      expect(second).toMatchObject({ linesDone: 0, state: 'running' });
      expect(second.id).not.toBe(first.id);
      expect(rows.rows.get(first.id)).toMatchObject({
        state: 'failed',
        failure: 'It was started again from the first line.',
      });
    });

    it('is another one for another file, and for one that cannot be read again', async () => {
      const opened = [
        await lifecycle.open(FILE),
        await lifecycle.open({ ...FILE, fingerprint: 'another hash' }),
        await lifecycle.open({ ...FILE, fingerprint: null }),
        await lifecycle.open({ ...FILE, fingerprint: null }),
      ];

      expect(new Set(opened.map(({ id }) => id)).size).toBe(4);
    });
  });
});
