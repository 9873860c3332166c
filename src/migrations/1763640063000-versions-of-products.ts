import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A change of a product to what it is already makes no new version. The generated column `search` is not made yet when the trigger
 * runs, so that every row looked like another one; the database makes it after the trigger, from the columns that it is of.
 */
export class VersionsOfProducts1763640063000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION count_version_of_product() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.search := OLD.search;
          IF NEW *<> OLD THEN
            NEW.version := OLD.version + 1;
            NEW.updated_at := now();
          END IF;
          RETURN NEW;
        END
      $$`);
    await runner.query(countBy('count_version_of_product'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(countBy('count_version'));
    await runner.query('DROP FUNCTION count_version_of_product');
  }
}

const countBy = (name: string): string => `
  CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON products FOR EACH ROW
  WHEN (NEW.found_in = OLD.found_in AND NEW.rating_count = OLD.rating_count AND NEW.rating_sum = OLD.rating_sum)
  EXECUTE FUNCTION ${name}()`;
