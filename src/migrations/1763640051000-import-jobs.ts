import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads that wait, or are under way, become jobs. */
export class ImportJobs1763640051000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      INSERT INTO jobs (id, kind, data, due_at, user_id)
      SELECT gen_random_uuid(), 'imports.execute', jsonb_build_object('importId', id), now(), actor_id
      FROM imports WHERE file IS NULL AND state IN ('queued', 'running')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM jobs WHERE kind = 'imports.execute'`);
  }
}
