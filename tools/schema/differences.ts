import type { DataSource } from 'typeorm';
import { StartError } from '../../src/common/config/start-error.js';

/** What the entities say and the database has not, as statements of a migration, and what only the database has. */
export interface Differences {
  up: string[];
  /** Undoes `up`: in its own order already. */
  down: string[];
  /** Tables, columns and defaults that no entity says: `products.search`. They stay. */
  databaseOnly: string[];
}

/** A statement, and the one that undoes it. */
interface Change {
  up: string;
  down: string;
}

const DROP_COLUMN = /^ALTER TABLE "(\w+)" DROP COLUMN "(\w+)"$/;
const ADD_COLUMN = /^ALTER TABLE "(\w+)" ADD "(\w+)" (.+)$/;
const DROP_DEFAULT = /^ALTER TABLE "(\w+)" ALTER COLUMN "(\w+)" DROP DEFAULT$/;
const DROP_CONSTRAINT = /^ALTER TABLE "\w+" DROP CONSTRAINT "(\w+)"$/;

/**
 * Compares entities and database. Constraints, indexes, triggers, defaults and tables that no entity says are there on
 * purpose and stay; so do columns and tables, but for those of `dropped` (`table.column`, `table`). The data source needs a pool of one.
 * @throws StartError for a column to drop that is not there, or that an entity has.
 */
export async function differencesOf(dataSource: DataSource, dropped: readonly string[] = []): Promise<Differences> {
  // where TypeORM keeps the expressions of generated columns; ours are made by migrations
  await dataSource.query(
    'CREATE TEMP TABLE IF NOT EXISTS typeorm_metadata (type text, database text, schema text, "table" text, name text, value text)',
  );
  const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
  if (upQueries.length !== downQueries.length) throw new Error('TypeORM undoes other changes than it makes');
  const all = upQueries
    .map(({ query }, index) => ({ up: query.trim(), down: downQueries[index]?.query.trim() ?? '' }))
    .filter(({ up }) => !up.includes('"typeorm_metadata"'));
  const tables = await tablesOnlyInDatabase(dataSource);
  const databaseOnly = [...tables.keys(), ...columnsOnlyInDatabase(all), ...defaultsOnlyInDatabase(all)];
  const unknown = dropped.find((column) => !databaseOnly.includes(column));
  if (unknown !== undefined) {
    throw new StartError(
      `--drop ${unknown}: there is no such column, or an entity has it; say it as table.column, or a table that no entity has by its name.`,
    );
  }
  const plain = await plainNames(dataSource);
  const wanted = [
    ...all.flatMap((change) => drawn(change, all, dropped)),
    ...dropped.flatMap((name) => {
      const down = tables.get(name);
      return down === undefined ? [] : [{ up: `DROP TABLE ${name}`, down }];
    }),
  ];
  return {
    up: wanted.map(({ up }) => plain(up)),
    down: wanted.map(({ down }) => plain(down)).reverse(),
    databaseOnly: databaseOnly.filter((name) => !dropped.includes(name)),
  };
}

/** The tables that no entity has, each with a statement that makes one with its columns, for the way back of a migration. */
async function tablesOnlyInDatabase(dataSource: DataSource): Promise<Map<string, string>> {
  const known = [
    ...dataSource.entityMetadatas.map(({ tableName }) => tableName),
    dataSource.options.migrationsTableName ?? 'migrations',
  ];
  const rows = await dataSource.query<{ name: string; columns: string }[]>(
    `SELECT c.relname AS "name", string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum) AS "columns"
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> ALL ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [known],
  );
  return new Map(rows.map(({ name, columns }) => [name, `CREATE TABLE ${name} (${columns})`]));
}

/** The columns that no entity has; one that is dropped and added again has another type. */
const columnsOnlyInDatabase = (all: readonly Change[]): string[] =>
  all.flatMap(({ up }) => {
    const [, table, column] = DROP_COLUMN.exec(up) ?? [];
    return table && column && !addition(all, table, column) ? [`${table}.${column}`] : [];
  });

const defaultsOnlyInDatabase = (all: readonly Change[]): string[] =>
  all.flatMap(({ up }) => {
    const [, table, column] = DROP_DEFAULT.exec(up) ?? [];
    return table && column ? [`the default of ${table}.${column}`] : [];
  });

/** What a column is added as. */
function addition(all: readonly Change[], table: string, column: string): string | undefined {
  return all.map(({ up }) => ADD_COLUMN.exec(up) ?? []).find(([, of, name]) => of === table && name === column)?.[3];
}

/** What a change is in the migration: nothing, itself, or something that keeps what is in the rows. */
function drawn(change: Change, all: readonly Change[], dropped: readonly string[]): Change[] {
  const { up, down } = change;
  const [, table = '', column = ''] = DROP_COLUMN.exec(up) ?? ADD_COLUMN.exec(up) ?? [];
  const added = addition(all, table, column);
  const isDropped = all.some(({ up: other }) => other === `ALTER TABLE "${table}" DROP COLUMN "${column}"`);
  if (DROP_COLUMN.test(up)) {
    if (added === undefined) return dropped.includes(`${table}.${column}`) ? [change] : [];
    return retyped(table, column, ADD_COLUMN.exec(down)?.[3] ?? '', added);
  }
  if (ADD_COLUMN.test(up)) return isDropped ? [] : [change];
  if (DROP_DEFAULT.test(up) || up.startsWith('DROP INDEX ')) return [];
  const [, constraint] = DROP_CONSTRAINT.exec(up) ?? [];
  const isReplaced = all.some(({ up: other }) => other.includes(` ADD CONSTRAINT "${constraint ?? ''}"`));
  return constraint === undefined || isReplaced ? [change] : [];
}

/** TypeORM would drop the column with all that is in it, and add it again, empty. */
function retyped(table: string, column: string, before: string, after: string): Change[] {
  const [old, fresh] = [definition(before), definition(after)];
  const alter = (what: string): string => `ALTER TABLE "${table}" ALTER COLUMN "${column}" ${what}`;
  const typed = ({ type }: Definition): string => alter(`TYPE ${type} USING "${column}"::${type}`);
  const nullable = ({ required }: Definition): string => alter(required ? 'SET NOT NULL' : 'DROP NOT NULL');
  const defaulted = ({ initial }: Definition): string =>
    alter(initial === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${initial}`);
  return [
    ...(old.initial === undefined || old.type === fresh.type
      ? []
      : [{ up: alter('DROP DEFAULT'), down: defaulted(old) }]),
    { up: typed(fresh), down: typed(old) },
    ...(old.required === fresh.required ? [] : [{ up: nullable(fresh), down: nullable(old) }]),
    ...(fresh.initial === undefined ? [] : [{ up: defaulted(fresh), down: alter('DROP DEFAULT') }]),
  ];
}

/** A column as a statement defines it. */
interface Definition {
  type: string;
  required: boolean;
  initial?: string;
}

function definition(text: string): Definition {
  const [, type = text, required, initial] = /^(.+?)( NOT NULL)?(?: DEFAULT (.+))?$/.exec(text) ?? [];
  return { type, required: required !== undefined, initial };
}

/** Writes names and types as the migrations have them: without quotes, but where SQL has another meaning for a word. */
async function plainNames(dataSource: DataSource): Promise<(text: string) => string> {
  const rows: { word: string }[] = await dataSource.query(
    "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T', 'C')",
  );
  const words = new Set(rows.map(({ word }) => word));
  return (text) =>
    text
      .replace(/^(ALTER TABLE "\w+" ADD) (?=")/, '$1 COLUMN ')
      .replaceAll(/\bTIMESTAMP(\(\d\))? WITH TIME ZONE\b/g, 'timestamptz$1')
      .replaceAll(/'(?:[^']|'')*'|"public"\.|(?<space> ) +|"(?<name>[a-z_][a-z0-9_]*)"/g, (found: string, ...more) => {
        const { space, name } = more.at(-1) as { space?: string; name?: string };
        if (found === '"public".') return '';
        return space ?? (name === undefined || words.has(name) ? found : name);
      });
}
