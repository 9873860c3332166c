import type { DataSource } from 'typeorm';
import { NIL } from 'uuid';
import { StartError } from '../config/start-error.js';

/** How many rows are indexed again in one statement. */
const BATCH = 500;

/** Token types of PostgreSQL's parser of texts. */
const ASCII_WORD = 1;
const WORD = 2;

/**
 * The language that all rows are indexed in, where it is not the one that is configured.
 * @throws StartError when the database has no text search configuration of that name.
 */
export async function findOtherSearchLanguage(dataSource: DataSource, language: string): Promise<string | undefined> {
  const [row] = await dataSource.query<{ indexed: string; names: string[] }[]>(
    `SELECT search_indexed_language() AS indexed,
       ARRAY(SELECT cfgname::text FROM pg_ts_config WHERE pg_ts_config_is_visible(oid) ORDER BY 1) AS names`,
  );
  if (!row?.names.includes(language)) {
    throw new StartError(
      `SEARCH_LANGUAGE is ${language}, which the database does not know: choose one of ${row?.names.join(', ') ?? ''}.`,
    );
  }
  return row.indexed === language ? undefined : row.indexed;
}

/**
 * Has texts indexed, and searched for, by the stems of a language. All rows are indexed again, batch by batch; they are found meanwhile by
 * their words as they are. When that was cut off, the next call begins it again. The versions of rows stay.
 * @returns whether there was something to do.
 * @throws StartError when the database has no text search configuration of that name.
 */
export async function useSearchLanguage(dataSource: DataSource, language: string): Promise<boolean> {
  if ((await findOtherSearchLanguage(dataSource, language)) === undefined) return false;
  await replaceLanguage(dataSource, language);
  for (const table of await searchedTables(dataSource)) await indexAgain(dataSource, table);
  await dataSource.query(constantFunction('search_indexed_language', language));
  return true;
}

async function replaceLanguage(dataSource: DataSource, language: string): Promise<void> {
  const stemmers = await dataSource.query<{ token: number; name: string }[]>(
    `SELECT maptokentype AS token, quote_literal(mapdict::regdictionary::text) AS name
     FROM pg_ts_config_map WHERE mapcfg = $1::regconfig AND maptokentype IN (${String(ASCII_WORD)}, ${String(WORD)})
     ORDER BY mapseqno`,
    [language],
  );
  // of several dictionaries the last one knows every word
  const stemmerOf = (token: number): string =>
    `${stemmers.findLast((one) => one.token === token)?.name ?? "'simple'"}::regdictionary`;
  await dataSource.transaction(async (manager) => {
    await manager.query(constantFunction('search_language', language));
    await manager.query(
      `CREATE OR REPLACE FUNCTION search_stemmer(is_ascii boolean) RETURNS regdictionary LANGUAGE sql IMMUTABLE PARALLEL SAFE
       RETURN CASE WHEN is_ascii THEN ${stemmerOf(ASCII_WORD)} ELSE ${stemmerOf(WORD)} END`,
    );
  });
}

/** @param value the name of a text search configuration, as the database has it. */
const constantFunction = (name: string, value: string): string =>
  `CREATE OR REPLACE FUNCTION ${name}() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN '${value.replaceAll("'", "''")}'`;

/** The tables with a column that `search_vector` makes: of products, and of generated features. */
async function searchedTables(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ table: string }[]>(
    `SELECT a.attrelid::regclass::text AS table
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = current_schema()::regnamespace AND a.attname = 'search' AND a.attgenerated = 's'
       AND pg_get_expr(d.adbin, d.adrelid) LIKE '%search\\_vector(%'
     ORDER BY 1`,
  );
  return rows.map(({ table }) => table);
}

async function indexAgain(dataSource: DataSource, table: string): Promise<void> {
  for (let after: string | undefined = NIL; after !== undefined;) {
    // locked in the order of their ids, as all that writes many rows does
    const rows: { id: string }[] = await dataSource.query<{ id: string }[]>(
      `WITH batch AS (SELECT id FROM ${table} WHERE id > $1 ORDER BY id LIMIT ${String(BATCH)} FOR NO KEY UPDATE),
         written AS (UPDATE ${table} t SET search = DEFAULT FROM batch WHERE t.id = batch.id)
       SELECT id FROM batch ORDER BY id OFFSET ${String(BATCH - 1)}`,
      [after],
    );
    after = rows[0]?.id;
  }
}
