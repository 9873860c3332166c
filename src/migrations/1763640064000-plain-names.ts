import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Plain names: `found_in` becomes `category_names`, and functions are called by what they do. `lost_reference` and `lost_link` stay
 * beside their successors, since migrations of features that were generated before name them.
 */
export class PlainNames1763640064000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products RENAME COLUMN found_in TO category_names');
    await runner.query('ALTER FUNCTION products_note_categories RENAME TO products_refresh_category_names');
    await runner.query('ALTER FUNCTION products_asked_for RENAME TO products_search_query');
    await runner.query(refreshCategoryNames('products_refresh_category_names', 'category_names'));
    await runner.query(categoriesChanged('products_refresh_category_names'));
    await runner.query(similarTo('category_names'));
    await runner.query(`
      CREATE FUNCTION bump_version_on_fk_null() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.version := OLD.version + 1;
          NEW.updated_at := now();
          RETURN NEW;
        END
      $$`);
    await runner.query(`
      CREATE FUNCTION bump_version_on_link_delete() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          EXECUTE format('UPDATE %I SET version = version + 1, updated_at = now() WHERE id = ($1).%I', TG_ARGV[0], TG_ARGV[1])
          USING OLD;
          RETURN NULL;
        END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION bump_version_on_link_delete');
    await runner.query('DROP FUNCTION bump_version_on_fk_null');
    await runner.query('ALTER TABLE products RENAME COLUMN category_names TO found_in');
    await runner.query('ALTER FUNCTION products_refresh_category_names RENAME TO products_note_categories');
    await runner.query('ALTER FUNCTION products_search_query RENAME TO products_asked_for');
    await runner.query(refreshCategoryNames('products_note_categories', 'found_in'));
    await runner.query(categoriesChanged('products_note_categories'));
    await runner.query(similarTo('found_in'));
  }
}

/** The function that writes the names of the categories of products, and of those above them, to a column. */
const refreshCategoryNames = (name: string, column: string): string => `
  CREATE OR REPLACE FUNCTION ${name}(ids uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE products p SET ${column} = noted.names
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
    WHERE p.id = noted.id AND p.${column} <> noted.names
  $$`;

/** The function of the triggers on the places of products in categories. */
const categoriesChanged = (refresh: string): string => `
  CREATE OR REPLACE FUNCTION product_categories_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM ${refresh}((SELECT array_agg(DISTINCT product_id) FROM changed));
      RETURN NULL;
    END
  $$`;

/** The search by similar words, in the names of products and of their categories. */
const similarTo = (column: string): string => `
  CREATE OR REPLACE FUNCTION products_similar_to(words text[], hidden boolean DEFAULT false)
  RETURNS TABLE (id uuid, similarity real)
  LANGUAGE sql STABLE ROWS 50 SET pg_trgm.word_similarity_threshold = 0.45 AS $$
    SELECT alike.id, alike.similarity
    FROM (
      SELECT p.id, count(*) AS words, max(count(*)) OVER () AS most,
             sum(greatest(word_similarity(word, p.name), 0.8 * word_similarity(word, p.${column})))::real AS similarity
      FROM unnest(words) word JOIN products p ON word <% (p.name || ' ' || p.${column})
      WHERE hidden OR p.status = 'active'
      GROUP BY p.id
    ) alike
    WHERE alike.words = alike.most
  $$`;
