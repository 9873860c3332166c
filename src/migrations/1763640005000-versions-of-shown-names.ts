import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A product shows the names of its categories, and a category those above it: so a change of them changes what has
 * them, and its ETag.
 */
export class VersionsOfShownNames1763640005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
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
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER categories_shown_elsewhere ON categories');
    await runner.query('DROP FUNCTION category_shown_elsewhere');
  }
}
