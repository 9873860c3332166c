import { defineJob } from '../common/jobs/define-job.js';

/**
 * Executes one upload. A large one may be begun often, as long as batches come through: how often it is begun without one is counted
 * with the import.
 */
export const ExecuteImport = defineJob<{ importId: string }>('imports.execute', {
  attempts: 100_000,
  firstPause: 2,
  maxPause: 60,
  concurrency: 1,
  lease: 6,
  timeout: 0,
});
