import { defineJob } from '../jobs/define-job.js';

/** A mail that is to be sent, sealed: it may have a one-time token in it. */
export interface SealedMail {
  sealed: string;
}

/** Sends one mail. With a mail server that is away it is tried again for about nine hours. */
export const SendMail = defineJob<SealedMail>('mail.send', {
  attempts: 18,
  firstPause: 5,
  maxPause: 3600,
  concurrency: 5,
  lease: 30,
  timeout: 60,
});
