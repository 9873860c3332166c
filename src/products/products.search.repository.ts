import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { collated, type SortKey } from '../common/database/keyset.js';
import { limitsSearches, search } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { isByPrice, optionsOf, type ProductFilters, type ProductQuery } from './dto/product-query.dto.js';
import type { FacetsDto, ProductRow } from './dto/product.dto.js';
import type { VariantsRow } from './dto/product-variants.dto.js';
import { Product } from './entities/product.entity.js';
import {
  firstOfFamilies,
  hasOptions,
  OPTION_FACETS,
  ProductsCollapseRepository,
} from './products.collapse.repository.js';
import { seesHiddenProducts } from './products.permissions.js';
import { skuKey } from './products.skus.js';
import { PRODUCT_COLUMNS, STOCK_LEVEL } from './products.repository.js';

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
  /** Instead of having the words of the query, to be one of these. */
  similar?: readonly SimilarProduct[];
  reader?: Reader;
}

/** The rows that a search means: which tables, which conditions, and how well each row fits the words, 0 without any. */
interface Matches {
  from: Sql;
  where: Sql[];
  relevance: Sql;
}

/** All SQL that finds products: full text, similar words, filters, sorts and counts. */
@Injectable()
export class ProductsSearchRepository {
  constructor(
    @InjectRepository(Product) private readonly rows: Repository<Product>,
    private readonly variants: ProductsCollapseRepository,
    private readonly pages: Pages,
  ) {}

  /** One page of what is searched for. @throws AppError as {@link Pages.read}. */
  async readPage(list: AskedList<ProductQuery>, sought: Search): Promise<Page<ProductRow>> {
    const { from, where, relevance } = matchesOf(sought);
    const indexed = this.isIndexed(sought);
    const sort = sortKey(sought, relevance);
    const collapsed = list.query.collapse !== undefined;
    return this.pages.read<ProductRow>(this.rows.manager, list, {
      columns: PRODUCT_COLUMNS,
      ...(collapsed ? firstOfFamilies({ from, where }, sort, indexed) : { from, where }),
      id: raw('p.id'),
      shared: indexed && !collapsed,
      expensive: !indexed || collapsed,
      sort,
    });
  }

  /** Of each of the families, the members that are searched for. */
  async findVariants(familyIds: readonly string[], sought: Search): Promise<VariantsRow[]> {
    return this.variants.findVariants(matchesOf(sought), familyIds);
  }

  /** Whether one index finds the rows in their order, so that no more rows are read than are shown. */
  isIndexed({ query, currency }: Search): boolean {
    if (query.q !== undefined) return false;
    if ((query.sku ?? query.slug) !== undefined) return true;
    const { inStock, categoryId, status, familyId, option } = query;
    const isFiltered = (inStock ?? categoryId ?? status ?? familyId ?? option) !== undefined;
    // the index of prices begins with their currency
    return !isFiltered && (currency === undefined || isByPrice(query));
  }

  /**
   * Whether more than `most` rows match, where the database cannot cancel what takes too long: of all products without a
   * search.
   */
  async exceeds(most: number, sought?: Search): Promise<boolean> {
    if (limitsSearches(this.rows.manager)) return false;
    const { from, where } = sought ? matchesOf(sought) : { from: raw('products p'), where: [sql`true`] };
    const rows = await search(
      this.rows.manager,
      sql`SELECT FROM ${from} WHERE ${join(where, ' AND ')} OFFSET ${most} LIMIT 1`,
    );
    return rows.length > 0;
  }

  /** Whether a product that the reader may see has all the words that are asked for. */
  async hasMatch(q: string, reader?: Reader): Promise<boolean> {
    // materialised, so that the planner does not bet on meeting a match early in the table
    const found = await search(
      this.rows.manager,
      sql`WITH found AS MATERIALIZED (
            SELECT FROM products p WHERE ${matchesText(q)} AND ${isVisible(reader)}
          ) SELECT FROM found LIMIT 1`,
    );
    return found.length > 0;
  }

  /** Of the products that the reader may see, the `limit` ones with the most words like those asked for, the most similar ones first. */
  async findSimilar(q: string, limit: number, reader?: Reader): Promise<SimilarProduct[]> {
    return search(
      this.rows.manager,
      sql`SELECT id, similarity FROM products_similar_to(${q}, ${seesHiddenProducts(reader)})
          ORDER BY similarity DESC, id LIMIT ${limit}`,
    );
  }

  /** Counts all that is searched for. @param currency the one that the lowest and the highest price are in. */
  async countFacets(sought: Search, currency: string): Promise<FacetsDto> {
    const { from, where } = matchesOf(sought);
    const [facets] = await search<FacetsDto>(
      this.rows.manager,
      sql`WITH RECURSIVE
        found AS MATERIALIZED (
          SELECT p.id, p.price_currency AS currency, p.price_amount AS amount, l.on_hand > l.reserved AS available,
            p.family_options AS options
          FROM ${from} WHERE ${join(where, ' AND ')}
        ),
        lines AS (
          SELECT id, id AS ancestor FROM categories
          UNION ALL
          SELECT lines.id, c.parent_id FROM lines JOIN categories c ON c.id = lines.ancestor WHERE c.parent_id IS NOT NULL
        ),
        counted AS (
          SELECT c.id, c.name, c.slug, placed.count
          FROM (
            SELECT lines.ancestor, count(DISTINCT found.id) AS count
            FROM found JOIN product_categories pc ON pc.product_id = found.id JOIN lines ON lines.id = pc.category_id
            GROUP BY lines.ancestor
          ) placed JOIN categories c ON c.id = placed.ancestor
          ORDER BY placed.count DESC, c.name, c.id LIMIT 50
        ),
        priced AS (
          SELECT currency, min(amount) AS "minPrice", max(amount) AS "maxPrice", count(*) AS count
          FROM found GROUP BY currency ORDER BY currency
        )
        SELECT
          (SELECT coalesce(json_agg(counted), '[]') FROM counted) AS categories,
          ${currency}::text AS currency,
          min(amount) FILTER (WHERE currency = ${currency}) AS "minPrice",
          max(amount) FILTER (WHERE currency = ${currency}) AS "maxPrice",
          (SELECT coalesce(json_agg(priced), '[]') FROM priced) AS prices,
          count(*) FILTER (WHERE available) AS "inStock",
          ${OPTION_FACETS}
        FROM found`,
    );
    return facets ?? { categories: [], currency, minPrice: null, maxPrice: null, prices: [], inStock: 0, options: [] };
  }
}

/** The rows that a search means, and how well they fit. */
export function matchesOf({ query, currency, similar, reader }: Search): Matches {
  const where = [isVisible(reader), ...filtersOf(query, currency)];
  const from = sql`products p ${STOCK_LEVEL}`;

  if (query.q === undefined) return { from, where, relevance: sql`0::real` };
  if (!similar) {
    return {
      // computed once, and not for each row
      from: sql`${from} CROSS JOIN (SELECT search_tiers(${query.q}) AS tiers OFFSET 0) sought`,
      where: [matchesText(query.q), ...where],
      relevance: RELEVANCE,
    };
  }
  const [ids, similarities] = [similar.map(({ id }) => id), similar.map(({ similarity }) => similarity)];
  return {
    from: sql`unnest(${ids}::uuid[], ${similarities}::real[]) s (id, similarity) JOIN products p ON p.id = s.id ${STOCK_LEVEL}`,
    where,
    relevance: sql`s.similarity`,
  };
}

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

/** What has all the words: as they are, begun, inflected, or inside of others. */
const matchesText = (q: string): Sql => sql`p.search @@ search_query(${q})`;

/**
 * How well a product fits the words: the number of the best tier of `search_tiers` that it is in, and within it by how
 * frequent they are; normalised by length, so that a name that is nothing but the words comes before one that has them among others.
 */
const RELEVANCE = raw(`((CASE
  WHEN p.search @@ sought.tiers[1] THEN 7 WHEN p.search @@ sought.tiers[2] THEN 6 WHEN p.search @@ sought.tiers[3] THEN 5
  WHEN p.search @@ sought.tiers[4] THEN 4 WHEN p.search @@ sought.tiers[5] THEN 3 WHEN p.search @@ sought.tiers[6] THEN 2 ELSE 1
END) + ts_rank(p.search, sought.tiers[6], 34))::real`);

/** What is not there for a reader is not there for what is searched, counted and compared either. */
const isVisible = (reader: Reader | undefined): Sql =>
  seesHiddenProducts(reader) ? sql`true` : raw("p.status = 'active'");

const isBelow = (categoryId: string): Sql => sql`EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT ${categoryId}::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;

/** What products are sorted by; prices are those of one currency. */
function sortKey({ query: { sort: asked, q } }: Search, relevance: Sql): SortKey {
  const sort = asked ?? (q === undefined ? '-createdAt' : 'relevance');
  const descending = sort.startsWith('-') || sort === 'relevance';
  switch (sort) {
    case 'relevance':
      return { expression: relevance, type: 'real', descending };
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
