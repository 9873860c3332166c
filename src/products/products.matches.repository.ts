import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { collated, type SortKey } from '../common/database/keyset.js';
import type { Caller } from '../common/security/caller.js';
import { optionsOf, type ProductFilters } from './dto/product-query.dto.js';
import { hasOptions, type Rows } from './products.collapse.repository.js';
import { seesHiddenProducts } from './products.permissions.js';
import { STOCK_LEVEL } from './products.repository.js';
import { skuKey } from './products.skus.js';

/** How many of the products that have the words of a query are put in order by how well they fit. */
export const MAX_RANKED = 1000;

/** Who searches. */
export type Reader = Pick<Caller, 'permissions'>;

/** A product whose words are like those that are searched for. */
export interface SimilarProduct {
  id: string;
  /** How much alike they are. */
  similarity: number;
}

/** What products are searched for. */
export interface Search {
  query: ProductFilters;
  /** The one currency of their prices; undefined for all currencies. */
  currency?: string;
  /** The words of the query as what fits best, to what is found at all; none where it has no word. */
  tiers?: readonly string[];
  /** Instead of having the words, to be one of these. */
  similar?: readonly SimilarProduct[];
  reader?: Reader;
}

/** All rows `products p` that a search means. @param sample which part of the table is looked at. */
export function matchesOf({ query, currency, tiers, similar, reader }: Search, sample: Sql = empty): Rows {
  const where = [isVisible(reader), ...filtersOf(query, currency)];
  const from = sql`products p ${sample} ${STOCK_LEVEL}`;
  if (!similar) return { from, where: [...(tiers ? [hasWords(tiers)] : []), ...where] };
  const [ids, similarities] = [similar.map(({ id }) => id), similar.map(({ similarity }) => similarity)];
  return {
    // in their order, so that only those of a page are looked up
    from: sql`(
      SELECT * FROM unnest(${ids}::uuid[], ${similarities}::real[]) one (id, relevance) ORDER BY relevance DESC, id DESC OFFSET 0
    ) fit JOIN products p ON p.id = fit.id ${STOCK_LEVEL}`,
    where,
  };
}

/** Whether the rows of a search are shown by how well they fit its words: then {@link shownOf} has few of them. */
export const isRanked = ({ query: { q, sort } }: Search): boolean =>
  q !== undefined && (sort === undefined || sort === 'relevance');

/** The rows of a search that its pages show: all of them, or by relevance {@link MAX_RANKED} at most. */
export function shownOf(sought: Search): Rows {
  const { query, currency, tiers, similar, reader } = sought;
  if (!tiers || similar || !isRanked(sought)) return matchesOf(sought);
  const ranked = rankedOf(tiers, [isVisible(reader), ...filtersOf(query, currency)]);
  return { from: sql`(${ranked}) fit JOIN products p ON p.id = fit.id ${STOCK_LEVEL}`, where: [sql`true`] };
}

/** What the rows of a search are sorted by; prices are those of one currency. */
export function sortKey({ query: { sort: asked, q } }: Search): SortKey {
  const sort = asked ?? (q === undefined ? '-createdAt' : 'relevance');
  const descending = sort.startsWith('-') || sort === 'relevance';
  switch (sort) {
    case 'relevance':
      return { expression: raw('fit.relevance'), type: 'real', descending };
    case 'name':
    case '-name':
      return { expression: collated(raw('p.name')), type: 'text', descending };
    case 'price':
    case '-price':
      return { expression: raw('p.price_amount'), type: 'bigint', descending };
    case 'createdAt':
    case '-createdAt':
      return { expression: raw('p.created_at'), type: 'timestamptz', descending };
  }
}

/** What is not there for a reader is not there for what is searched, counted and compared either. */
export const isVisible = (reader: Reader | undefined): Sql =>
  seesHiddenProducts(reader) ? sql`true` : raw("p.status = 'active'");

/** What has all the words: as they are, begun, inflected, or inside of others. */
export const hasWords = (tiers: readonly string[]): Sql => sql`p.search @@ ${tiers[6] ?? null}::tsquery`;

/**
 * The ids of products that have the words, with how well they fit: those that fit best are looked for first, and the next ones only
 * while there are fewer than {@link MAX_RANKED}. So no word is so frequent that all of its products are read.
 */
function rankedOf(tiers: readonly string[], where: readonly Sql[]): Sql {
  const [name, plainName, , whole, begun, , any] = tiers;
  if (any === undefined) return sql`SELECT id, 0::real AS relevance FROM products WHERE false`;
  // each has what is in the one before; where no more words begin so, two are the same
  const bands = [...new Set([`(${String(name)}) | (${String(plainName)})`, whole, begun, any])].map(
    (tier) => sql`${tier}::tsquery`,
  );
  const found = bands.map((words, place) => {
    const better = bands[place - 1];
    const conditions = [sql`p.search @@ ${words}`, ...(better ? [sql`NOT p.search @@ ${better}`] : []), ...where];
    return sql`(SELECT p.id, p.search FROM products p ${STOCK_LEVEL} WHERE ${join(conditions, ' AND ')} LIMIT ${MAX_RANKED})`;
  });
  // in their order, so that only those of a page are looked up
  return sql`SELECT p.id, ${RELEVANCE} AS relevance
    FROM (SELECT * FROM (${join(found, ' UNION ALL ')}) p LIMIT ${MAX_RANKED}) p
    CROSS JOIN (SELECT ${tiers}::text[]::tsquery[] AS tiers OFFSET 0) sought
    ORDER BY relevance DESC, p.id DESC OFFSET 0`;
}

/**
 * How well a product fits the words: the number of the best tier that it is in, and within it by how
 * frequent they are; normalised by length, so that a name that is nothing but the words comes before one that has them among others.
 */
const RELEVANCE = raw(`((CASE
  WHEN p.search @@ sought.tiers[1] THEN 7 WHEN p.search @@ sought.tiers[2] THEN 6 WHEN p.search @@ sought.tiers[3] THEN 5
  WHEN p.search @@ sought.tiers[4] THEN 4 WHEN p.search @@ sought.tiers[5] THEN 3 WHEN p.search @@ sought.tiers[6] THEN 2 ELSE 1
END) + ts_rank(p.search, sought.tiers[6], 34))::real`);

/** The conditions of a query on the rows, but its words. */
const filtersOf = (query: ProductFilters, currency: string | undefined): Sql[] => {
  const { minPrice, maxPrice, sku, slug, inStock, categoryId, status, familyId } = query;
  return [
    sku !== undefined && sql`lower(p.sku COLLATE "C") = ${skuKey(sku)}`,
    slug !== undefined && sql`p.slug = ${slug}`,
    currency !== undefined && sql`p.price_currency = ${currency}`,
    minPrice !== undefined && sql`p.price_amount >= ${minPrice}`,
    maxPrice !== undefined && sql`p.price_amount <= ${maxPrice}`,
    inStock !== undefined && (inStock ? sql`l.on_hand > l.reserved` : sql`l.on_hand <= l.reserved`),
    categoryId !== undefined && isBelow(categoryId),
    status !== undefined && sql`p.status = ${status}`,
    familyId !== undefined && sql`p.family_id = ${familyId}`,
    ...hasOptions(optionsOf(query)),
  ].filter((condition) => condition !== false);
};

const isBelow = (categoryId: string): Sql => sql`EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT ${categoryId}::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;
