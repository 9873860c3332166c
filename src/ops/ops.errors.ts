import { defineError } from '../common/errors/app-error.js';

export const JobNotDead = defineError(
  'job-not-dead',
  'conflict',
  'The job was not given up',
  'Only a job that was given up can be tried again: this one waits, runs or has finished, or another one with its key waits.',
);
