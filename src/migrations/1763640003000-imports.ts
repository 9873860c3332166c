import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Imports of catalogues: how far each one is, what was wrong, and the uploaded bytes until they are read. */
export class Imports1763640003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE imports (
        id uuid CONSTRAINT imports_pk PRIMARY KEY,
        state text NOT NULL
          CONSTRAINT imports_state_known CHECK (state IN ('receiving', 'queued', 'running', 'finished', 'failed')),
        format text NOT NULL CONSTRAINT imports_format_known CHECK (format IN ('csv', 'ndjson')),
        file text,
        fingerprint text,
        bytes bigint,
        bytes_done bigint NOT NULL DEFAULT 0,
        lines_done bigint NOT NULL DEFAULT 0,
        created integer NOT NULL DEFAULT 0,
        updated integer NOT NULL DEFAULT 0,
        unchanged integer NOT NULL DEFAULT 0,
        faulty integer NOT NULL DEFAULT 0,
        busy_milliseconds bigint NOT NULL DEFAULT 0,
        failure text,
        lease_id uuid,
        lease_until timestamptz(3),
        actor_id uuid,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        finished_at timestamptz(3)
      )`);
    await runner.query('CREATE INDEX imports_by_created_at ON imports (created_at, id)');
    // Both are few at any time: the jobs that a runner looks for, and the file that was begun before.
    await runner.query(`
      CREATE INDEX imports_unfinished ON imports (created_at, id) WHERE state IN ('receiving', 'queued', 'running')`);
    await runner.query(`
      CREATE TABLE import_faults (
        id uuid CONSTRAINT import_faults_pk PRIMARY KEY,
        import_id uuid NOT NULL CONSTRAINT import_faults_import_fk REFERENCES imports (id) ON DELETE CASCADE,
        line bigint NOT NULL,
        "column" text,
        code text NOT NULL,
        detail text NOT NULL
      )`);
    await runner.query('CREATE INDEX import_faults_by_line ON import_faults (import_id, line, id)');
    await runner.query(`
      CREATE TABLE import_chunks (
        import_id uuid NOT NULL CONSTRAINT import_chunks_import_fk REFERENCES imports (id) ON DELETE CASCADE,
        number integer NOT NULL,
        bytes bytea NOT NULL,
        CONSTRAINT import_chunks_pk PRIMARY KEY (import_id, number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['import_chunks', 'import_faults', 'imports']) await runner.query(`DROP TABLE ${table}`);
  }
}
