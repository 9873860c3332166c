import pg from 'pg';

/** How often the answer to a statement is looked for, as a share of the time that it may take. */
const CHECKS = 10;
/** How long the server may take longer than its own `statement_timeout` before a connection is given up, in milliseconds. */
const GRACE = 2000;
/** A connection that turned out to be read-only is replaced when it is so old, in milliseconds: not each time it is used. */
const READ_ONLY_LIFETIME = 1000;
/** When the operating system begins to ask whether the other side of an idle connection is still there, in milliseconds. */
const KEEP_ALIVE_DELAY = 10_000;

/** The server left a statement unanswered: the network between is broken, or the server hangs. */
export class AnswerTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * A statement came after the unit of work that it belongs to had ended: it was not awaited inside of the unit, or another part
 * of the unit had failed and the whole is undone.
 */
export class UnitEnded extends Error {
  constructor() {
    super(
      'the unit of work of this statement has ended: await the statement inside of the unit, or start what outlives the unit ' +
        'by outsideTransaction()',
    );
  }
}

/** A unit of work asked the database nothing for so long that it hangs: it was rolled back. */
export class UnitStalled extends Error {}

/**
 * A connection to PostgreSQL that can break at any moment without ending the process: it has a listener for errors as long
 * as it lives. Waiting for an answer has an end, also where no packet arrives any more: the connection is given up, and with
 * it fails everything that waits on it.
 */
export class DatabaseClient extends pg.Client {
  /** Why the connection broke; undefined while it is sound. */
  brokenBy?: Error;
  /** How long the server may leave a statement unanswered, in milliseconds; 0: for ever. */
  answerTimeout: number;
  /** How many statements were sent on it. */
  sent = 0;
  /** Whether a statement waits for another one to be sent with, so that no answer is due. */
  protected heldBack = false;
  /** Whether the transaction is ending: a statement that comes now would be in none. */
  private refusesStatements = false;
  private readonly parameters = new Map<string, string>();
  private connectedAt = 0;
  private checks?: NodeJS.Timeout;

  constructor(options: pg.ClientConfig = {}) {
    super({ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY, ...options });
    // `query` has a dozen signatures, of which this changes none
    const query = this.query.bind(this);
    Object.defineProperty(this, 'query', {
      writable: true,
      configurable: true,
      value: (...sent: unknown[]): unknown => {
        if (this.refusesStatements) return Promise.reject(new UnitEnded());
        this.sent++;
        return Reflect.apply(query, this, sent);
      },
    });
    this.answerTimeout = options.statement_timeout ? options.statement_timeout + GRACE : 0;
    this.on('error', (error) => {
      this.brokenBy ??= error;
    });
    this.on('end', () => {
      clearInterval(this.checks);
    });
    this.once('connect', () => {
      this.connectedAt = performance.now();
      this.expectAnswers();
    });
    this.connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string | undefined>) => {
      if (parameterName !== undefined && parameterValue !== undefined)
        this.parameters.set(parameterName, parameterValue);
    });
  }

  /** Whether the server is a standby, which takes no writes. */
  get isOnStandby(): boolean {
    return this.parameters.get('in_hot_standby') === 'on';
  }

  /** Whether transactions on this connection can't write, by what the server reports (PostgreSQL 14 or newer). */
  get isReadOnly(): boolean {
    return this.isOnStandby || this.parameters.get('default_transaction_read_only') === 'on';
  }

  /** Whether a read-only connection has been used long enough: a new one may reach a server that takes writes. */
  get isOverdue(): boolean {
    return performance.now() - this.connectedAt > READ_ONLY_LIFETIME;
  }

  /** Ends the transaction; until {@link acceptStatements} every further statement fails. */
  endTransaction(command: 'COMMIT' | 'ROLLBACK'): Promise<pg.QueryResult> {
    this.refusesStatements = false;
    const answer = this.query(command);
    this.refusesStatements = true;
    return answer;
  }

  /** Ends what {@link endTransaction} began: the connection is free for the next one. */
  acceptStatements(): void {
    this.refusesStatements = false;
  }

  /** Has the connection fail at once, with all that waits on it. */
  giveUp(reason: Error): void {
    this.brokenBy ??= reason;
    this.connection.stream.destroy(reason);
  }

  /**
   * Counts looks at the socket instead of time: when the process itself was busy, answers may wait to be read. The embedded
   * engine has no socket.
   */
  private expectAnswers(): void {
    if (this.answerTimeout === 0 || !('bytesRead' in this.connection.stream)) return;
    let read: unknown;
    let silent = 0;
    this.checks = setInterval(() => {
      const { stream } = this.connection;
      const bytes = 'bytesRead' in stream && stream.bytesRead;
      silent = bytes === read && this.isWaiting ? silent + 1 : 0;
      read = bytes;
      if (this.answerTimeout > 0 && silent >= CHECKS) {
        this.giveUp(new AnswerTimeout(`the database has not answered for ${String(this.answerTimeout)} ms`));
      }
    }, this.answerTimeout / CHECKS).unref();
  }

  /** Whether an answer is due. */
  get isWaiting(): boolean {
    return !this.heldBack && 'readyForQuery' in this && this.readyForQuery === false;
  }
}
