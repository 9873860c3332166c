import pg from 'pg';
import { SharedConnections } from './shared-connections.js';
import { TransactionClient } from './transaction-client.js';

/** How many of a pool's connections are shared at most: more would have less to send together. */
const MAX_SHARED = 4;

/** A pool of connections for transactions, with a share of its size for single short statements. */
export class ServerPool extends pg.Pool {
  /** Undefined in a pool that is too small. */
  readonly shared?: SharedConnections;

  constructor(options: pg.PoolConfig & { max: number }) {
    const shared = Math.min(MAX_SHARED, Math.floor(options.max / 2));
    const max = options.max - shared;
    // a connection that may be closed when it idles needs a timer for each use
    super({ ...options, max, idleTimeoutMillis: 0, Client: TransactionClient });
    if (shared > 0) this.shared = new SharedConnections(options, shared);
  }

  override end(): Promise<void>;
  override end(done: () => void): void;
  override end(done?: () => void): Promise<void> | void {
    const ended = Promise.all([super.end(), this.shared?.end()]).then(() => undefined);
    return done ? void ended.then(done, done) : ended;
  }
}

/** A PostgreSQL server: what TypeORM's `driver` option takes. */
export const serverPostgres = { ...pg, Pool: ServerPool };
