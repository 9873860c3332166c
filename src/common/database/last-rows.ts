import type { Sql } from 'sql-template-tag';

/** The statement that writes rows which were left for the end of a unit of work. */
export type LastStatement<Row> = (rows: readonly Row[]) => Sql;

/** Rows that are left for the end of a unit of work, by the statement that writes them. */
export class LastRows {
  private readonly rows = new Map<LastStatement<never>, unknown[]>();

  add(statement: LastStatement<never>, rows: readonly unknown[]): void {
    const before = this.rows.get(statement);
    if (before) before.push(...rows);
    else this.rows.set(statement, [...rows]);
  }

  addAll({ rows }: LastRows): void {
    for (const [statement, added] of rows) this.add(statement, added);
  }

  /** In the order in which their first rows came. */
  get statements(): Sql[] {
    // what was added for a statement is what it takes
    return [...this.rows].map(([statement, rows]) => statement(rows as never[]));
  }
}
