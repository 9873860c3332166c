import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One tokenizer for what is searched and for what is searched for, independent of the locale of the database: no function here asks it
 * what a letter is, or the small one of a capital letter.
 *
 * A text is split into chunks by spaces (`ZT-5272`), a chunk into words (`zt`, `5272`). What is stored of them:
 * - each word without accents, and its stem: `+creme` of names, codes and categories, `creme` of descriptions; of several words in a chunk
 *   also all in one: `+zt5272`;
 * - `=zt-5272`, a chunk as it is spelled, and `^mixer zt-5272`, all of a name: they come first;
 * - `~antern`, where a word may begin that is inside of another one.
 */
export class SearchFunctions1763640096000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION search_is_ascii(content text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN octet_length(content) = char_length(content)`);
    // Case is folded after marks were taken off the letters, so that few letters have it.
    await runner.query(`
      CREATE FUNCTION search_lower(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN content ~ '[${rangesOf(RARE)}]' THEN translate(content, '${CAPITALS.join('')}', '${CAPITALS.map(smallOf).join('')}')
        WHEN content ~ '[${rangesOf(COMMON)}]' THEN translate(content, '${COMMON.join('')}', '${COMMON.map(smallOf).join('')}')
        ELSE content
      END`);
    // In one normal form, without capital letters; pictures (emoji) are words of their own.
    await runner.query(`
      CREATE FUNCTION search_spelled(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN search_is_ascii(content) THEN translate(lower(content COLLATE "C"), E'\\t\\n\\r\\\\', '    ')
        ELSE regexp_replace(
          normalize(search_lower(lower(translate(
            normalize(regexp_replace(translate(content, '™©®℠’', '    '''), '[${IGNORED}]', '', 'g'), NFKD),
            E'\\t\\n\\r\\\\\\u0085\\u1680\\u2028\\u2029', '        '
          ) COLLATE "C")), NFC),
          '([${PICTURES}])', ' \\1 ', 'g')
      END`);
    await runner.query(`
      CREATE FUNCTION search_folded(spelled text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN search_is_ascii(spelled) THEN spelled
        ELSE normalize(translate(
          replace(replace(replace(replace(
            regexp_replace(normalize(spelled, NFD), '[${MARKS}]', '', 'g'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
          'øđðłıħŧŋə', 'oddlihtne'), NFC)
      END`);
    await runner.query(`
      CREATE FUNCTION search_parts(spelled text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN string_to_array(btrim(CASE
        WHEN search_is_ascii(spelled) THEN regexp_replace(spelled, '[^a-z0-9]+', ' ', 'g')
        ELSE regexp_replace(
          regexp_replace(spelled, '(^|[\\u0001-/:-@[-\`{-\\u007f${SEPARATORS}])[${MARKS}]+', '\\1', 'g'),
          '[\\u0001-/:-@[-\`{-\\u007f${SEPARATORS}]+', ' ', 'g')
      END), ' ')`);
    await runner.query(`
      CREATE FUNCTION search_is_unspaced(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN NOT search_is_ascii(word) AND word ~ '[${UNSPACED}]'`);
    // The letters in a word that has digits too, or characters of scripts without spaces: iphone of iphone12, usb of usbケーブル.
    await runner.query(`
      CREATE FUNCTION search_runs(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE WHEN folded ~ '[0-9${UNSPACED}]' THEN ARRAY(
        SELECT run[1] FROM regexp_matches(folded, '[^0-9${UNSPACED}]{2,}', 'g') run
      ) END`);
    for (const statement of LANGUAGE) await runner.query(statement);
    // The word without accents; its stem, and the one that it has without accents; ue for ü.
    await runner.query(`
      CREATE FUNCTION search_forms(word text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        DECLARE
          folded text := search_folded(word);
          stem text := (ts_lexize(search_stemmer(search_is_ascii(word)), word))[1];
          forms text[] := ARRAY[folded];
        BEGIN
          IF stem <> folded THEN forms := forms || search_folded(stem); END IF;
          IF folded <> word THEN
            forms := forms || ts_lexize(search_stemmer(search_is_ascii(folded)), folded);
            IF word ~ '[äöüøå]' THEN
              forms := forms || search_folded(replace(replace(replace(replace(replace(
                word, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'), 'å', 'aa'));
            END IF;
          END IF;
          RETURN forms;
        END
      $$`);
    await runner.query(`
      CREATE FUNCTION search_is_stop(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN coalesce(ts_lexize(search_stemmer(search_is_ascii(word)), word) = '{}', false)`);
    await runner.query(`
      CREATE FUNCTION search_chunk(spelled text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN left(btrim(spelled, '.,;:!?()[]{}<>"''«»„“”‚‘…'), 64)`);
    // Whether a chunk is one word without accents.
    await runner.query(`
      CREATE FUNCTION search_is_plain(chunk text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN chunk ~ '^[a-z0-9]+$' OR (NOT search_is_ascii(chunk) AND search_parts(chunk) = ARRAY[search_folded(chunk)])`);
    for (const statement of [VECTOR, TERM, TIERS]) await runner.query(statement);
    await runner.query(`
      CREATE FUNCTION search_query(q text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN (search_tiers(q))[7]`);
    // For likeness, which is by trigrams: they see ASCII letters in every locale, so Greek and Cyrillic ones are written with these.
    await runner.query(`
      CREATE FUNCTION search_plain(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN CASE
        WHEN search_is_ascii(content) THEN lower(content COLLATE "C")
        ELSE translate(search_folded(search_spelled(content)), '${GREEK}${CYRILLIC}', 'abgdeziqiklmnxoprstyfhcoabvgdejziklmnoprstufhcqwxayaeuaiegujlnhd')
      END`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const names = [
      'runs',
      'plain',
      'query',
      'tiers',
      'term',
      'vector',
      'is_plain',
      'chunk',
      'is_stop',
      'forms',
      'indexed_language',
      'stemmer',
      'language',
    ];
    for (const name of [...names, 'is_unspaced', 'parts', 'folded', 'spelled', 'lower', 'is_ascii']) {
      await runner.query(`DROP FUNCTION search_${name}`);
    }
  }
}

const escapeOf = (point: number): string =>
  point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;

/** All characters but those of ASCII for which something holds, up to the last ones that have words or case. */
const charactersWith = (holds: (character: string) => boolean): string[] =>
  Array.from({ length: 0x1e95f - 0x80 }, (_, index) => index + 0x80)
    .filter((point) => point < 0xd800 || point > 0xf8ff)
    .map((point) => String.fromCodePoint(point))
    .filter(holds);

/** Characters as the ranges of a bracket expression. */
function rangesOf(characters: readonly string[]): string {
  const ranges: [number, number][] = [];
  for (const point of characters.map((character) => character.codePointAt(0) ?? 0).sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  return ranges.map(([from, to]) => (from === to ? escapeOf(from) : `${escapeOf(from)}-${escapeOf(to)}`)).join('');
}

const isDecomposed = (character: string): boolean => character.normalize('NFKD') === character;
/** The small letter of a capital one; also the σ within a word of the one at its end. */
const smallOf = (letter: string): string => (letter === 'ς' ? 'σ' : letter.toLowerCase());
const CAPITALS = charactersWith(
  (letter) => isDecomposed(letter) && smallOf(letter) !== letter && Array.from(smallOf(letter)).length === 1,
);
/** Those that are worth a short table of their own: a long one takes long for every letter that it does not have. */
const COMMON = CAPITALS.filter((letter) => /[ÆÐØÞĐĦŁŊŒŦẞƏ\u0370-\u045f]/u.test(letter));
const RARE = CAPITALS.filter((letter) => !COMMON.includes(letter));

const GREEK = 'αβγδεζηθικλμνξοπρστυφχψω';
const CYRILLIC = 'абвгдежзиклмнопрстуфхцчшщъыьэюяієґўјљњћђ';

/** What is between words: signs, and the same ones with a mark (≠). */
const SEPARATORS = rangesOf(
  charactersWith(
    (character) =>
      (isDecomposed(character) || character.normalize('NFD') !== character) &&
      /^(?![\u2300-\u2bff\u{1f000}-\u{1faff}])[\p{P}\p{S}\p{Z}\p{C}]/u.test(character.normalize('NFD')) &&
      !/\p{Cn}|\p{Co}/u.test(character),
  ),
);
const PICTURES = '\\u2300-\\u23ff\\u2600-\\u27bf\\u2b00-\\u2bff\\U0001f000-\\U0001f3fa\\U0001f400-\\U0001faff';
/** What is not seen, and the colours of skin. */
const IGNORED =
  '\\u00ad\\u034f\\u061c\\u0640\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f' +
  '\\ufe00-\\ufe0f\\ufeff\\uffa0\\U0001f3fb-\\U0001f3ff\\U000e0000-\\U000e0fff';
/** Marks of Latin, Greek and Cyrillic letters, and the vowels that Hebrew and Arabic may leave out. Other scripts need theirs. */
const MARKS =
  '\\u0300-\\u036f\\u0483-\\u0487\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u064b-\\u065f' +
  '\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f';
/** Scripts without spaces between words, or with syllables for characters: Thai, Lao, Burmese, Khmer, Chinese, Japanese, Korean. */
const UNSPACED =
  '\\u0e00-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u2e80-\\u2fff\\u3005-\\u3007\\u3031-\\u30fa\\u30fc-\\u9fff\\ua960-\\ua97f' +
  '\\uac00-\\ud7ff\\uf900-\\ufaff\\U00020000-\\U0003ffff';

/** The language of stems, as functions that \`npm run db:migrate\` replaces: see common/database/search-language.ts. */
const LANGUAGE = [
  "CREATE FUNCTION search_language() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 'english'",
  "CREATE FUNCTION search_indexed_language() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 'english'",
  `CREATE FUNCTION search_stemmer(is_ascii boolean) RETURNS regdictionary LANGUAGE sql IMMUTABLE PARALLEL SAFE
   RETURN 'pg_catalog.english_stem'::regdictionary`,
];

/**
 * What is found of a text. Weight A: of a name, and of the code behind it; words that are spelled so have A, others B. B: all words, and
 * what is inside of them. C, and texts of more than 1,000 characters: stems and words, and inside only in scripts without spaces; so it is
 * with all where `inside` is false: tables with a list of their words find it by that.
 * The path is for restored dumps, which have none.
 */
const VECTOR = `
  CREATE FUNCTION search_vector(content text, weight text, code text DEFAULT '', inside boolean DEFAULT true) RETURNS tsvector
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
    DECLARE
      spelled text := search_spelled(content);
      chunk text;
      parts text[];
      word text;
      form text;
      tag text;
      is_ascii boolean;
      lexemes text := '';
      at integer := 0;
      name text := '';
      is_name boolean := weight = 'A';
      folded text;
    BEGIN
      IF content = '' THEN RETURN ''; END IF;
      IF weight > 'B' OR char_length(content) > 1000 THEN
        IF NOT search_is_ascii(spelled) THEN
          FOREACH word IN ARRAY search_parts(spelled) LOOP
            CONTINUE WHEN search_is_ascii(word);
            at := least(at + 1, 16000);
            FOREACH form IN ARRAY search_forms(left(word, 64)) LOOP
              lexemes := lexemes || ' ' || form || ':' || at || weight;
            END LOOP;
            IF search_is_unspaced(word) AND octet_length(lexemes) < 200000 THEN
              FOR i IN 2..least(char_length(word), 2000) LOOP
                lexemes := lexemes || ' ~' || substr(word, i, 8) || ':' || at || 'D';
              END LOOP;
            END IF;
          END LOOP;
        END IF;
        -- words of ASCII letters alone, without what the parser reads as one (hosts, files): the same in every locale
        IF NOT search_is_ascii(spelled) OR spelled ~ '[^a-z0-9 ][^ ]' THEN
          spelled := regexp_replace(spelled, '[^a-z0-9]+', ' ', 'g');
        END IF;
        RETURN lexemes::tsvector || setweight(to_tsvector(search_language()::regconfig, spelled), weight::"char");
      END IF;
      FOREACH chunk IN ARRAY string_to_array(spelled, ' ') || ARRAY[E'\\n'] || string_to_array(search_spelled(code), ' ') LOOP
        IF chunk = E'\\n' THEN is_name := false; END IF;
        is_ascii := chunk ~ '^[a-z0-9]+$';
        IF NOT is_ascii THEN
          chunk := search_chunk(chunk);
          parts := search_parts(chunk);
          CONTINUE WHEN cardinality(parts) = 0;
        END IF;
        at := least(at + 1, 16000);
        IF is_name THEN name := name || ' ' || chunk; END IF;
        -- as most words are, and what the rest of the loop makes of them
        IF is_ascii THEN
          chunk := left(chunk, 64);
          form := (ts_lexize(search_stemmer(true), chunk))[1];
          lexemes := lexemes || ' +' || chunk || ':' || at || weight;
          IF form <> chunk THEN lexemes := lexemes || ' +' || form || ':' || at || 'B'; END IF;
          IF chunk ~ '[0-9]' THEN
            FOREACH form IN ARRAY search_runs(chunk) LOOP lexemes := lexemes || ' +' || form || ':' || at || 'B'; END LOOP;
            CONTINUE;
          END IF;
          CONTINUE WHEN char_length(chunk) < 5 OR NOT inside;
          FOR i IN 3..char_length(chunk) - 2 LOOP lexemes := lexemes || ' ~' || substr(chunk, i, 8) || ':' || at; END LOOP;
          CONTINUE;
        END IF;
        tag := ':' || at || 'B';
        IF cardinality(parts) > 1 THEN
          word := array_to_string(parts, '');
          IF word ~ '[^0-9]' THEN
            lexemes := lexemes || ' +' || search_folded(word) || tag;
            FOREACH form IN ARRAY coalesce(search_runs(search_folded(word)), '{}') LOOP lexemes := lexemes || ' +' || form || tag; END LOOP;
          END IF;
        END IF;
        IF weight = 'A' THEN
          lexemes := lexemes || CASE WHEN search_is_plain(chunk) THEN ' +' || chunk || ':' || at || 'A'
            ELSE ' ''=' || replace(chunk, '''', '''''') || ''':' || at || 'A' END;
        END IF;
        FOREACH word IN ARRAY parts LOOP
          FOREACH form IN ARRAY search_forms(word) LOOP lexemes := lexemes || ' +' || form || tag; END LOOP;
          folded := search_folded(word);
          FOREACH form IN ARRAY coalesce(search_runs(folded), '{}') LOOP lexemes := lexemes || ' +' || form || tag; END LOOP;
          -- of codes and numbers the beginning is enough
          CONTINUE WHEN search_is_ascii(word) AND (char_length(word) < 5 OR word ~ '[0-9]');
          CONTINUE WHEN NOT inside AND NOT search_is_unspaced(folded);
          FOR i IN CASE WHEN search_is_unspaced(folded) THEN 2 ELSE 3 END
            ..char_length(folded) - CASE WHEN search_is_unspaced(folded) THEN 0 ELSE 2 END LOOP
            lexemes := lexemes || ' ~' || substr(folded, i, 8) || ':' || at;
          END LOOP;
        END LOOP;
      END LOOP;
      IF name <> '' THEN
        name := '^' || left(substr(name, 2), 300);
        folded := search_folded(name);
        lexemes := lexemes || ' ''' || replace(name, '''', '''''') || ''':1A';
        IF folded <> name THEN lexemes := lexemes || ' ''' || replace(folded, '''', '''''') || ''':1A'; END IF;
      END IF;
      RETURN lexemes::tsvector;
    END
  $$`;

/**
 * A word as conditions: the whole word in names, one that begins so there, one anywhere, and one that has it inside. Words that begin so
 * are found by what they begin with, which reads all that has one, or are `known`: `{"begun": ["lanterns"], "inside": ["gartenlaterne"]}`.
 */
const TERM = `
  CREATE FUNCTION search_term(word text, known jsonb) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
      forms text[] := search_forms(word);
      length integer := char_length(forms[1]);
      begun text[] := forms;
      inside text;
    BEGIN
      IF known IS NOT NULL THEN
        begun := forms || ARRAY(SELECT jsonb_array_elements_text(known->'begun'));
        inside := (SELECT string_agg('+' || other, ' | ') FROM jsonb_array_elements_text(known->'inside') other);
      ELSE
        -- a letter is not the beginning of others, unless it is a word or a syllable
        IF length > 1 OR search_is_unspaced(word) THEN begun[1] := forms[1] || ':*'; END IF;
        IF length > 2 OR search_is_unspaced(word) THEN
          FOR i IN 0..(length - 1) / 8 LOOP
            inside := concat_ws(' & ', inside,
              '~' || substr(forms[1], i * 8 + 1, 8) || CASE WHEN i * 8 + 8 > length THEN ':*' ELSE '' END);
          END LOOP;
        END IF;
      END IF;
      RETURN ARRAY[
        '+' || array_to_string(forms, ' | +'),
        '+' || array_to_string(begun, ' | +'),
        '+' || array_to_string(begun, ' | +') || ' | ' || array_to_string(begun, ' | '),
        '+' || array_to_string(begun, ' | +') || ' | ' || array_to_string(begun, ' | ') || coalesce(' | (' || inside || ')', '')
      ];
    END
  $$`;

/**
 * What is searched for, from what fits best to all that is found: 1 the name as it is spelled, 2 without accents, 3 all chunks as they are
 * spelled, 4 whole words in names and categories, 5 begun ones, 6 those in descriptions too, 7 all, words inside of others among them.
 * The first 8 chunks count; words that the language has everywhere only where there are no others. Null where there is no word.
 * @param known by word, which ones begin so and which ones have it inside, see {@link TERM}.
 */
const TIERS = `
  CREATE FUNCTION search_tiers(q text, known jsonb DEFAULT '{}') RETURNS tsquery[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
    DECLARE
      spelled text := search_spelled(q);
      has_words boolean := false;
      chunk text;
      parts text[];
      word text;
      term text[];
      of_chunk text[];
      of_query text[];
      exact text[] := '{}';
      name text := '';
      has_joined boolean;
      used integer := 0;
    BEGIN
      FOREACH word IN ARRAY search_parts(spelled) LOOP has_words := has_words OR NOT search_is_stop(word); END LOOP;
      FOREACH chunk IN ARRAY string_to_array(spelled, ' ') LOOP
        chunk := search_chunk(chunk);
        parts := search_parts(chunk);
        CONTINUE WHEN cardinality(parts) = 0;
        name := name || ' ' || chunk;
        CONTINUE WHEN used = 8;
        exact := exact || CASE WHEN search_is_plain(chunk) THEN '+' || chunk || ':A' ELSE quote_literal('=' || chunk) END;
        of_chunk := '{}';
        FOREACH word IN ARRAY parts LOOP
          CONTINUE WHEN has_words AND search_is_stop(word);
          term := search_term(word, known->word);
          FOR i IN 1..4 LOOP of_chunk[i] := concat_ws(' & ', of_chunk[i], '(' || term[i] || ')'); END LOOP;
        END LOOP;
        CONTINUE WHEN cardinality(of_chunk) = 0;
        used := used + 1;
        word := left(array_to_string(parts, ''), 64);
        has_joined := cardinality(parts) > 1 AND word ~ '[^0-9]';
        IF has_joined THEN term := search_term(word, known->word); END IF;
        FOR i IN 1..4 LOOP
          IF has_joined THEN of_chunk[i] := '(' || of_chunk[i] || ') | ' || term[i]; END IF;
          of_query[i] := concat_ws(' & ', of_query[i], '(' || of_chunk[i] || ')');
        END LOOP;
      END LOOP;
      IF name = '' THEN RETURN NULL; END IF;
      name := '^' || left(substr(name, 2), 300);
      RETURN ARRAY[
        quote_literal(name), quote_literal(search_folded(name)), array_to_string(exact, ' & '),
        of_query[1], of_query[2], of_query[3], of_query[4]
      ]::tsquery[];
    END
  $$`;
