import pg from 'pg';
import { PreparingClient } from './prepared-statements.js';

/**
 * A few connections that short statements share: each is sent at once, behind those that the least busy connection has not
 * answered yet (pipelining), and the statements of one turn of the event loop travel together. A transaction can't run here,
 * and what takes long keeps others waiting.
 */
export class SharedConnections {
  private readonly connections: SharedConnection[];

  /** Connects nothing yet. */
  constructor(options: pg.ClientConfig, size: number) {
    this.connections = Array.from({ length: size }, () => new SharedConnection(options));
  }

  /** Runs a statement on its own, in no transaction but its own. */
  query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>> {
    return this.connections
      .reduce((idlest, connection) => (connection.busy < idlest.busy ? connection : idlest))
      .query(text, values);
  }

  async end(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.end()));
  }
}

/** Connects when it is needed first, and again when the connection broke. */
class SharedConnection {
  /** How many statements have no answer yet. */
  busy = 0;
  private client?: pg.Client;
  private connecting?: Promise<pg.Client>;
  private holdsBack = false;

  constructor(private readonly options: pg.ClientConfig) {}

  async query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<R>> {
    this.busy++;
    try {
      const client = this.client ?? (await (this.connecting ??= this.connect()));
      this.holdBack(client);
      return await client.query<R>(text, values);
    } finally {
      this.busy--;
    }
  }

  async end(): Promise<void> {
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    await client?.end();
  }

  /** Writes nothing before this turn of the event loop has ended: one write for all that it has to send. */
  private holdBack({ connection: { stream } }: pg.Client): void {
    if (this.holdsBack) return;
    this.holdsBack = true;
    stream.cork();
    setImmediate(() => {
      this.holdsBack = false;
      stream.uncork();
    });
  }

  private async connect(): Promise<pg.Client> {
    const client = new PreparingClient({ ...this.options, pipeline: true });
    const forget = (): void => {
      if (this.client === client) this.client = undefined;
    };
    // whoever waits for an answer is told; the next one connects anew
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
