import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { queryShared, run, search } from './statements.js';

/** What a list is sorted by, as an expression of the query, with the type its values are compared in. Ties go by id. */
export interface SortKey {
  expression: Sql;
  type: 'text' | 'bigint' | 'timestamptz' | 'real';
  descending: boolean;
}

/**
 * The key of a text that is sorted as people sort names, in all languages at once: by the Unicode Collation Algorithm (UTS #10), as
 * ICU has it for the root locale. It does not depend on the locale of the database. An index needs the same expression.
 */
export const collated = (text: Sql): Sql => sql`${text} COLLATE "und-x-icu"`;

/** The row that a page begins after: its sort key as PostgreSQL prints it, and its id. */
export interface Position {
  key: string;
  id: string;
}

/** A list to read a page of. */
export interface KeysetQuery {
  /** The columns of a row, the id among them under its own name. */
  columns: Sql;
  /** The tables: `products p`. */
  from: Sql;
  /** The conditions, all of which hold. */
  where: Sql[];
  /** The column of the id: `p.id`. */
  id: Sql;
  sort: SortKey;
  limit: number;
  after?: Position;
  /**
   * Whether an index answers the query at once, with any of its conditions: then it may share a connection with other short
   * reads ({@link queryShared}). Not when rows are read that are not shown: to find them by words, or by a filter without an index.
   */
  shared?: boolean;
  /** Whether many more rows may have to be read than are shown, to find them by words, say: see {@link search}. */
  expensive?: boolean;
}

/**
 * Reads one page by keyset: an index range that begins after a row, never an offset, so that every page costs the same.
 * @returns up to `limit` rows, and the position of the last one when there are more.
 */
export async function readPage<R extends { id: string }>(
  manager: EntityManager,
  { columns, from, where, id, sort, limit, after, shared, expensive }: KeysetQuery,
): Promise<{ rows: R[]; next?: Position }> {
  const type = raw(sort.type);
  const beyond = raw(sort.descending ? '<' : '>');
  const direction = raw(sort.descending ? 'DESC' : 'ASC');
  const conditions = after
    ? [...where, sql`(${sort.expression}, ${id}) ${beyond} (${after.key}::${type}, ${after.id}::uuid)`]
    : where;
  // The key travels as text: the text form of these types reads back as the very same value.
  const query = expensive ? search : shared ? queryShared : run;
  const rows = await query<R & { sortKey: string }>(
    manager,
    sql`SELECT ${columns}, (${sort.expression})::text AS "sortKey" FROM ${from}
      ${conditionOf(conditions)}
      ORDER BY ${sort.expression} ${direction}, ${id} ${direction}
      LIMIT ${most(limit + 1, where)}`,
  );
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const next = last && { key: last.sortKey, id: last.id };
  return { rows: rows.slice(0, limit), ...(next && { next }) };
}

/**
 * The number of rows to read, such that the server plans a list once where one plan fits all: where no condition has a
 * value, the common numbers stand in the statement. With a number that it doesn't know, it plans for many rows, and again each
 * time, which is what lists with filters need.
 */
const most = (rows: number, where: Sql[]): Sql =>
  rows % 10 === 1 && where.every(({ values }) => values.length === 0) ? raw(String(rows)) : sql`${rows}`;

/** How many rows a list has, counted up to `most`. */
export async function countRows(
  manager: EntityManager,
  { from, where, expensive }: Pick<KeysetQuery, 'from' | 'where' | 'expensive'>,
  most: number,
): Promise<number> {
  const [row] = await (expensive ? search : run)<{ total: number }>(
    manager,
    sql`SELECT count(*) AS total FROM (SELECT FROM ${from} ${conditionOf(where)} LIMIT ${most}) counted`,
  );
  return row?.total ?? 0;
}

const conditionOf = (where: Sql[]): Sql => (where.length > 0 ? sql`WHERE ${join(where, ' AND ')}` : empty);
