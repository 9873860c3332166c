import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ways to send an order, at one price for some countries. */
export class ShippingMethods1763640082000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE shipping_methods (
        id uuid CONSTRAINT shipping_methods_pk PRIMARY KEY,
        name text NOT NULL,
        price_amount bigint NOT NULL,
        price_currency char(3) NOT NULL,
        countries text[] NOT NULL,
        free_from bigint,
        active boolean NOT NULL DEFAULT true,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT shipping_methods_name_valid CHECK (char_length(name) BETWEEN 1 AND 120),
        CONSTRAINT shipping_methods_price_valid CHECK (price_amount BETWEEN 0 AND 999999999999),
        CONSTRAINT shipping_methods_free_from_valid CHECK (free_from BETWEEN 0 AND 999999999999),
        CONSTRAINT shipping_methods_countries_valid CHECK (cardinality(countries) BETWEEN 1 AND 249)
      )`);
    await runner.query('CREATE INDEX shipping_methods_by_name ON shipping_methods (name COLLATE "C", id)');
    await runner.query(
      'CREATE TRIGGER count_version BEFORE UPDATE ON shipping_methods FOR EACH ROW EXECUTE FUNCTION count_version()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shipping_methods');
  }
}
