import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reviews1763640008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reviews (
        id uuid CONSTRAINT reviews_pk PRIMARY KEY,
        owner_id uuid NOT NULL CONSTRAINT reviews_owner_fk REFERENCES users (id) ON DELETE CASCADE,
        product_id uuid NOT NULL CONSTRAINT reviews_product_fk REFERENCES products (id) ON DELETE CASCADE,
        rating integer NOT NULL,
        title text NOT NULL,
        body text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT reviews_product_id_unique_of_owner UNIQUE (owner_id, product_id),
        CONSTRAINT reviews_rating_valid CHECK (rating BETWEEN 1 AND 5),
        CONSTRAINT reviews_title_valid CHECK (char_length(title) <= 120),
        CONSTRAINT reviews_body_valid CHECK (char_length(body) <= 5000)
      )`);
    await runner.query('CREATE INDEX reviews_by_created_at ON reviews (created_at, id)');
    await runner.query('CREATE INDEX reviews_of_owner ON reviews (owner_id, created_at, id)');
    await runner.query('CREATE INDEX reviews_of_product ON reviews (product_id, created_at, id)');
    await runner.query('CREATE INDEX reviews_by_rating ON reviews (rating, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reviews');
  }
}
