import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Families of products. A member keeps its place in a family in its own row: `family_options` is a list of names and values in the
 * order of the family, `family_key` are the values in small letters, which no two members of a family share. That is checked at the end
 * of a statement, so that members can exchange their values.
 */
export class ProductFamilies1763640103000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE product_families (
        id uuid CONSTRAINT product_families_pk PRIMARY KEY,
        code text,
        name text NOT NULL,
        slug text NOT NULL,
        options text[] NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT product_families_code_unique UNIQUE (code),
        CONSTRAINT product_families_slug_unique UNIQUE (slug),
        CONSTRAINT product_families_code_valid CHECK (char_length(code) BETWEEN 1 AND 255),
        CONSTRAINT product_families_name_valid CHECK (char_length(name) BETWEEN 1 AND 200),
        CONSTRAINT product_families_options_valid CHECK (cardinality(options) BETWEEN 1 AND 3)
      )`);
    await runner.query(
      'CREATE TRIGGER count_version BEFORE UPDATE ON product_families FOR EACH ROW EXECUTE FUNCTION count_version()',
    );
    await runner.query('CREATE INDEX product_families_by_created_at ON product_families (created_at, id)');
    await runner.query('CREATE INDEX product_families_by_name ON product_families (name COLLATE "und-x-icu", id)');
    await runner.query(`
      ALTER TABLE products
        ADD family_id uuid CONSTRAINT products_family_fk REFERENCES product_families,
        ADD family_name text,
        ADD family_options jsonb,
        ADD family_key text,
        ADD CONSTRAINT products_family_whole
          CHECK (num_nulls(family_id, family_name, family_options, family_key) IN (0, 4)),
        ADD CONSTRAINT products_family_options_unique
          UNIQUE (family_id, family_key) DEFERRABLE INITIALLY IMMEDIATE`);
    await runner.query(`
      CREATE INDEX products_by_family_options ON products USING gin (family_options jsonb_path_ops)
      WHERE family_options IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP family_id, DROP family_name, DROP family_options, DROP family_key');
    await runner.query('DROP TABLE product_families');
  }
}
