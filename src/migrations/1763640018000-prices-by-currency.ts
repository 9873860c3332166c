import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Amounts are compared within one currency: the order of prices is that of the currencies first. */
export class PricesByCurrency1763640018000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX products_by_price');
    await runner.query('CREATE INDEX products_by_price ON products (price_currency, price_amount, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX products_by_price');
    await runner.query('CREATE INDEX products_by_price ON products (price_amount, id)');
  }
}
