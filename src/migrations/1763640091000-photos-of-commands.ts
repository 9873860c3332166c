import type { MigrationInterface, QueryRunner } from 'typeorm';
import { NIL } from 'uuid';

/** A photo that a command brings was sent by nobody. */
export class PhotosOfCommands1763640091000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE photos ALTER COLUMN uploaded_by DROP NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('UPDATE photos SET uploaded_by = $1 WHERE uploaded_by IS NULL', [NIL]);
    await runner.query('ALTER TABLE photos ALTER COLUMN uploaded_by SET NOT NULL');
  }
}
