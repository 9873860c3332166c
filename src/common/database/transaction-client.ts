import type pg from 'pg';
import { PreparingClient } from './prepared-statements.js';

/** How TypeORM begins a transaction, and how a nested unit of work begins and ends. */
const HELD_BACK = /^(START) TRANSACTION$|^(SAVEPOINT|RELEASE) /;

/**
 * A connection for transactions: what begins a transaction or a nested unit, or ends a nested one, travels with the next
 * statement, which saves a way to the server and back. Nothing is lost by not waiting for it: should it fail, so does the
 * statement behind it. Statements that are sent without waiting for the answers of each other travel together, too.
 */
export class TransactionClient extends PreparingClient {
  /** Whether what is written waits for more to come. */
  private isCorked = false;
  /** Whether all of it is sent once this turn of the event loop has nothing more to add. */
  private isDue = false;

  constructor(options?: pg.ClientConfig) {
    super({ ...options, pipeline: true });
    const query: (...sent: unknown[]) => unknown = this.query.bind(this);
    Object.defineProperty(this, 'query', {
      writable: true,
      value: (...sent: unknown[]): unknown => {
        const command = typeof sent[0] === 'string' && HELD_BACK.exec(sent[0]);
        if (!this.isCorked) this.connection.stream.cork();
        this.isCorked = true;
        if (command) {
          this.heldBack = !this.isDue;
          Promise.resolve(query(...sent)).catch(() => undefined);
          return Promise.resolve(resultOf(command[1] ?? command[2] ?? ''));
        }
        this.heldBack = false;
        if (!this.isDue)
          process.nextTick(() => {
            this.send();
          });
        this.isDue = true;
        return query(...sent);
      },
    });
  }

  private send(): void {
    [this.isCorked, this.isDue] = [false, false];
    this.connection.stream.uncork();
  }
}

const resultOf = (command: string): pg.QueryResult => ({ command, rowCount: null, oid: 0, fields: [], rows: [] });
