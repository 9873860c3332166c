import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { tryLock } from 'fs-native-extensions';
import pg from 'pg';
import { StartError } from '../config/start-error.js';

/** A database that begins with nothing. */
export const EMPTY: unique symbol = Symbol('empty');

/** Where the embedded engine keeps its data: a folder, or, for a database that ends with the process, what it begins with: a dump, or nothing. */
export type EmbeddedLocation = string | Blob | typeof EMPTY;

/**
 * PostgreSQL in this process (PGlite), spoken to by the ordinary `pg` client: what TypeORM's `driver` option takes.
 * The engine has one connection, so the pool has one client and concurrent transactions queue for it.
 */
export function embeddedPostgres(location: EmbeddedLocation): typeof pg {
  const engine = new EmbeddedEngine(location);
  class EmbeddedPool extends pg.Pool {
    constructor(options: pg.PoolConfig) {
      super({
        ...options,
        user: 'postgres',
        database: 'postgres',
        max: 1,
        idleTimeoutMillis: 0,
        stream: () => new EngineStream(engine),
      });
    }

    override end(): Promise<void>;
    override end(done: () => void): void;
    override end(done?: () => void): Promise<void> | void {
      const ended = super.end().then(() => engine.close());
      return done ? void ended.then(done, done) : ended;
    }
  }
  return { ...pg, Pool: EmbeddedPool };
}

class EmbeddedEngine {
  private opened?: Promise<PGlite>;
  private lock?: number;

  constructor(private readonly location: EmbeddedLocation) {}

  open(): Promise<PGlite> {
    this.opened ??= this.start();
    return this.opened;
  }

  async close(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    await opened?.then(
      (db) => db.close(),
      // what could not be opened has been reported to whoever asked for it
      () => undefined,
    );
    if (this.lock !== undefined) closeSync(this.lock);
    this.lock = undefined;
  }

  private async start(): Promise<PGlite> {
    const extensions = { pg_trgm };
    if (this.location === EMPTY) return PGlite.create({ extensions });
    if (typeof this.location !== 'string') return PGlite.create({ loadDataDir: this.location, extensions });
    this.lock = lockFolder(this.location);
    return PGlite.create({ dataDir: join(this.location, 'postgres'), extensions });
  }
}

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
  if (!tryLock(descriptor)) {
    throw new StartError(
      `The data folder ${folder} is in use by another process: stop that one, name another folder with DATA_DIR, ` +
        'or let both use a PostgreSQL server with DATABASE_URL.',
    );
  }
  return descriptor;
}

/** A socket as `pg` sees it, whose other end is the engine. Bytes written are answered in the order they came. */
class EngineStream extends Duplex {
  private db?: PGlite;

  constructor(private readonly engine: EmbeddedEngine) {
    super();
  }

  connect(): this {
    this.engine.open().then(
      (db) => {
        this.db = db;
        this.emit('connect');
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // What the engine answers is pushed by _write as it comes.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const db = this.db;
    if (!db) {
      done(new Error('the embedded engine is not open'));
      return;
    }
    db.execProtocolRaw(chunk).then(
      (answer) => {
        if (answer.length > 0) this.push(answer);
        done();
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
}
