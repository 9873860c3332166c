import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { IsNull, Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { deleteRows, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { ImportQuery } from './dto/import.dto.js';
import { Import, type ImportState } from './entities/import.entity.js';
import type { BatchOutcome } from './importer.service.js';
import { type Detected, skippedIn } from './reader.js';

/** How many old imports one statement deletes: each may have thousands of faults. */
const OLD_AT_ONCE = 10;

/** The columns of an {@link Import}, of `imports i`. */
const COLUMNS = raw(`
  i.id, i.state, i.format, i.options, i.encoding, i.delimiter, i.layout, i.skipped_columns AS "skippedColumns", i.file,
  i.fingerprint, i.bytes, i.bytes_done AS "bytesDone", i.lines_done AS "linesDone", i.created,
  i.updated, i.unchanged, i.faulty, i.faults_found AS "faultsFound", i.attempts,
  i.busy_milliseconds AS "busyMilliseconds", i.failure, i.lease_id AS "leaseId",
  i.lease_until AS "leaseUntil", i.actor_id AS "actorId", i.created_at AS "createdAt", i.updated_at AS "updatedAt",
  i.finished_at AS "finishedAt"`);

/** The rows of imports, and all SQL about them. */
@Injectable()
export class ImportsRepository {
  constructor(
    @InjectRepository(Import) private readonly rows: Repository<Import>,
    private readonly pages: Pages,
  ) {}

  /** One page of the list, without uploads that are not complete. */
  async readPage(list: AskedList<ImportQuery>): Promise<Page<Import>> {
    return this.pages.read<Import>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('imports i'),
      where: [sql`i.state <> 'receiving'`],
      id: raw('i.id'),
      sort: { expression: raw('i.created_at'), type: 'timestamptz', descending: true },
    });
  }

  /** Not an upload that is not complete. */
  async find(id: string): Promise<Import | undefined> {
    const [row] = await run<Import>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM imports i WHERE i.id = ${id} AND i.state <> 'receiving'`,
    );
    return row;
  }

  async insert(values: Partial<Import>): Promise<void> {
    await this.rows.insert(values);
  }

  async read(id: string): Promise<Import> {
    return this.rows.findOneByOrFail({ id });
  }

  /** An upload is complete. */
  async queue(id: string, bytes: number): Promise<void> {
    await this.rows.update({ id, state: 'receiving' }, { state: 'queued', bytes, leaseUntil: null });
  }

  async deleteReceiving(id: string): Promise<void> {
    await this.rows.delete({ id, state: 'receiving' });
  }

  /** Deletes uploads that were not complete by a time. @returns how many. */
  async deleteAbandoned(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.rows.manager,
      sql`DELETE FROM imports WHERE id IN (
            SELECT id FROM imports WHERE state = 'receiving' AND lease_until < ${before}
            LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }

  /** Deletes imports that ended by a time, with their faults: at most `limit`. @returns how many. */
  async deleteOld(before: Date, limit: number): Promise<number> {
    let all = 0;
    for (let deleted = OLD_AT_ONCE; deleted === OLD_AT_ONCE && all < limit; all += deleted) {
      deleted = await deleteRows(
        this.rows.manager,
        sql`DELETE FROM imports WHERE id IN (
              SELECT id FROM imports WHERE finished_at <= ${before}
              ORDER BY finished_at LIMIT ${OLD_AT_ONCE} FOR UPDATE SKIP LOCKED
            ) RETURNING 1`,
      );
    }
    return all;
  }

  /** Gives an upload to a worker, also when another one has it. @returns undefined when it has ended, or is not there. */
  async begin(id: string, leaseId: string, now: Date): Promise<Import | undefined> {
    const [begun] = await run<Import>(
      this.rows.manager,
      sql`WITH i AS (
            UPDATE imports SET state = 'running', lease_id = ${leaseId}, updated_at = ${now}, attempts = attempts + 1
            WHERE id = ${id} AND file IS NULL AND state IN ('queued', 'running') RETURNING *
          ) SELECT ${COLUMNS} FROM i`,
    );
    return begun;
  }

  /** Locks the imports of a file that did not come to their end, the latest first. */
  async lockUnfinished(fingerprint: string): Promise<Import[]> {
    declareLock('import');
    return this.rows.find({
      where: { fingerprint, state: 'running' },
      order: { createdAt: 'DESC', id: 'DESC' },
      lock: { mode: 'pessimistic_write' },
    });
  }

  /** Gives the import of a file to a worker. */
  async take(id: string, leaseId: string): Promise<void> {
    await this.rows.update(id, { state: 'running', leaseId });
  }

  /** Keeps how the file is written, of the worker that has the import. */
  async describe(id: string, leaseId: string, detected: Detected): Promise<void> {
    const { encoding, delimiter, layout } = detected;
    await this.rows.update({ id, leaseId }, { encoding, delimiter, layout, skippedColumns: skippedIn(detected) });
  }

  /** Adds what became of a batch. @returns how many faults there are in all; undefined when another worker has the import. */
  async addBatch(
    { id, leaseId }: { id: string; leaseId: string },
    { lastLine, end, created, updated, unchanged, faulty, faults }: BatchOutcome,
    milliseconds: number,
    now: Date,
  ): Promise<number | undefined> {
    const [recorded] = await run<{ faultsFound: number }>(
      this.rows.manager,
      sql`WITH recorded AS (
            UPDATE imports SET
              lines_done = ${lastLine}, bytes_done = ${end}, created = created + ${created}, updated = updated + ${updated},
              unchanged = unchanged + ${unchanged}, faulty = faulty + ${faulty},
              busy_milliseconds = busy_milliseconds + ${Math.round(milliseconds)}, attempts = 0,
              faults_found = faults_found + ${faults.length}, updated_at = ${now}
            WHERE id = ${id} AND lease_id = ${leaseId} AND state = 'running' RETURNING faults_found
          ) SELECT faults_found AS "faultsFound" FROM recorded`,
    );
    return recorded?.faultsFound;
  }

  async addFaults(id: string, count: number): Promise<void> {
    await this.rows.increment({ id }, 'faultsFound', count);
  }

  /** Takes the import from its worker, without an attempt. */
  async release(id: string, leaseId: string, state: ImportState, now: Date): Promise<void> {
    await this.rows.update({ id, leaseId, state: 'running' }, { state, updatedAt: now, attempts: 0 });
  }

  /** @returns whether the import was this worker's to end. */
  async end(
    id: string,
    leaseId: string | null,
    { state, failure }: Pick<Import, 'state' | 'failure'>,
    now: Date,
  ): Promise<boolean> {
    const { affected } = await this.rows.update(
      { id, leaseId: leaseId ?? IsNull() },
      { state, failure, leaseId: null, leaseUntil: null, updatedAt: now, finishedAt: now },
    );
    return affected === 1;
  }
}
