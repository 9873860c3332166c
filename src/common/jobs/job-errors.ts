import { databaseFailure } from '../database/failures.js';
import { AppError, type ErrorReason } from '../errors/app-error.js';
import { messageOf } from '../logging/error-serializer.js';
import { SECRET_PATTERNS } from '../logging/redaction.js';

/** How long the text of an error is kept at most, in characters. */
const LONGEST = 500;

/** Another process has taken the job: this one was thought to be dead. */
export class LeaseLost extends Error {
  constructor() {
    super('another process has taken over the job');
  }
}

/** An attempt took longer than its kind may. */
export class JobTimeout extends Error {
  constructor(seconds: number) {
    super(`the attempt took longer than ${String(seconds)} s`);
  }
}

/** The process stops: the job is given back. */
export class ProcessStopping extends Error {
  constructor() {
    super('the process is stopping');
  }
}

/** Reasons that stay however often a job is tried. */
const PERMANENT: ReadonlySet<ErrorReason> = new Set<ErrorReason>([
  'malformed',
  'unauthenticated',
  'forbidden',
  'not-found',
  'invalid',
]);

/** Whether trying again cannot help. */
export const isPermanent = (error: unknown): boolean => error instanceof AppError && PERMANENT.has(error.kind.reason);

/**
 * After how many seconds a job goes on that the database cut short, which is no attempt; undefined of any other failure. A statement
 * that took too long is an attempt: it may do so each time.
 */
export function pauseOfDatabase(error: unknown): number | undefined {
  const failure = databaseFailure(error);
  return failure === undefined || failure.kind === 'timeout' ? undefined : failure.retryAfter;
}

/** An error as the row of a job keeps it: one line, cut, without values of rows and without secrets. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.constructor.name}: ${messageOf(error)}` : String(error);
  const line = text.replaceAll(/[\s\0]+/g, ' ').replace(SECRET_PATTERNS, '[redacted]');
  return (line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line).toWellFormed();
}
