import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Products are searched by the functions of the migration before: the column is made again, which writes the table once. Likeness follows
 * with the words of products.
 */
export class SearchInEveryLanguage1763640097000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await searchBy(
      runner,
      `search_vector(name, 'A', sku, false) || search_vector(category_names, 'B', '', false)
       || search_vector(coalesce(description, ''), 'C')`,
    );
    await runner.query('DROP FUNCTION products_search_query');
    await runner.query('DROP INDEX products_for_similar_words');
    await runner.query('DROP FUNCTION products_similar_to');
  }

  async down(runner: QueryRunner): Promise<void> {
    await searchBy(
      runner,
      `setweight(to_tsvector('english', name), 'A')
       || setweight(to_tsvector('simple', translate(sku, '-_./', '    ')), 'A')
       || setweight(to_tsvector('english', category_names), 'B')
       || setweight(to_tsvector('english', coalesce(description, '')), 'C')`,
    );
    await runner.query(
      "CREATE INDEX products_for_similar_words ON products USING gin ((name || ' ' || category_names) gin_trgm_ops)",
    );
    await runner.query(`
      CREATE FUNCTION products_search_query(words text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
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
          SELECT word, (ts_lexize('english_stem', word))[1] AS stem,
                 CASE WHEN char_length(word) = 1 AND octet_length(word) < 3 THEN '' ELSE ':*' END AS beginning
          FROM unnest(words) word
        ) stems
      $$`);
    await runner.query(`
      CREATE FUNCTION products_similar_to(words text[], hidden boolean DEFAULT false)
      RETURNS TABLE (id uuid, similarity real)
      LANGUAGE sql STABLE ROWS 50 SET pg_trgm.word_similarity_threshold = 0.45 AS $$
        SELECT alike.id, alike.similarity
        FROM (
          SELECT p.id, count(*) AS words, max(count(*)) OVER () AS most,
                 sum(greatest(word_similarity(word, p.name), 0.8 * word_similarity(word, p.category_names)))::real AS similarity
          FROM unnest(words) word JOIN products p ON word <% (p.name || ' ' || p.category_names)
          WHERE hidden OR p.status = 'active'
          GROUP BY p.id
        ) alike
        WHERE alike.words = alike.most
      $$`);
  }
}

/** Has the column that is searched made of an expression. */
async function searchBy(runner: QueryRunner, expression: string): Promise<void> {
  await runner.query('ALTER TABLE products DROP COLUMN search');
  await runner.query(
    `ALTER TABLE products ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (${expression}) STORED`,
  );
  await runner.query('CREATE INDEX products_for_search ON products USING gin (search)');
}
