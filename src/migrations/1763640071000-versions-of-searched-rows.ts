import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * As for products: a change of a row to what it is already makes no new version, in any table with a generated column `search`. That
 * is not made yet when the trigger runs. Tables of generated features have such a column when a field of theirs is searchable.
 */
export class VersionsOfSearchedRows1763640071000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION count_version_of_searched() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.search := OLD.search;
          IF NEW *<> OLD THEN
            NEW.version := OLD.version + 1;
            NEW.updated_at := now();
          END IF;
          RETURN NEW;
        END
      $$`);
    for (const table of await searchedTables(runner, 'count_version'))
      await runner.query(countBy(table, 'count_version_of_searched'));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of await searchedTables(runner, 'count_version_of_searched'))
      await runner.query(countBy(table, 'count_version'));
    await runner.query('DROP FUNCTION count_version_of_searched');
  }
}

const countBy = (table: string, name: string): string => `
  CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON "${table}" FOR EACH ROW EXECUTE FUNCTION ${name}()`;

/** The tables with a column `search` whose versions are counted by a function. */
async function searchedTables(runner: QueryRunner, name: string): Promise<string[]> {
  const tables = (await runner.query(
    `SELECT c.relname AS table FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgname = 'count_version' AND p.proname = $1 AND c.relnamespace = current_schema()::regnamespace
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'search' AND NOT a.attisdropped)
     ORDER BY 1`,
    [name],
  )) as { table: string }[];
  return tables.map(({ table }) => table);
}
