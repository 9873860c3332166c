import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A session keeps the version that its user had, so that a later handler knows whether it was opened before an event. */
export class UsersOfSessions1763640066000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ADD COLUMN user_version integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN user_version');
  }
}
