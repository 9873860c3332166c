import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts how often an import was begun without a batch coming through, and how many faults it has in all. */
export class ImportAttempts1763640025000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE imports
        ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN faults_found integer NOT NULL DEFAULT 0`);
    await runner.query(`
      UPDATE imports SET faults_found = found.faults
      FROM (SELECT import_id, count(*) AS faults FROM import_faults GROUP BY import_id) found
      WHERE found.import_id = imports.id`);
    await runner.query('CREATE INDEX imports_finished ON imports (finished_at) WHERE finished_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX imports_finished');
    await runner.query('ALTER TABLE imports DROP COLUMN faults_found, DROP COLUMN attempts');
  }
}
