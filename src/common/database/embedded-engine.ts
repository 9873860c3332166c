import { closeSync, existsSync, mkdirSync, openSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { tryLock } from 'fs-native-extensions';
import { StartError } from '../config/start-error.js';

/** A database that begins with nothing. */
export const EMPTY: unique symbol = Symbol('empty');

/** Where the embedded engine keeps its data: a folder, or, for a database that ends with the process, what it begins with: a dump, or nothing. */
export type EmbeddedLocation = string | Blob | typeof EMPTY;

/**
 * The least free space that the engine works with, in bytes: two segments of its log. With a full disk PostgreSQL does not
 * refuse a statement, it ends; so statements are refused before.
 */
const MIN_FREE_BYTES = 32 * 1024 * 1024;
/** How long a look at the free space is good for, in milliseconds. */
const FREE_SPACE_LIFETIME = 100;
/**
 * A checkpoint is made when the engine has written so much of its log since the last one, in bytes: what is before it can be
 * written over. A server has a process for it; without one the log would grow until the engine is opened again.
 */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** How often the length of the log is looked at, in milliseconds. */
const CHECKPOINT_INTERVAL = 1000;
/** After a failure the engine is started again at most this often, in milliseconds. */
const RESTART_INTERVAL = 1000;

/** PostgreSQL's code of a server that has crashed: what was under way was not done, and may be tried again. */
const CRASHED = '57P02';
const DISK_FULL = '53100';

/** How PostgreSQL leaves a failed statement: by a jump that PGlite knows how to take. */
const LONG_JUMP = 100;

/** The engine cannot work: nothing of what was asked is done. */
export class EngineUnavailable extends StartError {
  constructor(
    message: string,
    /** An SQLSTATE. */
    readonly code: typeof CRASHED | typeof DISK_FULL,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the engine is made of, for tests that have it fail. */
export interface EngineParts {
  create: (location: EmbeddedLocation) => Promise<PGlite>;
  /** Free bytes of the disk that a folder is on. */
  freeBytes: (folder: string) => number;
  /** Milliseconds that only grow. */
  now: () => number;
}

const settings = (...values: string[]): string[] => values.flatMap((value) => ['-c', value]);

/** A scan of a table begins where it begins, and not where another one is: what a search is cut off after stays the same. */
const COMMON = [...PGlite.defaultStartParams, ...settings('synchronize_seqscans=off')];

/** PostgreSQL would keep up to 1 GiB of its log: more than the data of the shops that the engine is for. */
const START_PARAMS = [...COMMON, ...settings('max_wal_size=128MB', 'min_wal_size=32MB')];

/** What is in memory is not there after a crash: nothing is written for that case, and nothing is kept twice. */
const IN_MEMORY = [...COMMON, ...settings('full_page_writes=off', 'synchronous_commit=off', 'shared_buffers=16MB')];

/** The engine as it is. */
export const PARTS: EngineParts = {
  create: (location) => {
    const extensions = { pg_trgm };
    if (location === EMPTY) return PGlite.create({ extensions, startParams: IN_MEMORY });
    if (typeof location !== 'string') {
      return PGlite.create({ loadDataDir: location, extensions, startParams: IN_MEMORY });
    }
    return PGlite.create({ dataDir: join(location, 'postgres'), extensions, startParams: START_PARAMS });
  },
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  now: () => performance.now(),
};

/**
 * One PostgreSQL in this process. When it ends (a failure inside the WASM engine, a full disk), what is asked fails at once,
 * and it is started again from its folder, as a server recovers from a crash.
 */
export class EmbeddedEngine {
  private opened?: Promise<PGlite>;
  private lock?: number;
  private lookedAt = -Infinity;
  private free = Infinity;
  private measuredAt = -Infinity;
  private isIdle = false;
  private failedAt = -Infinity;
  private failure?: EngineUnavailable;

  constructor(
    private readonly location: EmbeddedLocation,
    private readonly parts: EngineParts = PARTS,
  ) {}

  /**
   * Begins a session: nothing of an earlier one is left, in whichever state it ended.
   * @throws EngineUnavailable while the engine cannot work, StartError if the folder can't be used.
   */
  async connect(): Promise<PGlite> {
    const db = await this.open();
    for (const message of RESET) await this.execute(db, message);
    return db;
  }

  /** Sends bytes of the protocol. @throws EngineUnavailable when the engine ends, or has ended before. */
  async execute(db: PGlite, message: Uint8Array): Promise<Uint8Array> {
    this.refuseFullDisk();
    try {
      if (this.isIdle) await this.limitLog(db);
      const answer = await db.execProtocolRaw(message);
      this.isIdle = IDLE.equals(answer.subarray(-IDLE.length));
      return answer;
    } catch (error) {
      throw this.fail(error);
    }
  }

  async close(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    await opened?.then(
      (db) => db.close(),
      // what could not be opened has been reported to the caller that asked for it
      () => undefined,
    );
    if (this.lock !== undefined) closeSync(this.lock);
    this.lock = undefined;
  }

  private open(): Promise<PGlite> {
    this.opened ??= this.start().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  private async start(): Promise<PGlite> {
    if (typeof this.location === 'string') this.lock ??= lockFolder(this.location);
    this.refuseFullDisk();
    // What was in memory alone is gone with its engine.
    const isLost = this.failure && typeof this.location !== 'string';
    if (this.failure && (isLost || this.parts.now() - this.failedAt < RESTART_INTERVAL)) throw this.failure;
    try {
      const db = await this.parts.create(this.location);
      endInsteadOfRepeating(db);
      this.failure = undefined;
      return db;
    } catch (error) {
      throw this.fail(error);
    }
  }

  private fail(cause: unknown): EngineUnavailable {
    this.opened = undefined;
    this.isIdle = false;
    this.failedAt = this.parts.now();
    this.failure = new EngineUnavailable(
      `The embedded database ended unexpectedly (${cause instanceof Error ? cause.message : String(cause)}). It is started again.`,
      CRASHED,
      { cause },
    );
    return this.failure;
  }

  /** To be called between transactions. */
  private async limitLog(db: PGlite): Promise<void> {
    const now = this.parts.now();
    if (typeof this.location !== 'string' || now - this.measuredAt < CHECKPOINT_INTERVAL) return;
    this.measuredAt = now;
    const { rows } = await db.query<{ isLong: boolean }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${String(CHECKPOINT_BYTES)} AS "isLong"
       FROM pg_control_checkpoint()`,
    );
    if (rows.some(({ isLong }) => isLong)) await db.exec('CHECKPOINT');
  }

  private refuseFullDisk(): void {
    if (typeof this.location !== 'string') return;
    const now = this.parts.now();
    if (now - this.lookedAt >= FREE_SPACE_LIFETIME) {
      this.free = this.parts.freeBytes(this.location);
      this.lookedAt = now;
    }
    if (this.free >= MIN_FREE_BYTES) return;
    const [free, needed] = [this.free, MIN_FREE_BYTES].map((bytes) => String(Math.floor(bytes / 1024 / 1024)));
    throw new EngineUnavailable(
      `The disk of the data folder ${this.location} is full: ${free ?? ''} MiB are free, ${needed ?? ''} MiB are needed. Make space on it.`,
      DISK_FULL,
    );
  }
}

/** A message of the protocol: its type, its length and a text. */
function messageOf(type: string, text?: string): Uint8Array {
  const body = text === undefined ? Buffer.alloc(0) : Buffer.from(`${text}\0`);
  const message = Buffer.alloc(5 + body.length);
  message.write(type, 0, 'latin1');
  message.writeUInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}

/** The end of an answer after which no transaction is open: ReadyForQuery, idle. */
const IDLE = Buffer.from('Z\0\0\0\x05I', 'latin1');

/** Ends what a session that was cut off may have left: a half-sent statement, a transaction, prepared statements, settings. */
const RESET = [messageOf('S'), messageOf('Q', 'ROLLBACK'), messageOf('Q', 'DISCARD ALL')];

/**
 * PGlite repeats its main loop until the message is read, and takes every exception of it for a failed statement: where the
 * engine has ended (PANIC, exit, out of memory), that would be for ever. So the first such exception leaves the loop.
 */
function endInsteadOfRepeating({ Module: module }: PGlite): void {
  const { _PostgresMainLoopOnce: once, stackRestore: restore } = module;
  let end: { cause: unknown } | undefined;
  module._PostgresMainLoopOnce = () => {
    try {
      once();
    } catch (error) {
      if (!isLongJump(error)) end = { cause: error };
      throw error;
    }
  };
  module.stackRestore = (pointer) => {
    // Called in the handler of that exception, and out of reach of any other one.
    if (end) throw end.cause;
    return restore(pointer);
  };
}

const isLongJump = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === LONG_JUMP;

/**
 * Takes the folder for this process until it ends, however it ends: the operating system drops the lock.
 * Two engines on one folder corrupt it without an error.
 * @returns the open file that holds the lock.
 * @throws StartError if the folder can't be written or another process has it.
 */
function lockFolder(folder: string): number {
  let descriptor: number;
  try {
    // one level: Node never comes back from a recursive mkdir in /proc
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    descriptor = openSync(join(folder, 'lock'), 'a', 0o600);
  } catch (error) {
    const reason = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    throw new StartError(
      `The data folder ${folder} can't be written (${reason}): make it writable or name another one with DATA_DIR.`,
    );
  }
  if (tryLock(descriptor)) return descriptor;
  closeSync(descriptor);
  throw new StartError(
    `The data folder ${folder} is in use by another process: stop that one, name another folder with DATA_DIR, ` +
      'or let both use a PostgreSQL server with DATABASE_URL.',
  );
}
