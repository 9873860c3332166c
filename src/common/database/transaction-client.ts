import type pg from 'pg';
import { PreparingClient } from './prepared-statements.js';

/** How TypeORM begins a transaction, and how a nested unit of work begins and ends. */
const HELD_BACK = /^(START) TRANSACTION$|^(SAVEPOINT|RELEASE) /;

/**
 * A connection for transactions: what begins a transaction or a nested unit, or ends a nested one, travels with the next
 * statement, which saves a way to the server and back. Nothing is lost by not waiting for it: should it fail, so does the
 * statement behind it.
 */
export class TransactionClient extends PreparingClient {
  constructor(options?: pg.ClientConfig) {
    super({ ...options, pipeline: true });
    const query: (...sent: unknown[]) => unknown = this.query.bind(this);
    Object.defineProperty(this, 'query', {
      writable: true,
      value: (...sent: unknown[]): unknown => {
        const command = typeof sent[0] === 'string' && HELD_BACK.exec(sent[0]);
        if (command) {
          if (!this.heldBack) this.connection.stream.cork();
          this.heldBack = true;
          Promise.resolve(query(...sent)).catch(() => undefined);
          return Promise.resolve(resultOf(command[1] ?? command[2] ?? ''));
        }
        const answer = query(...sent);
        if (this.heldBack) {
          this.heldBack = false;
          this.connection.stream.uncork();
        }
        return answer;
      },
    });
  }
}

const resultOf = (command: string): pg.QueryResult => ({ command, rowCount: null, oid: 0, fields: [], rows: [] });
