import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A change of a row to what it is already makes no new version, in any table with a generated column `search` either. The column is not
 * made yet when the trigger runs, so that every row looked like another one; the database makes it after the trigger, from the
 * columns that it is of. Products have it, and so has a generated feature when a field of it is searchable.
 */
export class VersionsOfSearchedRows1763640063000 implements MigrationInterface {
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
    await countBy(runner, 'count_version', 'count_version_of_searched');
  }

  async down(runner: QueryRunner): Promise<void> {
    await countBy(runner, 'count_version_of_searched', 'count_version');
    await runner.query('DROP FUNCTION count_version_of_searched');
  }
}

/** Has another function count the versions of the rows that are searched. */
async function countBy(runner: QueryRunner, before: string, after: string): Promise<void> {
  const tables = (await runner.query(
    `SELECT c.relname AS table FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgname = 'count_version' AND p.proname = $1 AND c.relnamespace = current_schema()::regnamespace
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'search' AND NOT a.attisdropped)
     ORDER BY 1`,
    [before],
  )) as { table: string }[];
  for (const { table } of tables) {
    const condition = table === 'products' ? UNCOUNTED : '';
    await runner.query(
      `CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON "${table}" FOR EACH ROW ${condition} EXECUTE FUNCTION ${after}()`,
    );
  }
}

/** What other tables say about a product makes no version of it. */
const UNCOUNTED =
  'WHEN (NEW.found_in = OLD.found_in AND NEW.rating_count = OLD.rating_count AND NEW.rating_sum = OLD.rating_sum)';
