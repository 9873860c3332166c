import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A SKU is unique without case: `Ab-1` and `AB-1` are one product. What is stored keeps its spelling. */
export class SkusWithoutCase1763640094000 implements MigrationInterface {
  /** @throws Error naming products whose SKUs differ in case alone: which of them is meant is for people to say. */
  async up(runner: QueryRunner): Promise<void> {
    const { records: alike }: { records: { skus: string }[] } = await runner.query(
      `
      SELECT string_agg(sku, ', ' ORDER BY sku COLLATE "C") AS skus FROM products
      GROUP BY lower(sku COLLATE "C") HAVING count(*) > 1 ORDER BY 1 LIMIT 20`,
      [],
      true,
    );
    if (alike.length > 0) {
      throw new Error(
        `These SKUs differ in case alone: ${alike.map(({ skus }) => skus).join('; ')}. Give one of each pair another SKU (PATCH /products/{id}) with the version before, then upgrade.`,
      );
    }
    await runner.query('ALTER TABLE products DROP CONSTRAINT products_sku_unique');
    await runner.query('CREATE UNIQUE INDEX products_sku_unique ON products (lower(sku COLLATE "C"))');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX products_sku_unique');
    await runner.query('ALTER TABLE products ADD CONSTRAINT products_sku_unique UNIQUE (sku)');
  }
}
