import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One trigger counts the versions of rows: an UPDATE that changes a row makes it the next version, whichever statement it
 * is, and one that changes nothing leaves it as it is. Every table with `version` and `updated_at` has the trigger; a new
 * one gets it in its own migration. To make a row another version because something that it shows has changed elsewhere,
 * count its `version` up.
 *
 * What other tables say about a product is left out: the names of its categories, which are kept for search, and its
 * rating, which customers change. Neither must keep staff from changing the product.
 */
export class VersionsInOnePlace1763640016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW *<> OLD THEN
            NEW.version := OLD.version + 1;
            NEW.updated_at := now();
          END IF;
          RETURN NEW;
        END
      $$`);
    for (const table of await versionedTables(runner)) {
      const condition =
        table === 'products'
          ? 'WHEN (NEW.found_in = OLD.found_in AND NEW.rating_count = OLD.rating_count AND NEW.rating_sum = OLD.rating_sum)'
          : '';
      await runner.query(
        `CREATE TRIGGER count_version BEFORE UPDATE ON "${table}" FOR EACH ROW ${condition} EXECUTE FUNCTION count_version()`,
      );
    }
    await runner.query(rateProduct(''));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(rateProduct(', version = p.version + 1, updated_at = now()'));
    for (const table of await versionedTables(runner)) await runner.query(`DROP TRIGGER count_version ON "${table}"`);
    await runner.query('DROP FUNCTION count_version');
  }
}

/** Those of this schema, a team's own among them. */
async function versionedTables(runner: QueryRunner): Promise<string[]> {
  const tables = (await runner.query(`
    SELECT t.table_name FROM information_schema.tables t
    WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND 2 = (
      SELECT count(*) FROM information_schema.columns c
      WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.column_name IN ('version', 'updated_at')
    ) ORDER BY t.table_name`)) as { table_name: string }[];
  return tables.map((table) => table.table_name);
}

/** The function that counts the ratings of a product, and what else it does to the product. */
const rateProduct = (also: string): string => `
  CREATE OR REPLACE FUNCTION review_rates_product() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE products p SET
        rating_count = p.rating_count + rated.count, rating_sum = p.rating_sum + rated.sum${also}
      FROM (
        SELECT said.product_id, sum(said.count) AS count, sum(said.count * said.rating) AS sum
        FROM (VALUES (OLD.product_id, OLD.rating, -1), (NEW.product_id, NEW.rating, 1)) said (product_id, rating, count)
        WHERE said.product_id IS NOT NULL GROUP BY said.product_id
      ) rated
      WHERE p.id = rated.product_id;
      RETURN NULL;
    END
  $$`;
