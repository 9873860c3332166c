import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, and the one-time links that are mailed to them. */
export class Users1763640000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid CONSTRAINT users_pk PRIMARY KEY,
        email text NOT NULL CONSTRAINT users_email_unique UNIQUE,
        name text NOT NULL,
        password_hash text,
        roles text[] NOT NULL CONSTRAINT users_roles_known
          CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['customer', 'staff', 'admin']),
        email_verified_at timestamptz(3),
        disabled_at timestamptz(3),
        erased_at timestamptz(3),
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT users_erased_keep_no_password CHECK (erased_at IS NULL OR password_hash IS NULL)
      )`);
    // The keyset order of each sort; addresses are sorted by code points, independent of the server's locale.
    await runner.query('CREATE INDEX users_by_created_at ON users (created_at, id)');
    await runner.query('CREATE INDEX users_by_email ON users (email COLLATE "C", id)');
    await runner.query("CREATE INDEX users_who_administer ON users (id) WHERE 'admin' = ANY (roles)");
    await runner.query(`
      CREATE TABLE one_time_tokens (
        id uuid CONSTRAINT one_time_tokens_pk PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT one_time_tokens_user_fk REFERENCES users (id),
        purpose text NOT NULL CONSTRAINT one_time_tokens_purpose_known
          CHECK (purpose IN ('verify-email', 'reset-password', 'invite')),
        token_hash bytea NOT NULL CONSTRAINT one_time_tokens_hash_unique UNIQUE,
        expires_at timestamptz(3) NOT NULL,
        used_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        -- a newer link takes the place of the one before
        CONSTRAINT one_time_tokens_one_a_purpose UNIQUE (user_id, purpose)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE one_time_tokens');
    await runner.query('DROP TABLE users');
  }
}
