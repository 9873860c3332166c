import { Semaphore, withTimeout } from 'async-mutex';
import pg from 'pg';
import { SharedConnections } from './shared-connections.js';

/** How long one search statement may run, in milliseconds. */
const STATEMENT_TIMEOUT = 1500;
/** How long a search waits for a connection, in milliseconds. */
const WAIT = 2000;
/** The SQLSTATE of a statement that was cancelled because it ran too long. */
const QUERY_CANCELED = '57014';

/** A search was cancelled because it took too long. */
export class TooSlow extends Error {}

/** A search got no connection in time: others are searching. */
export class TooBusy extends Error {}

/**
 * The connections that searches run on, one statement at a time on each, so that however many search at once, the other
 * connections stay free for everything else.
 */
export class SearchConnections {
  private readonly connections: SharedConnections;
  private readonly free;

  /** Connects nothing yet. */
  constructor(options: pg.ClientConfig, size: number) {
    this.connections = new SharedConnections({ ...options, statement_timeout: STATEMENT_TIMEOUT }, size, 1);
    this.free = withTimeout(new Semaphore(size), WAIT, new TooBusy('no connection for searches became free'));
  }

  /** Runs a statement in no transaction but its own. @throws TooSlow, TooBusy. */
  async query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>> {
    try {
      return await this.free.runExclusive(() => this.connections.query<R>(text, values));
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) {
        throw new TooSlow('the search took too long', { cause: error });
      }
      throw error;
    }
  }

  end(): Promise<void> {
    return this.connections.end();
  }
}
