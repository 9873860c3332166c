import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Words to search for, whole or begun, as one condition: each by its English stem, and also as written where the stem is
 * not how it begins (berry, berri). The words that English has everywhere count only where there are no others.
 */
export class WordsAskedFor1763640006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION products_asked_for(words text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(
          string_agg(
            CASE
              WHEN starts_with(word, stem) THEN quote_literal(stem) || ':*'
              ELSE '(' || quote_literal(stem) || ':* | ' || quote_literal(word) || ':*)'
            END,
            ' & '
          ) FILTER (WHERE stem IS NOT NULL),
          string_agg(quote_literal(word) || ':*', ' & ')
        )::tsquery
        FROM (SELECT word, (ts_lexize('english_stem', word))[1] AS stem FROM unnest(words) word) stems
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION products_asked_for');
  }
}
