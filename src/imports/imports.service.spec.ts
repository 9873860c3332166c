import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { callerOf, refusalOf, standInFor } from '../../test/support/fakes.js';
import { ImportsInMemory } from '../../test/support/import-rows.js';
import { NotFound } from '../common/errors/errors.js';
import { StreamedBody } from '../common/http/input/streamed-body.js';
import { Pages } from '../common/http/paging/pages.js';
import type { ImportFault } from './entities/import-fault.entity.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ImportsChunksRepository } from './imports.chunks.repository.js';
import { ImportEmpty } from './imports.errors.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportsFaultyLinesRepository } from './imports.faulty-lines.repository.js';
import { ImportLifecycle } from './imports.lifecycle.js';
import { ImportLimits } from './imports.limits.js';
import { ImportsRepository } from './imports.repository.js';
import { settingsOf } from './imports.settings.js';
import { ImportsService } from './imports.service.js';

const staff = callerOf('sam', 'staff');

describe('ImportsService', () => {
  let rows: ImportsInMemory;
  let chunks: [number, Buffer][];
  let faults: ImportFault[];
  let imports: ImportsService;
  beforeEach(() => {
    rows = new ImportsInMemory();
    [chunks, faults] = [[], []];
    const store = standInFor(ImportsChunksRepository, {
      insert: (_, number, bytes) => {
        chunks.push([number, bytes]);
        return Promise.resolve();
      },
    });
    const lifecycle = standInFor(ImportLifecycle, {
      receive: (format, actorId) => {
        rows.add({ id: 'upload', state: 'receiving', format, actorId });
        return Promise.resolve('upload');
      },
      queue: (id, bytes) => rows.queue(id, bytes),
      discard: (id) => rows.deleteReceiving(id),
    });
    imports = new ImportsService(
      standInFor(ImportsRepository, rows),
      standInFor(ImportsFaultsRepository, {
        readFirst: (_, limit) => Promise.resolve(faults.slice(0, limit)),
      }),
      standInFor(ImportsFaultyLinesRepository, {}),
      lifecycle,
      new ImportChunkStore(store),
      standInFor(ImportLimits, { maxBytes: 1_000_000 }),
      standInFor(Pages, { open: (query) => ({ name: 'faults', query }) }),
    );
  });

  const upload = (type: string, ...parts: Buffer[]): StreamedBody =>
    new StreamedBody(type, undefined, Readable.from(parts));

  it.each([
    ['text/csv', 'csv'],
    ['text/tab-separated-values', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson', 'ndjson'],
  ])('queues an upload of %s as %s, with who sent it and how long it is', async (type, format) => {
    const received = await imports.receive(upload(type, Buffer.from('sku,'), Buffer.from('name')), settingsOf(), staff);

    expect(received).toMatchObject({ id: 'upload', state: 'queued', format, actorId: 'sam', source: 'api' });
    expect(received.progress.totalBytes).toBe(8);
    expect(chunks).toEqual([[0, Buffer.from('sku,name')]]);
  });

  it('keeps a long upload in several chunks, in order', async () => {
    const part = (letter: string): Buffer => Buffer.alloc(200 * 1024, letter);
    await imports.receive(upload('text/csv', part('a'), part('b'), part('c')), settingsOf(), staff);

    expect(chunks.map(([number, bytes]) => [number, bytes.length])).toEqual([
      [0, 400 * 1024],
      [1, 200 * 1024],
    ]);
    expect(Buffer.concat(chunks.map(([, bytes]) => bytes))).toEqual(Buffer.concat([part('a'), part('b'), part('c')]));
  });

  it('refuses an upload without bytes, and keeps nothing of it', async () => {
    expect((await refusalOf(imports.receive(upload('text/csv'), settingsOf(), staff))).kind).toBe(ImportEmpty);
    expect(rows.rows.size).toBe(0);
  });

  it('refuses an upload that is too long, and keeps nothing of it', async () => {
    const { kind } = await refusalOf(imports.receive(upload('text/csv', Buffer.alloc(1_000_001)), settingsOf(), staff));

    expect([kind.code, rows.rows.size]).toEqual(['payload-too-large', 0]);
  });

  it('is missing when it is not there, its faults too', async () => {
    expect((await refusalOf(imports.read('nothing'))).kind).toBe(NotFound);
    expect((await refusalOf(imports.listFaults('nothing', { limit: 20 }))).kind).toBe(NotFound);
  });

  it('shows the first hundred faults', async () => {
    rows.add({ id: 'upload', state: 'finished' });
    faults = Array.from({ length: 101 }, (_, line) => ({
      id: String(line),
      importId: 'upload',
      line,
      column: 'sku',
      code: 'empty',
      detail: 'must not be empty',
    }));
    const report = await imports.read('upload');

    expect(report.faults).toHaveLength(100);
    expect(report.faults[0]).toEqual({ line: 0, column: 'sku', code: 'empty', detail: 'must not be empty' });
  });
});
