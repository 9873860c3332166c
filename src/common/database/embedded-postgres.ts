import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { EmbeddedEngine, type EmbeddedLocation, type EngineParts } from './embedded-engine.js';

export { EMPTY, type EmbeddedLocation } from './embedded-engine.js';

/**
 * PostgreSQL in this process (PGlite), spoken to by the ordinary `pg` client: what TypeORM's `driver` option takes.
 * The engine has one connection, so the pool has one client and concurrent transactions queue for it.
 * @param parts what the engine is made of, where a test has it fail.
 */
export function embeddedPostgres(location: EmbeddedLocation, parts?: EngineParts): typeof pg {
  const engine = new EmbeddedEngine(location, parts);
  class EmbeddedPool extends pg.Pool {
    constructor(options: pg.PoolConfig) {
      super({
        ...options,
        user: 'postgres',
        database: 'postgres',
        max: 1,
        idleTimeoutMillis: 0,
        pipeline: true,
        stream: () => new EngineStream(engine),
      });
      // The engine may end while a client waits for nothing: the next statement tells, and begins a session again.
      this.on('error', () => undefined);
      this.on('connect', (client) => client.on('error', () => undefined));
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

/** A socket as `pg` sees it, whose other end is the engine. Bytes written are answered in the order they came. */
class EngineStream extends Duplex {
  private db?: PGlite;

  constructor(private readonly engine: EmbeddedEngine) {
    super();
  }

  connect(): this {
    this.engine.connect().then(
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
    this.engine.execute(db, chunk).then(
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

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // hundreds of megabytes, which a client that is kept would keep
    this.db = undefined;
    done(error);
  }
}
