import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A request that calls another system has its key before the call, and what it takes to go on after a crash. */
export class PhasedRequests1763640070000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE idempotency_keys
        ADD COLUMN flow text,
        ADD COLUMN prepared jsonb,
        ADD COLUMN finished_at timestamptz(3),
        ADD CONSTRAINT idempotency_keys_can_finish CHECK (finished_at IS NOT NULL OR flow IS NOT NULL AND prepared IS NOT NULL)
        NOT VALID`);
    await runner.query('UPDATE idempotency_keys SET finished_at = created_at');
    await runner.query('ALTER TABLE idempotency_keys VALIDATE CONSTRAINT idempotency_keys_can_finish');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM idempotency_keys WHERE finished_at IS NULL');
    await runner.query('ALTER TABLE idempotency_keys DROP COLUMN flow, DROP COLUMN prepared, DROP COLUMN finished_at');
  }
}
