import type pg from 'pg';
import { PreparingClient } from './prepared-statements.js';

/** How many statements may travel together, and wait for each other on the other side. */
const BATCH = 16;

/**
 * A few connections that short statements share: each is sent without waiting for the answers to those before it
 * (pipelining), and the statements of one turn of the event loop travel together, on the connection that was the least busy.
 * A transaction can't run here, and what takes long keeps others waiting.
 */
export class SharedConnections {
  private readonly connections: SharedConnection[];
  private next?: SharedConnection;

  /** Connects nothing yet. @param batch how many statements may travel together on one connection. */
  constructor(
    options: pg.ClientConfig,
    size: number,
    private readonly batch = BATCH,
  ) {
    this.connections = Array.from({ length: size }, () => new SharedConnection(options));
  }

  /** Runs a statement on its own, in no transaction but its own. */
  query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>> {
    if (!this.next?.isCorked || this.next.busy >= this.batch) {
      this.next = this.connections.reduce((idlest, other) => (other.busy < idlest.busy ? other : idlest));
    }
    return this.next.query(text, values);
  }

  async end(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.end()));
  }
}

/** Connects when it is needed first, and again when the connection broke. */
export class SharedConnection {
  /** How many statements have no answer yet. */
  busy = 0;
  /** Whether the statements of this turn of the event loop are still being collected. */
  isCorked = false;
  private client?: PreparingClient;
  private connecting?: Promise<PreparingClient>;

  constructor(private readonly options: pg.ClientConfig) {}

  async query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>> {
    this.busy++;
    try {
      if (this.client?.isOnStandby && this.client.isOverdue) this.reconnect();
      const client = this.client ?? (await (this.connecting ??= this.connect()));
      this.cork(client);
      return await client.query<R>(text, values);
    } finally {
      this.busy--;
    }
  }

  /** Has the next statement connect; what waits for its answer still gets it. */
  reconnect(): void {
    void this.client?.end();
    this.client = undefined;
  }

  async end(): Promise<void> {
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    await client?.end();
  }

  /** Writes nothing before this turn of the event loop has ended: one write for all that it has to send. */
  private cork({ connection: { stream } }: pg.Client): void {
    if (this.isCorked) return;
    this.isCorked = true;
    stream.cork();
    setImmediate(() => {
      this.isCorked = false;
      stream.uncork();
    });
  }

  private async connect(): Promise<PreparingClient> {
    const client = new PreparingClient({ ...this.options, pipeline: true });
    const forget = (): void => {
      if (this.client === client) this.client = undefined;
    };
    // what waits for an answer fails; the next statement connects again
    client.on('error', forget).on('end', forget);
    try {
      await client.connect();
      this.client = client;
      return client;
    } finally {
      this.connecting = undefined;
    }
  }
}
