import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signing in looks at the live sessions of a user: those that have ended are kept for a while and may be thousands. */
export class LiveSessions1763640041000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX sessions_live_of_user ON sessions (user_id) WHERE ended_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_live_of_user');
  }
}
