import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { OtherSystemFailed } from '../errors/other-system-failed.js';

/**
 * Why the database did not do what it was asked:
 * - `unavailable`: it is away, refuses connections, or the connection broke;
 * - `exhausted`: connections, file descriptors, disk or memory are used up;
 * - `read-only`: it is a standby, or takes no writes;
 * - `timeout`: the statement ran longer than it may;
 * - `locked`: somebody else held a row or a table for longer than a request waits;
 * - `contended`: transactions were in each other's way (deadlock, serialization), also when tried again;
 * - `outcome-unknown`: the connection broke while a transaction committed, which may have happened or not.
 */
type FailureKind = 'unavailable' | 'exhausted' | 'read-only' | 'timeout' | 'locked' | 'contended' | 'outcome-unknown';

/** A failure that is neither the request's fault nor a fault of the application: the same may succeed later. */
export interface DatabaseFailure {
  kind: FailureKind;
  /** What a client may read. */
  detail: string;
  /** After how many seconds it is worth trying again. */
  retryAfter: number;
}

const failure = (kind: FailureKind, detail: string, retryAfter: number): DatabaseFailure =>
  Object.freeze({ kind, detail, retryAfter });

const UNAVAILABLE = failure('unavailable', 'A system that this needs does not answer. Try again later.', 5);
const EXHAUSTED = failure('exhausted', 'Too much is being asked at the moment. Try again later.', 5);
const READ_ONLY = failure(
  'read-only',
  'The database is read-only at the moment: nothing can be changed. Try again later.',
  5,
);
const TIMEOUT = failure('timeout', 'The database took too long. Try again later, or ask for less.', 5);
const LOCKED = failure('locked', 'Another operation is changing the same data. Try again.', 2);
const CONTENDED = failure('contended', 'Other operations are changing the same data. Try again.', 1);
const OUTCOME_UNKNOWN = failure(
  'outcome-unknown',
  'The connection to the database broke while the change was saved: it is unknown whether it was. Check before you send it ' +
    'again, or send it again with the same Idempotency-Key.',
  5,
);

/** By SQLSTATE or its class; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const BY_SQLSTATE = new Map<string, DatabaseFailure>([
  ['08', UNAVAILABLE],
  // no such user, wrong password; no such database: true of a running process when they have changed
  ['28', UNAVAILABLE],
  ['3D000', UNAVAILABLE],
  ['57P', UNAVAILABLE],
  // a transaction in which nothing was asked for too long
  ['25P03', UNAVAILABLE],
  ['58', UNAVAILABLE],
  ['53', EXHAUSTED],
  ['25006', READ_ONLY],
  ['57014', TIMEOUT],
  ['55P03', LOCKED],
  ['40P01', CONTENDED],
  ['40001', CONTENDED],
  ['40003', OUTCOME_UNKNOWN],
]);

/** By the code of Node.js: sockets, names, file descriptors. */
const BY_SYSTEM_CODE = new Map<string, DatabaseFailure>([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'ETIMEDOUT',
    'EPIPE',
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'ENETRESET',
    'ENOTFOUND',
    'EAI_AGAIN',
  ].map((code) => [code, UNAVAILABLE] as const),
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'].map((code) => [code, EXHAUSTED] as const),
]);

/** What pg, pg-pool and TypeORM report without a code. */
const BY_MESSAGE: readonly (readonly [RegExp, DatabaseFailure])[] = [
  [/^timeout exceeded when trying to connect$/, EXHAUSTED],
  [
    /^Connection terminated|^timeout expired$|is not queryable$|^Cannot use a pool after calling end|^Driver not Connected$/,
    UNAVAILABLE,
  ],
];

/** How many causes of causes are looked at. */
const DEPTH = 5;

/** The connection broke while a transaction committed: it is unknown whether its effects are there. */
export class OutcomeUnknown extends Error {}

/** What kind of failure of the database an error stands for; undefined for anything else, faults of the application among them. */
export function databaseFailure(error: unknown, depth = 0): DatabaseFailure | undefined {
  // by its looks: an error of Node.js itself may be one of another realm
  if (typeof error !== 'object' || error === null || !('message' in error) || depth > DEPTH) return undefined;
  if (error instanceof OtherSystemFailed) return undefined;
  if (error instanceof OutcomeUnknown) return OUTCOME_UNKNOWN;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    byCode(code, 'syscall' in error ? error.syscall : undefined) ??
    databaseFailure('driverError' in error ? error.driverError : undefined, depth + 1) ??
    databaseFailure('cause' in error ? error.cause : undefined, depth + 1) ??
    BY_MESSAGE.find(([message]) => message.test(String(error.message)))?.[1] ??
    (error instanceof QueryRunnerAlreadyReleasedError ? UNAVAILABLE : undefined)
  );
}

function byCode(code: string, syscall: unknown): DatabaseFailure | undefined {
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const known = BY_SQLSTATE.get(code) ?? BY_SQLSTATE.get(code.slice(0, 3)) ?? BY_SQLSTATE.get(code.slice(0, 2));
    if (known) return known;
  }
  // the socket of a server on this machine is gone
  return BY_SYSTEM_CODE.get(code) ?? (code === 'ENOENT' && syscall === 'connect' ? UNAVAILABLE : undefined);
}

/** Whether the database does nothing at all at the moment: what failed by that has not been tried. */
export function isDatabaseAway(error: unknown): boolean {
  const kind = databaseFailure(error)?.kind;
  return kind === 'unavailable' || kind === 'exhausted' || kind === 'read-only';
}

/** Whether doing the whole transaction again may succeed: others were in its way, and nothing of it has happened. */
export const isContention = (error: unknown): boolean => databaseFailure(error)?.kind === 'contended';
