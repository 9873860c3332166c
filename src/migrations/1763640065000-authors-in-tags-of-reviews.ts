import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tag of a review names the version of its author, so that a changed name makes no other version of the review. */
export class AuthorsInTagsOfReviews1763640065000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER reviews_follow_author ON users');
    await runner.query('DROP FUNCTION reviews_follow_author');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION reviews_follow_author() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          UPDATE reviews SET version = version + 1 WHERE owner_id = NEW.id;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER reviews_follow_author AFTER UPDATE OF name ON users
      FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION reviews_follow_author()`);
  }
}
