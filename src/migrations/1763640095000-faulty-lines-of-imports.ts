import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps the lines of a file that were left out, and its header, so that people can correct them. */
export class FaultyLinesOfImports1763640095000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE import_faulty_lines (
        import_id uuid NOT NULL CONSTRAINT import_faulty_lines_import_fk REFERENCES imports (id) ON DELETE CASCADE,
        line bigint NOT NULL,
        cells text[] NOT NULL,
        bytes integer NOT NULL,
        CONSTRAINT import_faulty_lines_pk PRIMARY KEY (import_id, line)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE import_faulty_lines');
  }
}
