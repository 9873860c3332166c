import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many words of products are taken for those that a word of a query may be the beginning of, be inside of, or mean. */
const MEANINGS = 50;
/** For all words of a query together: what is looked for at once has no more conditions than an index takes in a moment. */
const MEANINGS_OF_ALL = 200;

/**
 * The words that products are found by, to find those that begin or go on as the words of a query, or are like them: there are far fewer
 * words than products. What two transactions write at the same time may be there twice, so that nobody waits for a word; words of
 * products that are gone stay, and find nothing.
 */
export class WordsOfProducts1763640104000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE product_words (word text COLLATE "C" NOT NULL)');
    await runner.query('CREATE INDEX product_words_word ON product_words (word)');
    // of what a row is found by the words of letters; codes are found by what they begin with
    await runner.query(`
      CREATE FUNCTION product_words_of(lexemes text[]) RETURNS TABLE (word text) LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
        SELECT DISTINCT ltrim(lexeme, '+') FROM unnest(lexemes) lexeme
        WHERE lexeme !~ '^[=^~]|[0-9]' AND char_length(ltrim(lexeme, '+')) BETWEEN 3 AND 64 AND NOT search_is_unspaced(lexeme)
      $$`);
    await runner.query(`
      INSERT INTO product_words
      SELECT word FROM product_words_of(ARRAY(SELECT DISTINCT unnest(tsvector_to_array(search)) FROM products)) word`);
    await runner.query(
      'CREATE INDEX product_words_alike ON product_words USING gin (search_plain(word) gin_trgm_ops) WITH (fastupdate = off)',
    );
    await runner.query(`
      CREATE FUNCTION keep_product_words() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        BEGIN
          INSERT INTO product_words
          SELECT said.word FROM product_words_of(ARRAY(SELECT DISTINCT unnest(tsvector_to_array(search)) FROM changed)) said
          WHERE NOT EXISTS (SELECT FROM product_words known WHERE known.word = said.word);
          RETURN NULL;
        END
      $$`);
    for (const event of ['INSERT', 'UPDATE']) {
      await runner.query(`
        CREATE TRIGGER products_words_on_${event.toLowerCase()} AFTER ${event} ON products
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_product_words()`);
    }
    // without these, a search for the beginning of words reads what any of them is in
    await runner.query(`
      CREATE FUNCTION product_words_known(q text) RETURNS jsonb
      LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
          sought text;
          most integer;
          folded text;
          known jsonb := '{}';
        BEGIN
          FOR sought, most IN
            SELECT asked.word, greatest(${String(MEANINGS_OF_ALL)} / count(*) OVER (), 1)
            FROM (
              SELECT DISTINCT said.word
              FROM (
                SELECT parts FROM unnest(string_to_array(search_spelled(q), ' ')) chunk
                  CROSS JOIN LATERAL (SELECT search_parts(search_chunk(chunk)) AS parts) cut
                WHERE cardinality(parts) > 0 LIMIT 16
              ) chunks CROSS JOIN LATERAL unnest(parts || left(array_to_string(parts, ''), 64)) said (word)
              WHERE char_length(said.word) > 1 AND said.word !~ '[0-9]' AND NOT search_is_unspaced(said.word)
            ) asked
          LOOP
            folded := search_folded(sought);
            known := known || jsonb_build_object(sought, jsonb_build_object(
              'begun', ARRAY(
                SELECT word FROM (SELECT DISTINCT word FROM product_words WHERE word > folded AND word < folded || U&'\\+10FFFF') begun
                ORDER BY char_length(word), word LIMIT least(most, ${String(MEANINGS)})),
              'inside', ARRAY(
                SELECT word FROM (
                  SELECT DISTINCT word FROM product_words
                  WHERE char_length(folded) > 2 AND search_plain(word) LIKE '%' || search_plain(folded) || '%' AND NOT word ^@ folded
                ) inside
                ORDER BY char_length(word), word LIMIT least(most, ${String(MEANINGS)}))
            ));
          END LOOP;
          RETURN known;
        END
      $$`);
    await runner.query(`
      CREATE FUNCTION product_search_tiers(q text) RETURNS text[] LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
        SELECT search_tiers(q, product_words_known(q))::text[]
      $$`);
    await runner.query(`
      CREATE FUNCTION products_similar_to(q text, hidden boolean, most integer) RETURNS TABLE (id uuid, similarity real)
      LANGUAGE plpgsql STABLE ROWS 50 SET search_path FROM CURRENT SET pg_trgm.word_similarity_threshold = 0.45 SET plan_cache_mode = force_custom_plan AS $$
        DECLARE
          words text[];
          meanings tsquery[];
          but_one tsquery;
          passes tsquery[];
          sought tsquery;
        BEGIN
          -- words of fewer letters are not compared: too many others are like them
          SELECT array_agg(compared.word), array_agg(alike.meaning) INTO words, meanings
          FROM (
            SELECT DISTINCT word FROM unnest((search_parts(search_plain(q)))[:8]) word WHERE char_length(word) > 2
          ) compared CROSS JOIN LATERAL (
            SELECT string_agg(known.meaning, ' | ')::tsquery AS meaning
            FROM (
              (SELECT quote_literal('+' || near.word) AS meaning
               FROM (
                 SELECT DISTINCT p.word, word_similarity(compared.word, search_plain(p.word)) AS nearness
                 FROM product_words p WHERE compared.word <% search_plain(p.word)
               ) near
               ORDER BY near.nearness DESC, near.word LIMIT ${String(MEANINGS_OF_ALL / 8)})
              UNION ALL
              -- two words that are written as one
              SELECT '(' || quote_literal('+' || left(compared.word, at)) || ' & ' || quote_literal('+' || substr(compared.word, at + 1)) || ')'
              FROM generate_series(3, char_length(compared.word) - 3) at
              WHERE EXISTS (SELECT FROM product_words p WHERE p.word = left(compared.word, at))
                AND EXISTS (SELECT FROM product_words p WHERE p.word = substr(compared.word, at + 1))
            ) known
          ) alike WHERE alike.meaning IS NOT NULL;
          IF words IS NULL THEN RETURN; END IF;
          -- all of them, all but one, any
          passes := ARRAY[('(' || array_to_string(meanings, ') & (') || ')')::tsquery];
          IF cardinality(words) > 2 THEN
            FOR i IN 1..cardinality(words) LOOP
              sought := ('(' || array_to_string(meanings[:i - 1] || meanings[i + 1:], ') & (') || ')')::tsquery;
              but_one := coalesce(but_one || sought, sought);
            END LOOP;
            passes := passes || but_one;
          END IF;
          IF cardinality(words) > 1 THEN
            passes := passes || array_to_string(meanings, ' | ')::tsquery;
          END IF;
          FOREACH sought IN ARRAY passes LOOP
            RETURN QUERY
              SELECT scored.id, scored.similarity
              FROM (
                SELECT found.id, fit.similarity, fit.words, max(fit.words) OVER () AS most_words
                FROM (
                  SELECT p.id, p.name, p.category_names, p.search FROM products p
                  WHERE p.search @@ sought AND (hidden OR p.status = 'active') LIMIT most
                ) found CROSS JOIN LATERAL (
                  SELECT count(*) AS words, sum(greatest(
                    word_similarity(word, search_plain(found.name)), 0.8 * word_similarity(word, search_plain(found.category_names))
                  ))::real AS similarity
                  FROM unnest(words, meanings) compared (word, meaning) WHERE found.search @@ compared.meaning
                ) fit
              ) scored
              WHERE scored.words = scored.most_words;
            EXIT WHEN FOUND;
          END LOOP;
        END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['products_similar_to', 'product_search_tiers', 'product_words_known']) {
      await runner.query(`DROP FUNCTION ${name}`);
    }
    for (const event of ['insert', 'update']) await runner.query(`DROP TRIGGER products_words_on_${event} ON products`);
    await runner.query('DROP FUNCTION keep_product_words');
    await runner.query('DROP TABLE product_words');
    await runner.query('DROP FUNCTION product_words_of');
  }
}
