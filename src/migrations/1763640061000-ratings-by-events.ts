import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Products are rated by a handler of the events of reviews, no more by a trigger on reviews. */
export class RatingsByEvents1763640061000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER reviews_rate_products ON reviews');
    await runner.query('DROP FUNCTION review_rates_product');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION review_rates_product() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE products p SET
            rating_count = p.rating_count + rated.count, rating_sum = p.rating_sum + rated.sum
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
    // the trigger adds to what is there: events that are not handled yet are not in it
    await runner.query(`
      WITH rated AS (
        SELECT p.id, count(r.id)::integer AS count, coalesce(sum(r.rating), 0)::integer AS sum
        FROM products p LEFT JOIN reviews r ON r.product_id = p.id GROUP BY p.id
      )
      UPDATE products p SET rating_count = rated.count, rating_sum = rated.sum
      FROM rated WHERE p.id = rated.id AND (p.rating_count, p.rating_sum) <> (rated.count, rated.sum)`);
  }
}
