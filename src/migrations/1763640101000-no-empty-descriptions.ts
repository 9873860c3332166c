import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An empty description is none: a cell of a table cannot say which of the two is meant. */
export class NoEmptyDescriptions1763640101000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("UPDATE products SET description = NULL WHERE description = ''");
  }

  async down(): Promise<void> {
    // nobody knows which ones were empty
  }
}
