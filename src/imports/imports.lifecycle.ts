import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { type Import, MAX_KEPT_FAULTS } from './entities/import.entity.js';
import type { BatchOutcome } from './importer.service.js';
import { ImportsChunksRepository } from './imports.chunks.repository.js';
import { ImportsFaultsRepository } from './imports.faults.repository.js';
import { ImportsFaultyLinesRepository } from './imports.faulty-lines.repository.js';
import { ImportLimits } from './imports.limits.js';
import { ExecuteImport } from './imports.jobs.js';
import type { ImportSettings } from './imports.settings.js';
import { ImportsRepository } from './imports.repository.js';
import type { Detected, ImportFaultAt, ImportFormat } from './reader.js';

/** After how many seconds without an end an upload is taken to be broken off; it may come over a slow line. */
const UPLOAD_SECONDS = 600;
/** How often an import is begun without a batch coming through, before it is failed. */
const MAX_ATTEMPTS = 3;

/** Somebody else has taken over the import: this worker was thought to be dead. */
export class LeaseLost extends Error {}

/** An import that a worker has: by the lease, it is this one's alone. */
export type ImportJob = Import & { leaseId: string };

/** A file that the command imports. */
export interface ImportedFile {
  name: string;
  format: ImportFormat;
  options: ImportSettings;
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
export class ImportLifecycle {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly faults: ImportsFaultsRepository,
    private readonly faultyLines: ImportsFaultyLinesRepository,
    private readonly chunks: ImportsChunksRepository,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly limits: ImportLimits,
  ) {}

  /** Begins an upload, which nobody sees until it is {@link queue}d. */
  async receive(format: ImportFormat, actorId: string, options: ImportSettings): Promise<string> {
    const id = uuidv7();
    await this.insert({ id, state: 'receiving', format, options, actorId, leaseUntil: this.clock.in(UPLOAD_SECONDS) });
    return id;
  }

  /** The upload is complete: any process may execute it. */
  async queue(id: string, bytes: number): Promise<void> {
    await this.transactions.run(async () => {
      await this.imports.queue(id, bytes);
      await this.jobs.enqueue(ExecuteImport, { importId: id });
    });
  }

  /** Forgets an upload that did not come to its end. */
  async discard(id: string): Promise<void> {
    await this.imports.deleteReceiving(id);
  }

  /** Deletes uploads whose process died before they were complete. @returns how many. */
  async deleteAbandoned(limit: number): Promise<number> {
    return this.imports.deleteAbandoned(this.clock.now(), limit);
  }

  /** Deletes imports that ended `IMPORTS_KEPT_DAYS` ago, with their faults: at most `limit`. @returns how many. */
  async deleteOld(limit: number): Promise<number> {
    return this.imports.deleteOld(this.clock.in(-this.limits.keptDays * 24 * 3600), limit);
  }

  /**
   * Begins an upload, or goes on with it: this worker's now, and no other's. One that was begun {@link MAX_ATTEMPTS} times without
   * a batch coming through is failed instead: it may be what ends the processes.
   * @returns undefined when there is nothing to do.
   */
  async begin(id: string): Promise<ImportJob | undefined> {
    const leaseId = uuidv7();
    const begun = await this.imports.begin(id, leaseId, this.clock.now());
    if (!begun) return undefined;
    const job = Object.assign(begun, { leaseId });
    if (job.attempts <= MAX_ATTEMPTS) return job;
    await this.fail(job, `It was given up after ${String(MAX_ATTEMPTS)} attempts: ${afterLine(job.linesDone)}`);
    return undefined;
  }

  /**
   * Begins the import of a file, or goes on with the one that was interrupted: it belongs to the caller from then on.
   * @param restart begins at the first line all the same.
   */
  async open(file: ImportedFile, restart = false): Promise<ImportJob> {
    return this.transactions.run(async () => {
      const begun = file.fingerprint === null ? [] : await this.imports.lockUnfinished(file.fingerprint);
      const lease = { state: 'running', leaseId: uuidv7() } as const;
      const [last] = begun;
      if (last && !restart) {
        await this.imports.take(last.id, lease.leaseId);
        return Object.assign(last, lease);
      }
      for (const { id, leaseId } of begun) {
        // eslint-disable-next-line stockroom/no-queries-in-loops -- those of one file: few
        await this.end(id, leaseId, 'failed', 'It was started again from the first line.');
      }
      const { name, format, options, fingerprint, bytes } = file;
      const id = uuidv7();
      await this.insert({ id, format, options, file: name, fingerprint, bytes, ...lease });
      return Object.assign(await this.imports.read(id), lease);
    });
  }

  /** Writes down how the file is written; nothing when the import has another worker by now. */
  async describe({ id, leaseId }: ImportJob, detected: Detected): Promise<void> {
    await this.transactions.run(async () => {
      await this.imports.describe(id, leaseId, detected);
      if (detected.header) await this.faultyLines.insertMany(id, [detected.header]);
    });
  }

  /**
   * Writes down what became of a batch, in the transaction that writes the batch.
   * @throws LeaseLost when the import has another worker by now: then nothing of the batch is to be written.
   */
  async record(job: ImportJob, outcome: BatchOutcome, milliseconds: number): Promise<void> {
    const found = await this.imports.addBatch(job, outcome, milliseconds, this.clock.now());
    if (found === undefined) throw new LeaseLost('The import was taken over by another process.');
    const before = found - outcome.faults.length;
    const kept = outcome.faults.slice(0, Math.max(0, MAX_KEPT_FAULTS - before));
    await this.faults.insertMany(job.id, kept);
    const last = kept.at(-1)?.line ?? 0;
    const lines = (outcome.faultyLines ?? []).filter(({ line }) => line <= last);
    await this.faultyLines.insertMany(job.id, lines);
  }

  /** Lets others go on with the import, or this process after its next start. */
  async release({ id, leaseId, file }: ImportJob): Promise<void> {
    // That of a file waits for the command to be run again: nobody else has the file.
    await this.imports.release(id, leaseId, file === null ? 'queued' : 'running', this.clock.now());
  }

  async finish({ id, leaseId }: ImportJob): Promise<void> {
    await this.transactions.run(() => this.end(id, leaseId, 'finished'));
  }

  /** It failed as a whole, for a reason that its user can read. */
  async fail({ id, leaseId }: ImportJob, failure: string, faults: readonly ImportFaultAt[] = []): Promise<void> {
    await this.transactions.run(async () => {
      if (!(await this.end(id, leaseId, 'failed', failure))) return;
      await this.imports.addFaults(id, faults.length);
      await this.faults.insertMany(id, faults);
    });
  }

  /** @returns whether it was this worker's to end. */
  private async end(
    id: string,
    leaseId: string | null,
    state: 'finished' | 'failed',
    failure: string | null = null,
  ): Promise<boolean> {
    if (!(await this.imports.end(id, leaseId, { state, failure }, this.clock.now()))) return false;
    await this.chunks.deleteAll(id);
    return true;
  }

  private async insert(values: Partial<Import>): Promise<void> {
    const now = this.clock.now();
    await this.imports.insert({ ...values, createdAt: now, updatedAt: now });
  }
}
