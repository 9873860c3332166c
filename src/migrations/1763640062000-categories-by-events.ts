import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Renaming or moving a category changes no product by a trigger any more: the tag of a product has the versions of its categories
 * in it, products follow with the names that they are found by when the event is handled, and the categories below are
 * another version by the statement that says so.
 */
export class CategoriesByEvents1763640062000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER categories_shown_elsewhere ON categories');
    await runner.query('DROP FUNCTION category_shown_elsewhere');
    await runner.query('DROP TRIGGER categories_noted ON categories');
    await runner.query('DROP FUNCTION category_changed');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE ids uuid[];
        BEGIN
          ids := ARRAY(
            WITH RECURSIVE below AS (
              SELECT NEW.id AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
            ) SELECT DISTINCT product_id FROM product_categories WHERE category_id IN (SELECT id FROM below)
          );
          PERFORM FROM products WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
          PERFORM products_note_categories(ids);
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER categories_noted AFTER UPDATE OF name, parent_id ON categories
      FOR EACH ROW EXECUTE FUNCTION category_changed()`);
    await runner.query(`
      CREATE FUNCTION category_shown_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE categories SET version = version + 1, updated_at = now() WHERE id IN (
            WITH RECURSIVE below AS (
              SELECT id FROM categories WHERE parent_id = NEW.id
              UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
            ) SELECT id FROM below
          );
          IF NEW.name <> OLD.name THEN
            UPDATE products SET version = version + 1, updated_at = now()
            WHERE id IN (SELECT product_id FROM product_categories WHERE category_id = NEW.id);
          END IF;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER categories_shown_elsewhere AFTER UPDATE OF name, parent_id ON categories
      FOR EACH ROW WHEN (NEW.name <> OLD.name OR NEW.parent_id IS DISTINCT FROM OLD.parent_id)
      EXECUTE FUNCTION category_shown_elsewhere()`);
    // what no job has followed yet
    await runner.query('SELECT products_note_categories(ARRAY(SELECT DISTINCT product_id FROM product_categories))');
  }
}
