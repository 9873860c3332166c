import { Injectable } from '@nestjs/common';
import { databaseFailure } from '../common/database/failures.js';
import { type BatchOutcome, ProductImporter } from './importer.service.js';
import { ImportRepository, type Job, LEASE_SECONDS, LeaseLost } from './imports.repository.js';
import { InvalidHeaderError } from './reader.js';

/** How often a worker says that it lives, in milliseconds: two of three signs may be lost. */
export const HEARTBEAT = (LEASE_SECONDS * 1000) / 3;

/** Carries one import out: batch by batch, each written down in the transaction that writes it. */
@Injectable()
export class ImportWorker {
  constructor(
    private readonly importer: ProductImporter,
    private readonly repository: ImportRepository,
  ) {}

  /**
   * Begins after the last line that is done, and ends with the import finished, failed, or given back.
   * @param shouldContinue is asked after each batch; false gives the import back.
   * @throws an error that neither the file nor the database causes, after the import is marked as failed.
   */
  async execute(
    job: Job,
    stream: AsyncIterable<Uint8Array | string>,
    shouldContinue: (outcome: BatchOutcome) => boolean,
  ): Promise<void> {
    // A batch may take longer than the lease. Should a sign be lost, what the batch records says whose the import is.
    const heart = setInterval(() => void this.repository.renew(job).catch(() => undefined), HEARTBEAT).unref();
    try {
      let since = performance.now();
      const record = (outcome: BatchOutcome): Promise<void> =>
        this.repository.record(job, outcome, performance.now() - since);
      const batches = this.importer.run(stream, job.format, { actorId: job.actorId, after: job.linesDone, record });
      for await (const outcome of batches) {
        since = performance.now();
        if (shouldContinue(outcome)) continue;
        await this.repository.release(job);
        return;
      }
      await this.repository.finish(job);
    } catch (error) {
      await this.fail(job, error);
    } finally {
      clearInterval(heart);
    }
  }

  private async fail(job: Job, error: unknown): Promise<void> {
    if (error instanceof InvalidHeaderError) {
      const faults = error.faults.map((fault) => ({ line: error.line, ...fault }));
      return this.repository.fail(job, 'The header is wrong, so nothing was imported.', faults);
    }
    if (error instanceof LeaseLost) throw error;
    const failed = databaseFailure(error);
    if (failed) {
      // When the database is away, busy or locked, the import goes on later, and this was no attempt. A batch that takes too
      // long is one: its lease ends. If the database can't be reached, the lease ends too.
      if (failed.kind !== 'timeout') await this.repository.release(job).catch(() => undefined);
    } else {
      const failure =
        'An unexpected error stopped the import. What was written stays. Import the file again to continue.';
      // The first error is thrown below; that it could not be recorded adds nothing.
      await this.repository.fail(job, failure).catch(() => undefined);
    }
    throw error;
  }
}
