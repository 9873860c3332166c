import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Orders reserve stock. A sale or a refund names the order or refund that it is caused by, and happens once for it.
 */
export class Reservations1763640080000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reservations (
        id uuid CONSTRAINT reservations_pk PRIMARY KEY,
        order_id uuid NOT NULL,
        product_id uuid NOT NULL CONSTRAINT reservations_level_fk REFERENCES stock_levels ON DELETE CASCADE,
        quantity integer NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        state text NOT NULL DEFAULT 'active',
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT reservations_product_unique_of_order UNIQUE (order_id, product_id),
        CONSTRAINT reservations_quantity_positive CHECK (quantity > 0),
        CONSTRAINT reservations_state_known CHECK (state IN ('active', 'consumed', 'released'))
      )`);
    await runner.query('CREATE INDEX reservations_of_product ON reservations (product_id, state)');

    await runner.query('ALTER TABLE stock_movements ADD COLUMN cause_id uuid');
    await runner.query(`
      ALTER TABLE stock_movements
        ADD CONSTRAINT stock_movements_cause_named CHECK ((cause IN ('sale', 'refund')) = (cause_id IS NOT NULL))`);
    await runner.query(`
      CREATE UNIQUE INDEX stock_movements_product_unique_of_cause ON stock_movements (cause_id, product_id)
      WHERE cause_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stock_movements DROP COLUMN cause_id');
    await runner.query(`
      UPDATE stock_levels l SET reserved = greatest(l.reserved - r.quantity, 0)
      FROM (SELECT product_id, sum(quantity) AS quantity FROM reservations WHERE state = 'active' GROUP BY product_id) r
      WHERE r.product_id = l.product_id`);
    await runner.query('DROP TABLE reservations');
  }
}
