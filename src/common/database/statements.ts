import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { ServerPool } from './server-postgres.js';

/** Runs a statement built by `sql` in the open transaction, if one is; its rows as `pg` gives them. */
export async function run<R>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const rows: R[] = await manager.query(statement.text, statement.values);
  return rows;
}

/**
 * As {@link run}, for a statement that an index answers at once: outside of a transaction it shares a connection with
 * others of its kind, which is faster for all of them. One that reads many rows, or waits for a lock, would hold them up.
 */
export async function lookUp<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const shared = manager.queryRunner ? undefined : sharedBy(manager);
  if (!shared) return run<R>(manager, statement);
  const { text, values } = statement;
  manager.dataSource.logger.logQuery(text, values);
  return (await shared.query<R>(text, values)).rows;
}

function sharedBy({ dataSource }: EntityManager): ServerPool['shared'] {
  const pool: unknown = 'master' in dataSource.driver ? dataSource.driver.master : undefined;
  return pool instanceof ServerPool ? pool.shared : undefined;
}
