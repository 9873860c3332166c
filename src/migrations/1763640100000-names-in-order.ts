import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists by name are in the order of the Unicode Collation Algorithm, which the locale of a database does not change. */
export class NamesInOrder1763640100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX products_by_name');
    await runner.query('CREATE INDEX products_by_name ON products (name COLLATE "und-x-icu", id)');
    await runner.query('DROP INDEX shipping_methods_by_name');
    await runner.query('CREATE INDEX shipping_methods_by_name ON shipping_methods (name COLLATE "und-x-icu", id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX shipping_methods_by_name');
    await runner.query('CREATE INDEX shipping_methods_by_name ON shipping_methods (name COLLATE "C", id)');
    await runner.query('DROP INDEX products_by_name');
    await runner.query('CREATE INDEX products_by_name ON products (lower(name) COLLATE "C", id)');
  }
}
