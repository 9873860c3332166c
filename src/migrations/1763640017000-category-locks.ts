import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Renaming or moving a category waits for nobody who puts products into it, nor they for that. A foreign key locks the row
 * that it refers to against changes of its keys, which the columns of a UNIQUE constraint are taken for, and those of an
 * index on an expression are not. Products are locked in the order of their ids, as imports lock them.
 */
export class CategoryLocks1763640017000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE UNIQUE INDEX categories_name_unique_below ON categories (coalesce(parent_id, '00000000-0000-0000-0000-000000000000'), name)`,
    );
    await runner.query('ALTER TABLE categories DROP CONSTRAINT categories_name_unique_among_siblings');
    await runner.query('ALTER INDEX categories_name_unique_below RENAME TO categories_name_unique_among_siblings');
    // the constraint had the only index that begins with the parent
    await runner.query('CREATE INDEX categories_of_parent ON categories (parent_id)');
    await runner.query(categoryChanged('FOR NO KEY UPDATE'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(categoryChanged(''));
    await runner.query('DROP INDEX categories_of_parent');
    await runner.query('DROP INDEX categories_name_unique_among_siblings');
    await runner.query(
      'ALTER TABLE categories ADD CONSTRAINT categories_name_unique_among_siblings UNIQUE NULLS NOT DISTINCT (parent_id, name)',
    );
  }
}

/** The function that keeps the names of categories in the products below them; `lock` is how it locks those first. */
const categoryChanged = (lock: string): string => `
  CREATE OR REPLACE FUNCTION category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE ids uuid[];
    BEGIN
      ids := ARRAY(
        WITH RECURSIVE below AS (
          SELECT NEW.id AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
        ) SELECT DISTINCT product_id FROM product_categories WHERE category_id IN (SELECT id FROM below)
      );
      PERFORM FROM products WHERE id = ANY (ids) ORDER BY id ${lock};
      PERFORM products_note_categories(ids);
      RETURN NULL;
    END
  $$`;
