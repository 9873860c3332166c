import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { IsNull, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { deleteRows, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { Clock } from '../common/time/clock.js';
import { Import, MAX_KEPT_FAULTS } from './entities/import.entity.js';
import type { BatchOutcome, ImportFaultAt } from './importer.service.js';
import type { ImportFormat } from './reader.js';

/** After how many seconds without a sign of life a worker is taken to be dead. The clocks of processes differ by less. */
export const LEASE_SECONDS = 6;
/** After how many seconds without an end an upload is taken to be broken off; it may come over a slow line. */
const UPLOAD_SECONDS = 600;
/** How often an import is begun without a batch coming through, before it is failed. */
const MAX_ATTEMPTS = 3;
/** How long an import and its faults are kept after its end, in days. */
export const KEPT_DAYS = 90;
/** How many old imports one statement deletes: each may have thousands of faults. */
const OLD_AT_ONCE = 10;

/** The columns of an {@link Import}, of `imports i`. */
export const IMPORT_COLUMNS = raw(`
  i.id, i.state, i.format, i.file, i.fingerprint, i.bytes, i.bytes_done AS "bytesDone", i.lines_done AS "linesDone", i.created,
  i.updated, i.unchanged, i.faulty, i.faults_found AS "faultsFound", i.attempts,
  i.busy_milliseconds AS "busyMilliseconds", i.failure, i.lease_id AS "leaseId",
  i.lease_until AS "leaseUntil", i.actor_id AS "actorId", i.created_at AS "createdAt", i.updated_at AS "updatedAt",
  i.finished_at AS "finishedAt"`);

/** Somebody else has taken over the import: this worker was thought to be dead. */
export class LeaseLost extends Error {}

/** An import that a worker has: by the lease, it is this one's alone. */
export type Job = Import & { leaseId: string };

/** A file that the command imports. */
export interface ImportedFile {
  name: string;
  format: ImportFormat;
  /** Null when it can't be read again, as standard input. */
  fingerprint: string | null;
  bytes: number | null;
}

const afterLine = (line: number): string =>
  line === 0
    ? 'the process ended each time before its first lines were written. Check the first lines of the file.'
    : `the process ended each time after line ${String(line)}. What was done up to it stays; check the lines after it.`;

/** Keeps account of imports: who works on which, how far it is, and what was wrong. */
@Injectable()
export class ImportRepository {
  constructor(
    @InjectRepository(Import) private readonly imports: Repository<Import>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Begins an upload, which nobody sees until it is {@link queue}d. */
  async receive(format: ImportFormat, actorId: string): Promise<string> {
    const id = uuidv7();
    await this.insert({ id, state: 'receiving', format, actorId, leaseUntil: this.clock.in(UPLOAD_SECONDS) });
    return id;
  }

  /** The upload is complete: any free worker may execute it. */
  async queue(id: string, bytes: number): Promise<void> {
    await this.imports.update({ id, state: 'receiving' }, { state: 'queued', bytes, leaseUntil: null });
  }

  /** Forgets an upload that did not come to its end. */
  async discard(id: string): Promise<void> {
    await this.imports.delete({ id, state: 'receiving' });
  }

  /** Deletes uploads whose process died before they were complete. @returns how many. */
  deleteAbandoned(limit: number): Promise<number> {
    return deleteRows(
      this.imports.manager,
      sql`DELETE FROM imports WHERE id IN (
            SELECT id FROM imports WHERE state = 'receiving' AND lease_until < ${this.clock.now()}
            LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }

  /** Deletes imports that ended {@link KEPT_DAYS} ago, with their faults: at most `limit`. @returns how many. */
  async deleteOld(limit: number): Promise<number> {
    let all = 0;
    for (let deleted = OLD_AT_ONCE; deleted === OLD_AT_ONCE && all < limit; all += deleted) {
      deleted = await deleteRows(
        this.imports.manager,
        sql`DELETE FROM imports WHERE id IN (
              SELECT id FROM imports WHERE finished_at <= ${this.clock.in(-KEPT_DAYS * 24 * 3600)}
              ORDER BY finished_at LIMIT ${OLD_AT_ONCE} FOR UPDATE SKIP LOCKED
            ) RETURNING 1`,
      );
    }
    return all;
  }

  /**
   * The oldest upload that waits, or whose worker died; this worker's now, and no other's. One that was begun
   * {@link MAX_ATTEMPTS} times without a batch coming through is failed instead: it may be what ends the processes.
   */
  async claim(): Promise<Job | undefined> {
    for (let job = await this.claimNext(); job; job = await this.claimNext()) {
      if (job.attempts <= MAX_ATTEMPTS) return job;
      await this.fail(job, `It was given up after ${String(MAX_ATTEMPTS)} attempts: ${afterLine(job.linesDone)}`);
    }
    return undefined;
  }

  private async claimNext(): Promise<Job | undefined> {
    const now = this.clock.now();
    const [claimed] = await run<Job>(
      this.imports.manager,
      sql`WITH i AS (
            UPDATE imports SET state = 'running', lease_id = ${uuidv7()}, lease_until = ${this.leaseEnd()}, updated_at = ${now},
              attempts = attempts + 1
            WHERE id = (
              SELECT id FROM imports
              WHERE file IS NULL AND (state = 'queued' OR (state = 'running' AND lease_until <= ${now}))
              ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING *
          ) SELECT ${IMPORT_COLUMNS} FROM i`,
    );
    return claimed;
  }

  /** Says that the worker of an import lives. @returns whether the import is still its own. */
  async renew({ id, leaseId }: Job): Promise<boolean> {
    const { affected } = await this.imports.update({ id, leaseId, state: 'running' }, { leaseUntil: this.leaseEnd() });
    return affected === 1;
  }

  /**
   * Begins the import of a file, or goes on with the one that was interrupted: it belongs to the caller from then on.
   * @param restart begins at the first line all the same.
   */
  async open(file: ImportedFile, restart = false): Promise<Job> {
    return this.transactions.run(async () => {
      const begun = file.fingerprint === null ? [] : await this.unfinished(file.fingerprint);
      const lease = { state: 'running', leaseId: uuidv7(), leaseUntil: this.leaseEnd() } as const;
      const [last] = begun;
      if (last && !restart) {
        await this.imports.update(last.id, lease);
        return Object.assign(last, lease);
      }
      for (const { id, leaseId } of begun) {
        // eslint-disable-next-line stockroom/no-queries-in-loops -- those of one file: few
        await this.end(id, leaseId, 'failed', 'It was started again from the first line.');
      }
      const { name, format, fingerprint, bytes } = file;
      const id = uuidv7();
      await this.insert({ id, format, file: name, fingerprint, bytes, ...lease });
      return Object.assign(await this.imports.findOneByOrFail({ id }), lease);
    });
  }

  /**
   * Writes down what became of a batch, in the transaction that writes the batch.
   * @throws LeaseLost when the import has another worker by now: then nothing of the batch is to be written.
   */
  async record({ id, leaseId }: Job, outcome: BatchOutcome, milliseconds: number): Promise<void> {
    const { lastLine, end, created, updated, unchanged, faulty } = outcome;
    const [recorded] = await run<{ faultsFound: number }>(
      this.imports.manager,
      sql`WITH recorded AS (
            UPDATE imports SET
              lines_done = ${lastLine}, bytes_done = ${end}, created = created + ${created}, updated = updated + ${updated},
              unchanged = unchanged + ${unchanged}, faulty = faulty + ${faulty},
              busy_milliseconds = busy_milliseconds + ${Math.round(milliseconds)}, attempts = 0,
              faults_found = faults_found + ${outcome.faults.length},
              lease_until = ${this.leaseEnd()}, updated_at = ${this.clock.now()}
            WHERE id = ${id} AND lease_id = ${leaseId} AND state = 'running' RETURNING faults_found
          ) SELECT faults_found AS "faultsFound" FROM recorded`,
    );
    if (!recorded) throw new LeaseLost('The import was taken over by another process.');
    const kept = recorded.faultsFound - outcome.faults.length;
    await this.keepFaults(id, outcome.faults.slice(0, Math.max(0, MAX_KEPT_FAULTS - kept)));
  }

  /** Lets others go on with the import, or this process after its next start. */
  async release({ id, leaseId, file }: Job): Promise<void> {
    const now = this.clock.now();
    // That of a file waits for the command to be run again: nobody else has the file.
    const state = file === null ? 'queued' : 'running';
    await this.imports.update(
      { id, leaseId, state: 'running' },
      { state, leaseUntil: now, updatedAt: now, attempts: 0 },
    );
  }

  async finish({ id, leaseId }: Job): Promise<void> {
    await this.transactions.run(() => this.end(id, leaseId, 'finished'));
  }

  /** It failed as a whole, for a reason that its user can read. */
  async fail({ id, leaseId }: Job, failure: string, faults: readonly ImportFaultAt[] = []): Promise<void> {
    await this.transactions.run(async () => {
      if (!(await this.end(id, leaseId, 'failed', failure))) return;
      await this.imports.increment({ id }, 'faultsFound', faults.length);
      await this.keepFaults(id, faults);
    });
  }

  /** The imports of a file that did not come to their end, the latest first. */
  private unfinished(fingerprint: string): Promise<Import[]> {
    return this.imports.find({
      where: { fingerprint, state: 'running' },
      order: { createdAt: 'DESC', id: 'DESC' },
      lock: { mode: 'pessimistic_write' },
    });
  }

  /** @returns whether it was this worker's to end. */
  private async end(
    id: string,
    leaseId: string | null,
    state: 'finished' | 'failed',
    failure: string | null = null,
  ): Promise<boolean> {
    const now = this.clock.now();
    const { affected } = await this.imports.update(
      { id, leaseId: leaseId ?? IsNull() },
      { state, failure, leaseId: null, leaseUntil: null, updatedAt: now, finishedAt: now },
    );
    if (affected !== 1) return false;
    await run(this.imports.manager, sql`DELETE FROM import_chunks WHERE import_id = ${id}`);
    return true;
  }

  private async keepFaults(importId: string, faults: readonly ImportFaultAt[]): Promise<void> {
    if (faults.length === 0) return;
    const rows = faults.map((fault) => ({ id: uuidv7(), ...fault }));
    await run(
      this.imports.manager,
      sql`INSERT INTO import_faults (id, import_id, line, "column", code, detail)
          SELECT id, ${importId}::uuid, line, "column", code, detail
          FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS fault (
            id uuid, line bigint, "column" text, code text, detail text)`,
    );
  }

  private async insert(values: Partial<Import>): Promise<void> {
    const now = this.clock.now();
    await this.imports.insert({ ...values, createdAt: now, updatedAt: now });
  }

  private leaseEnd(): Date {
    return this.clock.in(LEASE_SECONDS);
  }
}
