import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What refers to a row that is deleted loses the reference, and so is another version: these count it where the database
 * takes references away by itself. A table with an optional reference has the first as its trigger, one that links rows the
 * second, with the table that shows the links and the column that names its row.
 */
export class ChangesByReference1763640007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION lost_reference() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.version := OLD.version + 1;
          NEW.updated_at := now();
          RETURN NEW;
        END
      $$`);
    await runner.query(`
      CREATE FUNCTION lost_link() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          EXECUTE format('UPDATE %I SET version = version + 1, updated_at = now() WHERE id = ($1).%I', TG_ARGV[0], TG_ARGV[1])
          USING OLD;
          RETURN NULL;
        END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION lost_link');
    await runner.query('DROP FUNCTION lost_reference');
  }
}
