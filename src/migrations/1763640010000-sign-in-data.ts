import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Networks that users are known in, the key of each session's refresh tokens, and what finds rows that are past their time. */
export class SignInData1763640010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_networks (
        user_id uuid NOT NULL CONSTRAINT known_networks_user_fk REFERENCES users (id),
        network text NOT NULL CONSTRAINT known_networks_network_bounded CHECK (length(network) <= 100),
        seen_at timestamptz(3) NOT NULL,
        CONSTRAINT known_networks_pk PRIMARY KEY (user_id, network)
      )`);
    // 244 random bits: a UUID of version 4 has 122
    await runner.query(`
      ALTER TABLE sessions ADD COLUMN token_key bytea NOT NULL
        DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())`);
    await runner.query('CREATE INDEX known_networks_by_seen_at ON known_networks (seen_at)');
    await runner.query('CREATE INDEX sessions_by_end ON sessions (COALESCE(ended_at, expires_at))');
    await runner.query('CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at)');
    await runner.query(`
      CREATE INDEX users_unverified ON users (updated_at) WHERE email_verified_at IS NULL AND erased_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_unverified');
    await runner.query('DROP INDEX one_time_tokens_by_expiry');
    await runner.query('DROP INDEX sessions_by_end');
    await runner.query('ALTER TABLE sessions DROP COLUMN token_key');
    await runner.query('DROP TABLE known_networks');
  }
}
