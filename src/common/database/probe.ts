import { setTimeout } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { ServerPool } from './server-postgres.js';
import { poolOf } from './statements.js';

/** How long the database may take to answer, in milliseconds. */
const LIMIT = 1000;

/** What the database can do: all, nothing but be read, or nothing. */
export type DatabaseState = { state: 'ok' } | { state: 'read-only' } | { state: 'unreachable'; cause: unknown };

/**
 * Asks the database whether it answers and takes writes, for a second at most. On a server this has a connection of its own,
 * so that it waits for no other statement. The embedded engine is part of this process: when it is busy, it is not away.
 */
export async function probe(dataSource: DataSource): Promise<DatabaseState> {
  const pool = poolOf(dataSource.manager);
  const answered = new AbortController();
  const late = async (): Promise<DatabaseState> => {
    await setTimeout(LIMIT, undefined, { signal: answered.signal });
    if (!pool) return { state: 'ok' };
    return { state: 'unreachable', cause: new Error(`the database has not answered for ${String(LIMIT)} ms`) };
  };
  const answer = ask(dataSource, pool).finally(() => {
    answered.abort();
  });
  // once it is aborted, the answer is there
  return Promise.race([answer, late().catch(() => answer)]);
}

interface Row {
  readOnly: boolean;
}

async function ask(dataSource: DataSource, pool: ServerPool | undefined): Promise<DatabaseState> {
  const statement = `SELECT current_setting('transaction_read_only') = 'on' AS "readOnly"`;
  try {
    if (pool) dataSource.logger.logQuery(statement);
    const rows = pool ? (await pool.probe.query<Row>(statement, [])).rows : await dataSource.query<Row[]>(statement);
    if (rows.every(({ readOnly }) => !readOnly)) return { state: 'ok' };
    // another connection may reach a server that takes writes
    pool?.probe.reconnect();
    return { state: 'read-only' };
  } catch (cause) {
    return { state: 'unreachable', cause };
  }
}
