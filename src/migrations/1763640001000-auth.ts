import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions: a family of refresh tokens each. */
export class Auth1763640001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        id uuid CONSTRAINT sessions_pk PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT sessions_user_fk REFERENCES users (id),
        refresh_hash bytea NOT NULL,
        rotated_at timestamptz(3) NOT NULL,
        user_agent text,
        address text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_seen_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        ended_at timestamptz(3),
        ended_reason text,
        CONSTRAINT sessions_end_has_a_reason CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
      )`);
    await runner.query('CREATE INDEX sessions_of_user ON sessions (user_id, created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sessions');
  }
}
