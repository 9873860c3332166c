import { PGlite } from '@electric-sql/pglite';
import { type EngineParts, PARTS } from '../../src/common/database/embedded-engine.js';

// To create an embedded engine takes as long as most test files: one that a shop has closed is emptied for the next one.

/** An engine, and what its database was before the first shop had it. */
interface Engine {
  db: PGlite;
  /** Everything in it that is not rows. */
  schema: string;
  /** The rows that migrations have written, by table, as JSON. */
  rows: ReadonlyMap<string, string>;
  /** Where its sequences were, as JSON. */
  sequences: string;
}

const idle: Engine[] = [];

/** What an engine is made of that goes back to the others when it is closed. */
export const SHARED_PARTS: EngineParts = {
  ...PARTS,
  create: async (location) => {
    for (let engine = idle.pop(); engine; engine = idle.pop()) {
      if (await empty(engine)) return lent(engine);
      await engine.db.close();
    }
    const db = await PARTS.create(location);
    return lent({
      db,
      schema: await textOf(db, SCHEMA),
      rows: await rowsIn(db),
      sequences: await textOf(db, SEQUENCES),
    });
  },
};

/** The engine, which comes back when it is closed; one that has failed does not. */
const lent = (engine: Engine): PGlite =>
  new Proxy(engine.db, {
    get: (db, name) => {
      if (name === 'close') return () => void idle.push(engine);
      const member: unknown = Reflect.get(db, name, db);
      return typeof member === 'function' ? (member.bind(db) as unknown) : member;
    },
  });

/** Gives a database the rows that it began with, and no others. @returns false for one that is not made as it was. */
async function empty({ db, schema, rows, sequences }: Engine): Promise<boolean> {
  await db.exec('ROLLBACK');
  await db.exec('DISCARD ALL');
  if ((await textOf(db, SCHEMA)) !== schema) return false;
  const tables = await tablesIn(db);
  // no trigger fires: the ledger lets nobody truncate it
  await db.exec('BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL allow_system_table_mods = on');
  if (tables.length > 0) await db.exec(`TRUNCATE ${tables.join(', ')} CASCADE`);
  for (const [table, json] of rows) {
    await db.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [json]);
  }
  await db.query(`SELECT setval(name::regclass, value, called) FROM ${SEQUENCE_VALUES}`, [sequences]);
  // what was found out about the rows that are gone
  await db.exec(`DELETE FROM pg_statistic WHERE starelid >= ${FIRST_OWN_ID}; COMMIT`);
  return true;
}

/** The ids below are those of PostgreSQL's own objects. */
const FIRST_OWN_ID = '16384';

/** All that is defined, with the ids and the last change of each definition. */
const SCHEMA = `
  SELECT md5(string_agg(definition::text, ',' ORDER BY definition::text)) AS text FROM (
    SELECT (oid, relname, relkind, reloptions, relchecks, relhastriggers) FROM pg_class WHERE oid >= ${FIRST_OWN_ID}
    UNION ALL SELECT (oid, xmin, proname) FROM pg_proc WHERE oid >= ${FIRST_OWN_ID}
    UNION ALL SELECT (oid, xmin, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT (oid, xmin, conname) FROM pg_constraint WHERE oid >= ${FIRST_OWN_ID}
    UNION ALL SELECT (attrelid, attname, atttypid, attnotnull, attisdropped) FROM pg_attribute WHERE attrelid >= ${FIRST_OWN_ID}
    UNION ALL SELECT (xmin, setdatabase, setrole) FROM pg_db_role_setting
  ) defined (definition)`;

const SEQUENCES = `
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'name', format('%I.%I', schemaname, sequencename), 'value', coalesce(last_value, start_value), 'called', last_value IS NOT NULL
  )), '[]')::text AS text FROM pg_sequences`;
const SEQUENCE_VALUES = 'jsonb_to_recordset($1) AS sequence (name text, value bigint, called boolean)';

async function textOf(db: PGlite, query: string): Promise<string> {
  const [row] = (await db.query<{ text: string }>(query)).rows;
  if (!row) throw new Error('the engine says nothing of itself');
  return row.text;
}

/** The tables that have rows, or had some. */
async function tablesIn(db: PGlite): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0`,
  );
  return rows.map(({ name }) => name);
}

async function rowsIn(db: PGlite): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const table of await tablesIn(db)) {
    rows.set(table, await textOf(db, `SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS text FROM ${table} t`));
  }
  return rows;
}
