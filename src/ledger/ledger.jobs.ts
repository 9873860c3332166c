import { defineJob } from '../common/jobs/define-job.js';

/** Seals what was posted; what it can't, the next one does. */
export const SealLedger = defineJob<null>('ledger.seal', { attempts: 3, timeout: 0 });
