import { Injectable } from '@nestjs/common';
import { databaseFailure } from '../common/database/failures.js';
import { type BatchOutcome, ProductImporter } from './importer.service.js';
import type { PhotoOrigins } from './imports.photos.js';
import { type ImportJob, ImportLifecycle, LeaseLost } from './imports.lifecycle.js';
import { settingsOf } from './imports.settings.js';
import { UnreadableFileError } from './reader.errors.js';
import { type Detected, InvalidHeaderError } from './reader.js';

/** Carries one import out: batch by batch, each written down in the transaction that writes it. */
@Injectable()
export class ImportWorker {
  constructor(
    private readonly importer: ProductImporter,
    private readonly lifecycle: ImportLifecycle,
  ) {}

  /**
   * Begins after the last line that is done, and ends with the import finished, failed, or given back.
   * @param shouldContinue is asked after each batch; false gives the import back.
   * @param photos where photos come from; without it, lines must not name any.
   * @throws an error that neither the file nor the database causes, after the import is marked as failed.
   */
  async execute(
    job: ImportJob,
    stream: AsyncIterable<Uint8Array | string>,
    shouldContinue: (outcome: BatchOutcome) => boolean,
    photos?: PhotoOrigins,
  ): Promise<void> {
    try {
      let since = performance.now();
      const record = (outcome: BatchOutcome): Promise<void> =>
        this.lifecycle.record(job, outcome, performance.now() - since);
      const { actorId, format, linesDone: after } = job;
      const settings = settingsOf(job.options);
      const onDetected = (detected: Detected): Promise<void> => this.lifecycle.describe(job, detected);
      const batches = this.importer.run(stream, format, { actorId, after, settings, photos, record, onDetected });
      for await (const outcome of batches) {
        since = performance.now();
        if (shouldContinue(outcome)) continue;
        await this.lifecycle.release(job);
        return;
      }
      await this.lifecycle.finish(job);
    } catch (error) {
      await this.fail(job, error);
    }
  }

  private async fail(job: ImportJob, error: unknown): Promise<void> {
    if (error instanceof InvalidHeaderError) {
      const faults = error.faults.map((fault) => ({ line: error.line, ...fault }));
      return this.lifecycle.fail(job, 'The header is wrong, so nothing was imported.', faults);
    }
    if (error instanceof UnreadableFileError) return this.lifecycle.fail(job, error.message);
    if (error instanceof LeaseLost) throw error;
    const failed = databaseFailure(error);
    if (failed) {
      // When the database is away, busy or locked, the import goes on later, and this was no attempt. A batch that takes too
      // long is one.
      if (failed.kind !== 'timeout') await this.lifecycle.release(job).catch(() => undefined);
    } else {
      const failure =
        'An unexpected error stopped the import. What was written stays. Import the file again to continue.';
      // The first error is thrown below; that it could not be recorded adds nothing.
      await this.lifecycle.fail(job, failure).catch(() => undefined);
    }
    throw error;
  }
}
