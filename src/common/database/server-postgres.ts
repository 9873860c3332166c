import pg from 'pg';
import { DatabaseClient } from './client.js';
import { SearchConnections } from './search-connections.js';
import { SharedConnection, SharedConnections } from './shared-connections.js';
import { TransactionClient } from './transaction-client.js';

/** How many of a pool's connections are shared at most: more would have less to send together. */
const MAX_SHARED = 4;
/** How many are kept for searches, in a pool large enough. */
const MAX_SEARCHES = 2;

/** The time limits of statements that an index answers at once, in milliseconds. */
const SHARED_LIMITS: Limits = { statement_timeout: 2000, lock_timeout: 1000 };
/** The time limits of the connection that readiness is asked over, in milliseconds. */
const PROBE_LIMITS: Limits = { statement_timeout: 1000, lock_timeout: 1000, connectionTimeoutMillis: 1000 };

/**
 * How long the server keeps a transaction open in which nothing is asked, in milliseconds: what a process that lost its network
 * has locked is free again then.
 */
const IDLE_IN_TRANSACTION = 30_000;

type Limits = Pick<pg.ClientConfig, 'statement_timeout' | 'lock_timeout' | 'connectionTimeoutMillis'>;

/** The limits, where those of the options are not stricter; 0 and undefined are no limit. */
const within = (options: Limits, limits: Limits): Limits => ({
  statement_timeout: stricter(options.statement_timeout, limits.statement_timeout),
  lock_timeout: stricter(options.lock_timeout, limits.lock_timeout),
  connectionTimeoutMillis: stricter(options.connectionTimeoutMillis, limits.connectionTimeoutMillis),
});

const stricter = (...limits: (number | false | undefined)[]): number | undefined =>
  limits.reduce<number | undefined>((least, limit) => (limit && (!least || limit < least) ? limit : least), undefined);

/** A pool of connections for transactions, with a share of its size for single short statements and one for searches. */
export class ServerPool extends pg.Pool {
  /** Undefined in a pool that is too small. */
  readonly shared?: SharedConnections;
  /** Undefined in a pool that is too small. */
  readonly searches?: SearchConnections;
  /** For asking whether the database answers, however busy the others are; connects when it is used. */
  readonly probe: SharedConnection;

  constructor(options: pg.PoolConfig & { max: number }) {
    const shared = Math.min(MAX_SHARED, Math.floor(options.max / 2));
    const searches = Math.min(MAX_SEARCHES, Math.floor(options.max / 4));
    const max = options.max - shared - searches;
    const limited = { ...options, idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION };
    // a connection that may be closed when it idles needs a timer for each use
    super({ ...limited, max, idleTimeoutMillis: 0, Client: TransactionClient });
    // what is written or locked here would hold up the others: the server refuses it
    const reading = { ...options, ...within(options, SHARED_LIMITS), options: '-c default_transaction_read_only=on' };
    if (shared > 0) this.shared = new SharedConnections(reading, shared);
    if (searches > 0) this.searches = new SearchConnections(reading, searches);
    this.probe = new SharedConnection({ ...options, ...within(options, PROBE_LIMITS) });
    this.on('release', (_error, client) => {
      if (!(client instanceof DatabaseClient)) return;
      // the pool drops a client that is ending
      if (client.brokenBy || (client.isReadOnly && client.isOverdue)) void client.end();
    });
  }

  override end(): Promise<void>;
  override end(done: () => void): void;
  override end(done?: () => void): Promise<void> | void {
    const ended = Promise.all([super.end(), this.shared?.end(), this.searches?.end(), this.probe.end()]).then(
      () => undefined,
    );
    return done ? void ended.then(done, done) : ended;
  }
}

/** A PostgreSQL server: what TypeORM's `driver` option takes. */
export const serverPostgres = { ...pg, Pool: ServerPool };
