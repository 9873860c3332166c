import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The stock of products gets a table of its own, with a version of its own: selling a product must not make it another
 * version, which would refuse the change of a clerk who has read the one before. A movement says by what it was caused,
 * and is never changed: movements sum to what is on hand. Where they did not, for a time before they were recorded, an
 * adjustment of today makes up for it.
 *
 * A movement refers to the stock level, so that adjusting the stock locks no product.
 */
export class Inventory1763640045000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE stock_levels (
        product_id uuid CONSTRAINT stock_levels_pk PRIMARY KEY
          CONSTRAINT stock_levels_product_fk REFERENCES products (id) ON DELETE CASCADE,
        on_hand integer NOT NULL DEFAULT 0,
        reserved integer NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT stock_levels_never_oversold CHECK (reserved >= 0 AND reserved <= on_hand),
        CONSTRAINT stock_levels_on_hand_bounded CHECK (on_hand <= 1000000000)
      )`);
    await runner.query(`
      INSERT INTO stock_levels (product_id, on_hand, reserved, created_at, updated_at)
      SELECT id, on_hand, reserved, created_at, updated_at FROM products`);
    await runner.query(
      'CREATE TRIGGER count_version BEFORE UPDATE ON stock_levels FOR EACH ROW EXECUTE FUNCTION count_version()',
    );

    await runner.query('ALTER TABLE stock_movements ADD COLUMN cause text');
    await runner.query(
      "UPDATE stock_movements SET cause = CASE WHEN reason = 'import' THEN 'import' ELSE 'adjustment' END",
    );
    await runner.query(`
      INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason)
      SELECT gen_random_uuid(), l.product_id, l.on_hand - moved.sum, l.on_hand, 'adjustment', 'stock without movements'
      FROM stock_levels l CROSS JOIN LATERAL (
        SELECT coalesce(sum(m.delta), 0) AS sum FROM stock_movements m WHERE m.product_id = l.product_id
      ) moved
      WHERE l.on_hand <> moved.sum`);
    await runner.query(`
      ALTER TABLE stock_movements
        ALTER COLUMN cause SET NOT NULL,
        ADD CONSTRAINT stock_movements_cause_known CHECK (cause IN ('sale', 'refund', 'adjustment', 'import')),
        DROP CONSTRAINT stock_movements_product_fk,
        ADD CONSTRAINT stock_movements_level_fk FOREIGN KEY (product_id) REFERENCES stock_levels ON DELETE CASCADE`);
    await runner.query(`
      CREATE FUNCTION refuse_change_of_movement() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          -- a product takes its movements with it: then it is gone already
          IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM products WHERE id = OLD.product_id) THEN
            RETURN OLD;
          END IF;
          RAISE restrict_violation USING
            MESSAGE = format('%s of a stock movement: movements are never changed', TG_OP),
            HINT = 'Insert a movement that makes up for it.';
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON stock_movements
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_movement()`);

    await runner.query('ALTER TABLE products DROP COLUMN on_hand, DROP COLUMN reserved');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE products
        ADD COLUMN on_hand integer NOT NULL DEFAULT 0,
        ADD COLUMN reserved integer NOT NULL DEFAULT 0`);
    await runner.query('ALTER TABLE products DISABLE TRIGGER count_version');
    await runner.query(`
      UPDATE products p SET on_hand = l.on_hand, reserved = l.reserved
      FROM stock_levels l WHERE l.product_id = p.id AND (l.on_hand, l.reserved) <> (0, 0)`);
    await runner.query('ALTER TABLE products ENABLE TRIGGER count_version');
    await runner.query(`
      ALTER TABLE products
        ADD CONSTRAINT products_stock_never_oversold CHECK (reserved >= 0 AND on_hand >= reserved)`);
    await runner.query('DROP TRIGGER stock_movements_append_only ON stock_movements');
    await runner.query('DROP FUNCTION refuse_change_of_movement');
    await runner.query(`
      ALTER TABLE stock_movements
        DROP COLUMN cause,
        DROP CONSTRAINT stock_movements_level_fk,
        ADD CONSTRAINT stock_movements_product_fk FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE`);
    await runner.query('DROP TABLE stock_levels');
  }
}
