import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps how an import was asked to read its file, and whose names its columns have. */
export class OptionsOfImports1763640093000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE imports
        ADD COLUMN options jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN layout text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE imports DROP COLUMN layout, DROP COLUMN options');
  }
}
