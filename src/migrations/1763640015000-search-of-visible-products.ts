import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Search by similar words looks only at what the caller may see, so that its results say nothing of the other products. A
 * word of one letter stands for itself and is not the beginning of others, unless it is of a script that writes words with
 * one character (three bytes or more in UTF-8).
 */
export class SearchOfVisibleProducts1763640015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION products_similar_to(text[])');
    await runner.query(`
      CREATE FUNCTION products_similar_to(words text[], hidden boolean DEFAULT false)
      RETURNS TABLE (id uuid, similarity real)
      LANGUAGE sql STABLE ROWS 50 SET pg_trgm.word_similarity_threshold = 0.45 AS $$
        SELECT alike.id, alike.similarity
        FROM (
          SELECT p.id, count(*) AS words, max(count(*)) OVER () AS most,
                 sum(greatest(word_similarity(word, p.name), 0.8 * word_similarity(word, p.found_in)))::real AS similarity
          FROM unnest(words) word JOIN products p ON word <% (p.name || ' ' || p.found_in)
          WHERE hidden OR p.status = 'active'
          GROUP BY p.id
        ) alike
        WHERE alike.words = alike.most
      $$`);
    await runner.query(askedFor("CASE WHEN char_length(word) = 1 AND octet_length(word) < 3 THEN '' ELSE ':*' END"));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(askedFor("':*'"));
    await runner.query('DROP FUNCTION products_similar_to(text[], boolean)');
    await runner.query(`
      CREATE FUNCTION products_similar_to(words text[]) RETURNS TABLE (id uuid, similarity real)
      LANGUAGE sql STABLE ROWS 50 SET pg_trgm.word_similarity_threshold = 0.45 AS $$
        SELECT alike.id, alike.similarity
        FROM (
          SELECT p.id, count(*) AS words, max(count(*)) OVER () AS most,
                 sum(greatest(word_similarity(word, p.name), 0.8 * word_similarity(word, p.found_in)))::real AS similarity
          FROM unnest(words) word JOIN products p ON word <% (p.name || ' ' || p.found_in) GROUP BY p.id
        ) alike
        WHERE alike.words = alike.most
      $$`);
  }
}

/** The function that makes a condition of words; `beginning` is what makes a word the beginning of others. */
const askedFor = (beginning: string): string => `
  CREATE OR REPLACE FUNCTION products_asked_for(words text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
      string_agg(
        CASE
          WHEN starts_with(word, stem) THEN quote_literal(stem) || beginning
          ELSE '(' || quote_literal(stem) || beginning || ' | ' || quote_literal(word) || beginning || ')'
        END,
        ' & '
      ) FILTER (WHERE stem IS NOT NULL),
      string_agg(quote_literal(word) || beginning, ' & ')
    )::tsquery
    FROM (
      SELECT word, (ts_lexize('english_stem', word))[1] AS stem, ${beginning} AS beginning FROM unnest(words) word
    ) stems
  $$`;
