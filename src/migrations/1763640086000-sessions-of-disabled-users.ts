import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Disabling a user ends the sessions that are open then, in the row of the user: they stay ended when the user is enabled again. */
export class SessionsOfDisabledUsers1763640086000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN sessions_from_version integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN sessions_from_version');
  }
}
