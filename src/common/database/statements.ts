import type { Sql } from 'sql-template-tag';
import { type EntityManager, QueryFailedError } from 'typeorm';
import { ServerPool } from './server-postgres.js';
import type { SharedConnections } from './shared-connections.js';

/** Runs a statement built by `sql` in the open transaction, if one is; its rows as `pg` gives them. */
export async function run<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const pool = poolOf(manager);
  if (pool) return send<R>(pool, manager, statement);
  const rows: R[] = await manager.query(statement.text, statement.values);
  return rows;
}

/**
 * As {@link run}, for a statement that an index answers at once: outside of a transaction it shares a connection with
 * others of its kind, which is faster for all of them. One that reads many rows, or waits for a lock, would hold them up.
 */
export async function lookUp<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const shared = poolOf(manager)?.shared;
  return shared ? send<R>(shared, manager, statement) : run<R>(manager, statement);
}

/** The server's connections, where no transaction is open. */
function poolOf({ queryRunner, dataSource }: EntityManager): ServerPool | undefined {
  if (queryRunner) return undefined;
  const pool: unknown = 'master' in dataSource.driver ? dataSource.driver.master : undefined;
  return pool instanceof ServerPool ? pool : undefined;
}

/** Sends a statement without a query runner, which would cost as much again; fails as that does. */
async function send<R extends object>(
  connections: Pick<SharedConnections, 'query'>,
  { dataSource }: EntityManager,
  { text, values }: Sql,
): Promise<R[]> {
  dataSource.logger.logQuery(text, values);
  try {
    return (await connections.query<R>(text, values)).rows;
  } catch (error) {
    throw error instanceof Error ? new QueryFailedError(text, values, error) : error;
  }
}
