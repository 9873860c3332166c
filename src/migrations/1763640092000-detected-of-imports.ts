import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps how the file of an import is written, and which of its columns were skipped. */
export class DetectedOfImports1763640092000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE imports
        ADD COLUMN encoding text,
        ADD COLUMN delimiter text,
        ADD COLUMN skipped_columns text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE imports DROP COLUMN skipped_columns, DROP COLUMN delimiter, DROP COLUMN encoding');
  }
}
