import { defineError } from '../common/errors/app-error.js';

export const EventWaits = defineError(
  'event-waits',
  'conflict',
  'The event waits for another one',
  'A handler does the events of one resource in their order: an earlier one failed. Retry or skip that one first.',
);
export const JobNotDead = defineError(
  'job-not-dead',
  'conflict',
  'The job was not given up',
  'Only a job that was given up can be tried again: this one waits, runs or has finished, or another one with its key waits.',
);
