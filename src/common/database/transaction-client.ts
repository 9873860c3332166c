import type pg from 'pg';
import { PreparingClient } from './prepared-statements.js';

/** How TypeORM begins a transaction. */
const BEGIN = 'START TRANSACTION';
const BEGUN: pg.QueryResult = { command: 'START', rowCount: null, oid: 0, fields: [], rows: [] };

/**
 * A connection for transactions: how one begins travels with its first statement, which saves a way to the server and
 * back. Nothing is lost by not waiting for it: should it fail, so does the statement behind it.
 */
export class TransactionClient extends PreparingClient {
  constructor(options?: string | pg.ClientConfig) {
    super({ ...(typeof options === 'string' ? { connectionString: options } : options), pipeline: true });
    const query: (...sent: unknown[]) => unknown = this.query.bind(this);
    let begins = false;
    Object.defineProperty(this, 'query', {
      value: (...sent: unknown[]): unknown => {
        if (sent[0] === BEGIN) {
          begins = true;
          this.connection.stream.cork();
          Promise.resolve(query(...sent)).catch(() => undefined);
          return Promise.resolve(BEGUN);
        }
        const answer = query(...sent);
        if (begins) {
          begins = false;
          this.connection.stream.uncork();
        }
        return answer;
      },
    });
  }
}
