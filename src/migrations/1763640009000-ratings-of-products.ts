import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A product shows how it is rated: counted by a trigger on reviews, and so another version of it. */
export class RatingsOfProducts1763640009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE products
        ADD COLUMN rating_count integer NOT NULL DEFAULT 0,
        ADD COLUMN rating_sum integer NOT NULL DEFAULT 0`);
    await runner.query(`
      CREATE FUNCTION review_rates_product() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE products p SET
            rating_count = p.rating_count + rated.count, rating_sum = p.rating_sum + rated.sum,
            version = p.version + 1, updated_at = now()
          FROM (
            SELECT said.product_id, sum(said.count) AS count, sum(said.count * said.rating) AS sum
            FROM (VALUES (OLD.product_id, OLD.rating, -1), (NEW.product_id, NEW.rating, 1)) said (product_id, rating, count)
            WHERE said.product_id IS NOT NULL GROUP BY said.product_id
          ) rated
          WHERE p.id = rated.product_id;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER reviews_rate_products AFTER INSERT OR DELETE OR UPDATE OF product_id, rating ON reviews
      FOR EACH ROW EXECUTE FUNCTION review_rates_product()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER reviews_rate_products ON reviews');
    await runner.query('DROP FUNCTION review_rates_product');
    await runner.query('ALTER TABLE products DROP COLUMN rating_sum, DROP COLUMN rating_count');
  }
}
