import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Retention } from '../common/background/retention.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { ImportChunkStore } from './imports.chunks.js';
import { ExecuteImport } from './imports.jobs.js';
import { ImportLifecycle } from './imports.lifecycle.js';
import { ImportWorker } from './imports.worker.js';

/** Does the uploaded imports: in each process one after the other, and each by one process alone. */
@Injectable()
export class ImportRunner implements OnModuleInit {
  constructor(
    private readonly lifecycle: ImportLifecycle,
    private readonly chunks: ImportChunkStore,
    private readonly worker: ImportWorker,
    private readonly retention: Retention,
    private readonly jobs: JobsService,
  ) {}

  onModuleInit(): void {
    this.retention.register({ name: 'imports', deleteBatch: (limit) => this.lifecycle.deleteOld(limit) });
    this.retention.register({ name: 'uploads', deleteBatch: (limit) => this.lifecycle.deleteAbandoned(limit) });
    this.jobs.handle(ExecuteImport, ({ importId }, { signal }) => this.execute(importId, signal));
  }

  private async execute(importId: string, signal: AbortSignal): Promise<void> {
    const job = await this.lifecycle.begin(importId);
    if (!job) return;
    await this.worker.execute(job, this.chunks.read(importId), () => !signal.aborted);
    // it was given back between two batches
    signal.throwIfAborted();
  }
}
