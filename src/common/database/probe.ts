import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ServerPool } from './server-postgres.js';
import { poolOf } from './statements.js';

/** How long the database may take to answer, in milliseconds. */
const LIMIT = 1000;

/** What the database can do: all, nothing but be read, or nothing. */
export type DatabaseState = { state: 'ok' } | { state: 'read-only' } | { state: 'unreachable'; cause: unknown };

/** Asks the database whether it answers and takes writes. */
@Injectable()
export class DatabaseProbe {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * What the database can do now; this takes a second at most. On a server it has a connection of its own, so that it waits for
   * no other statement. The embedded engine is part of this process: when it is busy, it is not away.
   */
  async readState(): Promise<DatabaseState> {
    const pool = poolOf(this.dataSource.manager);
    const answered = new AbortController();
    const late = async (): Promise<DatabaseState> => {
      await setTimeout(LIMIT, undefined, { signal: answered.signal });
      if (!pool) return { state: 'ok' };
      return { state: 'unreachable', cause: new Error(`the database has not answered for ${String(LIMIT)} ms`) };
    };
    const answer = this.ask(pool).finally(() => {
      answered.abort();
    });
    // once it is aborted, the answer is there
    return Promise.race([answer, late().catch(() => answer)]);
  }

  private async ask(pool: ServerPool | undefined): Promise<DatabaseState> {
    const statement = `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly"`;
    try {
      if (pool) this.dataSource.logger.logQuery(statement);
      const rows = pool
        ? (await pool.probe.query<Row>(statement, [])).rows
        : await this.dataSource.query<Row[]>(statement);
      if (rows.every(({ readOnly }) => !readOnly)) return { state: 'ok' };
      // another connection may reach a server that takes writes
      pool?.probe.reconnect();
      return { state: 'read-only' };
    } catch (cause) {
      return { state: 'unreachable', cause };
    }
  }
}

interface Row {
  readOnly: boolean;
}
