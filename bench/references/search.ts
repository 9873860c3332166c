// Search by words, likeness and categories, by the same SQL as in Stockroom.

/** What a text is as conditions, once for all rows; takes its parameter as it is written in the statement: `$1`, `:q`. */
export const tiersOf = (q: string): string => `(SELECT product_search_tiers(${q})::tsquery[] AS tiers OFFSET 0)`;

/** The condition of having the words of `sought`. */
export const HAS_WORDS = 'p.search @@ sought.tiers[7]';

/** How well `products p` fits the words of `sought`. */
export const RELEVANCE = `((CASE
  WHEN p.search @@ sought.tiers[1] THEN 7 WHEN p.search @@ sought.tiers[2] THEN 6 WHEN p.search @@ sought.tiers[3] THEN 5
  WHEN p.search @@ sought.tiers[4] THEN 4 WHEN p.search @@ sought.tiers[5] THEN 3 WHEN p.search @@ sought.tiers[6] THEN 2 ELSE 1
END) + ts_rank(p.search, sought.tiers[6], 34))::real`;

/** How many products are ranked. */
const MOST = 1000;

/**
 * The ids and the relevance of what has the words of a query, the best ones first, as Stockroom finds them.
 * @param parameter takes a value, and gives how it is written in the statement.
 */
export function ranked(tiers: readonly string[], where: string, parameter: (value: unknown) => string): string {
  const [name = '', plainName = '', , whole = '', begun = '', , any = ''] = tiers;
  const bands = [...new Set([`(${name}) | (${plainName})`, whole, begun, any])].map(
    (band) => `${parameter(band)}::tsquery`,
  );
  const found = bands.map((band, place) => {
    const better = bands[place - 1];
    const isNew = better === undefined ? '' : `AND NOT p.search @@ ${better}`;
    return `(SELECT p.id, p.search FROM products p WHERE p.search @@ ${band} ${isNew} AND ${where} LIMIT ${String(MOST)})`;
  });
  return `SELECT p.id, ${RELEVANCE} AS relevance
    FROM (SELECT * FROM (${found.join(' UNION ALL ')}) p LIMIT ${String(MOST)}) p
    CROSS JOIN (SELECT ${parameter(tiers)}::text[]::tsquery[] AS tiers OFFSET 0) sought
    ORDER BY relevance DESC, p.id DESC OFFSET 0`;
}

/** What is in a category or below it; takes the parameter of the category. */
export const isBelow = (categoryId: string): string => `EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT CAST(${categoryId} AS uuid) AS id
      UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;
