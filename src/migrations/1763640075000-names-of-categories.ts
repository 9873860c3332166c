import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the names of categories are to the search is in one function: a new product is inserted with them, so that the trigger on its
 * places in categories finds them there and does not write its row, with all its search indexes, a second time. Both functions are in
 * PL/pgSQL, which keeps its plans: to plan the recursive query for each call took as long as all else of an INSERT.
 */
export class NamesOfCategories1763640075000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION category_names(ids uuid[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
        BEGIN
          RETURN (
            WITH RECURSIVE above AS (
              SELECT c.id, c.parent_id, c.name FROM categories c WHERE c.id = ANY (ids)
              UNION
              SELECT c.id, c.parent_id, c.name FROM categories c JOIN above ON c.id = above.parent_id
            ) SELECT coalesce(string_agg(name, ' ' ORDER BY id), '') FROM above
          );
        END
      $$`);
    await runner.query(`
      CREATE OR REPLACE FUNCTION products_refresh_category_names(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE products p SET category_names = current.names
          FROM (
            SELECT product.id, category_names(ARRAY(
              SELECT pc.category_id FROM product_categories pc WHERE pc.product_id = product.id
            )) AS names
            FROM unnest(ids) AS product (id)
          ) current
          WHERE p.id = current.id AND p.category_names <> current.names;
        END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION products_refresh_category_names(ids uuid[]) RETURNS void LANGUAGE sql AS $$
        UPDATE products p SET category_names = noted.names
        FROM (
          SELECT product.id, coalesce((
            WITH RECURSIVE above AS (
              SELECT c.id, c.parent_id, c.name
              FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = product.id
              UNION
              SELECT c.id, c.parent_id, c.name FROM categories c JOIN above ON c.id = above.parent_id
            ) SELECT string_agg(name, ' ' ORDER BY id) FROM above
          ), '') AS names
          FROM unnest(ids) AS product (id)
        ) noted
        WHERE p.id = noted.id AND p.category_names <> noted.names
      $$`);
    await runner.query('DROP FUNCTION category_names');
  }
}
