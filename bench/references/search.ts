/** Search by words as PostgreSQL's documentation has it; likeness and categories as in Stockroom. */
export const tsqueryOf = (q: string): string =>
  [...new Set(q.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]
    .slice(0, 8)
    .map((word) => `${word}:*`)
    .join(' & ');

/** Takes the parameter of the tsquery as it is written in the statement: `$1`, `:tsquery`. */
export const textQuery = (tsquery: string): string =>
  `(to_tsquery('english', ${tsquery}) || to_tsquery('simple', ${tsquery}))`;

/** What is in a category or below it; takes the parameter of the category. */
export const isBelow = (categoryId: string): string => `EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT CAST(${categoryId} AS uuid) AS id
      UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;
