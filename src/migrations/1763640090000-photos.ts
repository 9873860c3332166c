import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Photos, the files that they are in, and what they are of. */
export class Photos1763640090000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE photos (
        id uuid CONSTRAINT photos_pk PRIMARY KEY,
        uploaded_by uuid NOT NULL,
        state text NOT NULL DEFAULT 'pending',
        width integer NOT NULL,
        height integer NOT NULL,
        has_alpha boolean NOT NULL,
        thumb_hash text NOT NULL,
        size integer NOT NULL,
        is_complete boolean NOT NULL DEFAULT false,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT photos_state_known CHECK (state IN ('pending', 'ready', 'unavailable'))
      )`);
    await runner.query('CREATE INDEX photos_by_uploader ON photos (uploaded_by)');
    await runner.query('CREATE INDEX photos_incomplete ON photos (created_at) WHERE NOT is_complete');
    await runner.query(`
      CREATE TABLE photo_files (
        id uuid CONSTRAINT photo_files_pk PRIMARY KEY,
        sha256 char(64) NOT NULL,
        media_type text NOT NULL,
        size integer NOT NULL,
        state text NOT NULL DEFAULT 'pending',
        changed_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT photo_files_state_known CHECK (state IN ('pending', 'ready', 'deleted'))
      )`);
    // one that is being deleted is not taken for one that is there: the same content gets another file
    await runner.query("CREATE UNIQUE INDEX photo_files_unique ON photo_files (sha256) WHERE state <> 'deleted'");
    await runner.query("CREATE INDEX photo_files_unfinished ON photo_files (changed_at) WHERE state <> 'ready'");
    await runner.query(`
      CREATE TABLE photo_variants (
        photo_id uuid CONSTRAINT photo_variants_photo_fk REFERENCES photos (id) ON DELETE CASCADE,
        variant text,
        media_type text,
        width integer NOT NULL,
        height integer NOT NULL,
        file_id uuid NOT NULL CONSTRAINT photo_variants_file_fk REFERENCES photo_files (id),
        CONSTRAINT photo_variants_pk PRIMARY KEY (photo_id, variant, media_type),
        CONSTRAINT photo_variants_variant_known CHECK (variant IN ('original', 'large', 'medium', 'thumb'))
      )`);
    await runner.query('CREATE INDEX photo_variants_by_file ON photo_variants (file_id)');
    // one row, while a comparison of all files is not at its end
    await runner.query(`
      CREATE TABLE photo_verification (
        is_only boolean DEFAULT true CONSTRAINT photo_verification_pk PRIMARY KEY,
        pass text NOT NULL,
        after text,
        CONSTRAINT photo_verification_is_only CHECK (is_only),
        CONSTRAINT photo_verification_pass_known CHECK (pass IN ('rows', 'files'))
      )`);
    await runner.query(`
      CREATE TABLE product_photos (
        photo_id uuid CONSTRAINT product_photos_pk PRIMARY KEY
          CONSTRAINT product_photos_photo_fk REFERENCES photos (id),
        product_id uuid NOT NULL CONSTRAINT product_photos_product_fk REFERENCES products (id) ON DELETE CASCADE,
        position integer NOT NULL,
        alt text,
        CONSTRAINT product_photos_alt_valid CHECK (char_length(alt) BETWEEN 1 AND 300)
      )`);
    await runner.query('CREATE INDEX product_photos_by_product ON product_photos (product_id, position)');
    await runner.query('ALTER TABLE users ADD COLUMN photo_id uuid CONSTRAINT users_photo_fk REFERENCES photos (id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN photo_id');
    await runner.query('DROP TABLE product_photos');
    await runner.query('DROP TABLE photo_verification');
    await runner.query('DROP TABLE photo_variants');
    await runner.query('DROP TABLE photo_files');
    await runner.query('DROP TABLE photos');
  }
}
