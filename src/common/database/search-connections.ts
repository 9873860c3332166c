import { Semaphore, withTimeout } from 'async-mutex';
import pg from 'pg';
import { SharedConnections } from './shared-connections.js';

/** How long one search statement may run, in milliseconds. */
const STATEMENT_TIMEOUT = 1500;
/**
 * Each search is planned for its words: some are in every row, some in none. No plan is compiled, which takes longer than what has a
 * limit. And a limit cuts off the same rows each time: no scan of a table begins where another one is, or is done by several processes.
 */
const SETTINGS =
  '-c plan_cache_mode=force_custom_plan -c jit=off -c synchronize_seqscans=off -c max_parallel_workers_per_gather=0';
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
    const settings = [options.options, SETTINGS].join(' ');
    this.connections = new SharedConnections(
      { ...options, options: settings, statement_timeout: STATEMENT_TIMEOUT },
      size,
      1,
    );
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
