import type { Import, ImportState } from '../../src/imports/entities/import.entity.js';
import type { BatchOutcome } from '../../src/imports/importer.service.js';
import type { ImportsRepository } from '../../src/imports/imports.repository.js';
import { type Detected, skippedIn } from '../../src/imports/reader.js';

/** All columns of an import. */
type ImportRow = Pick<Import, keyof Import>;

type Faked =
  | 'find'
  | 'read'
  | 'insert'
  | 'queue'
  | 'deleteReceiving'
  | 'begin'
  | 'lockUnfinished'
  | 'take'
  | 'describe'
  | 'addBatch'
  | 'addFaults'
  | 'release'
  | 'end';

/** Imports without a database; what is for the worker that has the lease is done for no other. */
export class ImportsInMemory implements Pick<ImportsRepository, Faked> {
  readonly rows = new Map<string, ImportRow>();

  add(values: Partial<ImportRow> = {}): ImportRow {
    const row: ImportRow = { ...NEW, ...values };
    this.rows.set(row.id, row);
    return row;
  }

  find(id: string): Promise<ImportRow | undefined> {
    const row = this.rows.get(id);
    return Promise.resolve(row?.state === 'receiving' ? undefined : row);
  }

  read(id: string): Promise<ImportRow> {
    const row = this.rows.get(id);
    return row ? Promise.resolve({ ...row }) : Promise.reject(new Error(`there is no import ${id}`));
  }

  insert(values: Partial<ImportRow>): Promise<void> {
    this.add(values);
    return Promise.resolve();
  }

  queue(id: string, bytes: number): Promise<void> {
    this.change(id, { state: 'queued', bytes, leaseUntil: null });
    return Promise.resolve();
  }

  deleteReceiving(id: string): Promise<void> {
    if (this.rows.get(id)?.state === 'receiving') this.rows.delete(id);
    return Promise.resolve();
  }

  begin(id: string, leaseId: string): Promise<ImportRow | undefined> {
    const row = this.rows.get(id);
    if (row?.file !== null || !['queued', 'running'].includes(row.state)) return Promise.resolve(undefined);
    return Promise.resolve(this.change(id, { state: 'running', leaseId, attempts: row.attempts + 1 }));
  }

  lockUnfinished(fingerprint: string): Promise<ImportRow[]> {
    const isUnfinished = (row: ImportRow): boolean => row.fingerprint === fingerprint && row.state === 'running';
    return Promise.resolve([...this.rows.values()].filter(isUnfinished).map((row) => ({ ...row })));
  }

  take(id: string, leaseId: string): Promise<void> {
    this.change(id, { leaseId });
    return Promise.resolve();
  }

  describe(id: string, leaseId: string, detected: Detected): Promise<void> {
    const { encoding, delimiter, layout } = detected;
    if (this.rows.get(id)?.leaseId === leaseId)
      this.change(id, { encoding, delimiter, layout, skippedColumns: skippedIn(detected) });
    return Promise.resolve();
  }

  addBatch(
    { id, leaseId }: Pick<ImportRow, 'id' | 'leaseId'>,
    { lastLine, faults }: BatchOutcome,
  ): Promise<number | undefined> {
    const row = this.rows.get(id);
    if (row?.leaseId !== leaseId) return Promise.resolve(undefined);
    const faultsFound = row.faultsFound + faults.length;
    this.change(id, { linesDone: lastLine, faultsFound, attempts: 0 });
    return Promise.resolve(faultsFound);
  }

  addFaults(id: string, count: number): Promise<void> {
    this.change(id, { faultsFound: (this.rows.get(id)?.faultsFound ?? 0) + count });
    return Promise.resolve();
  }

  release(id: string, leaseId: string, state: ImportState): Promise<void> {
    if (this.rows.get(id)?.leaseId === leaseId) this.change(id, { state, attempts: 0 });
    return Promise.resolve();
  }

  end(
    id: string,
    leaseId: string | null,
    ending: Pick<ImportRow, 'state' | 'failure'>,
    finishedAt: Date,
  ): Promise<boolean> {
    const isTheirs = this.rows.get(id)?.leaseId === leaseId;
    if (isTheirs) this.change(id, { ...ending, leaseId: null, finishedAt });
    return Promise.resolve(isTheirs);
  }

  private change(id: string, change: Partial<ImportRow>): ImportRow | undefined {
    const row = this.rows.get(id);
    return row && this.add({ ...row, ...change });
  }
}

const NEW: ImportRow = {
  id: 'an import',
  state: 'queued',
  format: 'csv',
  options: {},
  encoding: null,
  delimiter: null,
  layout: null,
  skippedColumns: [],
  file: null,
  fingerprint: null,
  bytes: null,
  bytesDone: 0,
  linesDone: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  faulty: 0,
  faultsFound: 0,
  attempts: 0,
  busyMilliseconds: 0,
  failure: null,
  leaseId: null,
  leaseUntil: null,
  actorId: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  finishedAt: null,
};
