import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was answered to requests with an Idempotency-Key, for a day. */
export class Idempotency1763640004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // json, not jsonb: it keeps the text as it is, the order of the members included
    await runner.query(`
      CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL,
        route text NOT NULL,
        key text NOT NULL CONSTRAINT idempotency_keys_key_bounded CHECK (length(key) BETWEEN 1 AND 255),
        fingerprint bytea NOT NULL,
        status smallint NOT NULL,
        headers json NOT NULL,
        body json,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT idempotency_keys_pk PRIMARY KEY (user_id, route, key)
      )`);
    await runner.query('CREATE INDEX idempotency_keys_by_created_at ON idempotency_keys (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}
