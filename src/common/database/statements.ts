import sql, { join, raw, type Sql } from 'sql-template-tag';
import { type EntityManager, QueryFailedError } from 'typeorm';
import { AnswerTimeout } from './client.js';
import { databaseFailure } from './failures.js';
import { TooBusy, TooSlow } from './search-connections.js';
import { ServerPool } from './server-postgres.js';
import type { SharedConnections } from './shared-connections.js';
import { snakeCase } from './snake-case-names.js';

/** Runs a statement built by `sql` in the open transaction, if one is; its rows as `pg` gives them. */
export async function run<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const { queryRunner } = manager;
  const connections: unknown = queryRunner ? await queryRunner.connect() : poolOf(manager);
  if (canQuery(connections)) return send<R>(connections, manager, statement);
  const runner = manager.dataSource.createQueryRunner();
  try {
    // without this TypeORM gives the rows of an UPDATE … RETURNING inside of another list
    const { records }: { records: R[] } = await runner.query(statement.text, statement.values, true);
    return records;
  } finally {
    await runner.release();
  }
}

/** As {@link run}, for a statement that always gives a row, such as `INSERT … RETURNING`; its first row. */
export async function runForRow<R extends object>(manager: EntityManager, statement: Sql): Promise<R> {
  const [row] = await run<R>(manager, statement);
  if (!row) throw new Error(`the statement gave no row: ${statement.text}`);
  return row;
}

/**
 * As {@link run}, for a statement that an index answers at once: outside of a transaction it shares a connection with
 * others of its kind, which is faster for all of them. One that reads many rows would hold them up, so it is cut off after
 * two seconds. The server refuses one that writes, or locks rows.
 */
export async function queryShared<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const shared = manager.queryRunner ? undefined : poolOf(manager)?.shared;
  return shared ? read<R>(shared, manager, statement) : run<R>(manager, statement);
}

/** What `SET` takes for the members of a change that are given: each is named as its column, in camel case. */
export const assignmentsOf = (change: object): Sql =>
  join(
    Object.entries(change).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [sql`${raw(snakeCase(name))} = ${value}`],
    ),
  );

/** Runs a `DELETE … RETURNING 1`. @returns how many rows it deleted. */
export async function deleteRows(manager: EntityManager, statement: Sql): Promise<number> {
  const [row] = await run<{ deleted: number }>(
    manager,
    sql`WITH deleted AS (${statement}) SELECT count(*) AS deleted FROM deleted`,
  );
  return row?.deleted ?? 0;
}

/** Whether the connection was ended before the answer came; not whether the time for one was over. */
const isCut = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  databaseFailure(error)?.kind === 'unavailable' &&
  !(error.driverError instanceof AnswerTimeout);

const isReadOnlyViolation = (error: unknown): boolean =>
  error instanceof QueryFailedError && 'code' in error && error.code === '25006';

/**
 * As {@link run}, for a statement that may have to read many rows, such as a search: outside of a transaction it gets one
 * of the few connections that a server pool has for such statements, waits for one for a bounded time, and is cancelled
 * when it takes too long. The embedded engine has neither: what is asked of it has to be bounded by its caller.
 * @throws TooSlow, TooBusy.
 */
export async function search<R extends object>(manager: EntityManager, statement: Sql): Promise<R[]> {
  const searches = manager.queryRunner ? undefined : poolOf(manager)?.searches;
  return searches ? read<R>(searches, manager, statement) : run<R>(manager, statement);
}

/** How many rows the database expects of a SELECT by its statistics, without reading any. */
export async function estimateRows(manager: EntityManager, statement: Sql): Promise<number> {
  const [row] = await search<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    manager,
    sql`EXPLAIN (FORMAT JSON) ${statement}`,
  );
  return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}

/** Sends a statement on connections that only read. */
async function read<R extends object>(connections: Connections, manager: EntityManager, statement: Sql): Promise<R[]> {
  try {
    return await send<R>(connections, manager, statement);
  } catch (error) {
    if (isReadOnlyViolation(error)) {
      throw new Error('queryShared and search are for statements that only read', { cause: error });
    }
    // what only reads can be asked again, on a connection that is new
    if (isCut(error)) return send<R>(connections, manager, statement);
    throw error;
  }
}

/** Whether {@link search} cancels what takes too long: a server does, the embedded engine cannot. */
export const limitsSearches = (manager: EntityManager): boolean => poolOf(manager)?.searches !== undefined;

type Connections = Pick<SharedConnections, 'query'>;

const canQuery = (connections: unknown): connections is Connections =>
  typeof connections === 'object' && connections !== null && 'query' in connections;

/** The connections to a server; undefined of the embedded engine, which has one. */
export function poolOf({ dataSource }: EntityManager): ServerPool | undefined {
  const pool: unknown = 'master' in dataSource.driver ? dataSource.driver.master : undefined;
  return pool instanceof ServerPool ? pool : undefined;
}

/** Sends a statement as a query runner does, which takes as long about it as the statement; fails as that does. */
async function send<R extends object>(
  connections: Connections,
  { dataSource }: EntityManager,
  { text, values }: Sql,
): Promise<R[]> {
  dataSource.logger.logQuery(text, values);
  try {
    return (await connections.query<R>(text, values)).rows;
  } catch (error) {
    if (error instanceof TooSlow || error instanceof TooBusy) throw error;
    throw error instanceof Error ? new QueryFailedError(text, values, error) : error;
  }
}
