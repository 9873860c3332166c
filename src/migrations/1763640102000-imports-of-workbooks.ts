import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Imports read XLSX workbooks, too. */
export class ImportsOfWorkbooks1763640102000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE imports DROP CONSTRAINT imports_format_known,
        ADD CONSTRAINT imports_format_known CHECK (format IN ('csv', 'ndjson', 'xlsx'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DELETE FROM imports WHERE format = 'xlsx'");
    await runner.query(`
      ALTER TABLE imports DROP CONSTRAINT imports_format_known,
        ADD CONSTRAINT imports_format_known CHECK (format IN ('csv', 'ndjson'))`);
  }
}
