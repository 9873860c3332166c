import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A row that is only marked as deleted still satisfies a foreign key. A table that refers to such rows has this as its
 * trigger, with the table, the column and the constraint: a reference to a deleted row is refused as the constraint
 * refuses one to no row. It locks the row that is referred to, so that deleting it at the same time waits.
 */
export class ReferencesToDeletedRows1763640040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION refuse_deleted_reference() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          target uuid := (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
          is_there boolean;
        BEGIN
          IF target IS NULL OR (TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> TG_ARGV[1] = target::text) THEN
            RETURN NEW;
          END IF;
          EXECUTE format('SELECT true FROM %I WHERE id = $1 AND deleted_at IS NULL FOR SHARE', TG_ARGV[0])
            INTO is_there USING target;
          IF is_there IS NULL THEN
            RAISE foreign_key_violation
              USING MESSAGE = format('%s refers to a row of %s that is deleted or missing', TG_ARGV[1], TG_ARGV[0]),
                CONSTRAINT = TG_ARGV[2];
          END IF;
          RETURN NEW;
        END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION refuse_deleted_reference');
  }
}
