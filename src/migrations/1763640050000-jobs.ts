import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Work that outlives the request that causes it, and what is to be done again and again. */
export class Jobs1763640050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE jobs (
        id uuid CONSTRAINT jobs_pk PRIMARY KEY,
        kind text NOT NULL CONSTRAINT jobs_kind_bounded CHECK (length(kind) BETWEEN 1 AND 100),
        key text CONSTRAINT jobs_key_bounded CHECK (length(key) <= 200),
        state text NOT NULL DEFAULT 'waiting'
          CONSTRAINT jobs_state_known CHECK (state IN ('waiting', 'running', 'finished', 'dead')),
        data jsonb,
        due_at timestamptz(3) NOT NULL,
        attempts integer NOT NULL DEFAULT 0 CONSTRAINT jobs_attempts_counted CHECK (attempts >= 0),
        lease_id uuid,
        progress_done bigint,
        progress_total bigint,
        last_error text CONSTRAINT jobs_last_error_bounded CHECK (length(last_error) <= 1000),
        request_id text,
        trace_id text,
        user_id uuid,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        finished_at timestamptz(3),
        CONSTRAINT jobs_lease_of_running CHECK ((lease_id IS NOT NULL) = (state = 'running')),
        CONSTRAINT jobs_finished_at_of_ended CHECK ((finished_at IS NOT NULL) = (state IN ('finished', 'dead')))
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX jobs_waiting_unique_by_key ON jobs (kind, key) WHERE state = 'waiting' AND key IS NOT NULL`);
    await runner.query(`CREATE INDEX jobs_due ON jobs (kind, due_at, id) WHERE state IN ('waiting', 'running')`);
    await runner.query('CREATE INDEX jobs_ended ON jobs (finished_at) WHERE finished_at IS NOT NULL');
    await runner.query('CREATE INDEX jobs_by_created_at ON jobs (created_at, id)');
    await runner.query('CREATE INDEX jobs_by_state ON jobs (state, created_at, id)');
    await runner.query('CREATE INDEX jobs_by_kind ON jobs (kind, created_at, id)');
    await runner.query(`
      CREATE TABLE job_schedules (
        name text CONSTRAINT job_schedules_pk PRIMARY KEY
          CONSTRAINT job_schedules_name_bounded CHECK (length(name) BETWEEN 1 AND 100),
        last_slot timestamptz(3) NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE job_schedules');
    await runner.query('DROP TABLE jobs');
  }
}
