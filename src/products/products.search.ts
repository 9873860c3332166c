import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { Config } from '../common/config/config.js';
import type { SortKey } from '../common/database/keyset.js';
import { limitsSearches, search } from '../common/database/statements.js';
import { AppError } from '../common/errors/app-error.js';
import { Forbidden, InvalidParameter, SearchTooSlow } from '../common/errors/errors.js';
import { type AskedList, mapPage, Pages } from '../common/http/paging/pages.js';
import { explainSearch } from '../common/http/paging/searches.js';
import type { Caller } from '../common/security/caller.js';
import type { ProductQuery } from './dto/product-query.dto.js';
import { type FacetsDto, type ProductPage, type ProductRow, toProductDto } from './dto/product.dto.js';
import { Product } from './entities/product.entity.js';
import { seesHiddenProducts } from './products.permissions.js';

/** The columns of a {@link ProductRow}, of `products p`. */
export const PRODUCT_COLUMNS = raw(`
  p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency",
  p.on_hand AS "onHand", p.reserved, p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status,
  p.version, p.created_at AS "createdAt", p.updated_at AS "updatedAt",
  coalesce((
    SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug) ORDER BY c.name)
    FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id
  ), '[]') AS categories`);

/** The rows that a query means: which tables, which conditions, and how well each row fits. */
interface Matches {
  from: Sql;
  where: Sql[];
  /** How well a row fits the words, 0 when there are none. */
  relevance: Sql;
  /** Whether one index finds the rows in their order, so that no more rows are read than are shown. */
  indexed: boolean;
}

/** How a list is read whose words no product has: by similar words, on all of its pages. */
const SIMILAR = 'similar';
/** How many of the products with similar words are found, the most similar ones. */
const MAX_SIMILAR = 2000;
/** Words with fewer letters are not compared: too many others are like them. */
const MIN_COMPARED = 3;
/** How many rows a search may go through on the embedded engine, which cannot cancel a statement. */
const MAX_EMBEDDED = 20_000;

/** A product whose words are like those that are searched for. */
interface SimilarRow {
  id: string;
  similarity: number;
}

/** Finds products: full text, forgiving of typing errors, with filters, sorts and counts. */
@Injectable()
export class ProductSearch {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly pages: Pages,
    private readonly config: Config,
  ) {}

  /**
   * One page of what the query means to this caller.
   * @throws AppError for what only staff may ask, and for a search that takes too long.
   */
  async list(asked: ProductQuery, caller?: Caller): Promise<ProductPage> {
    const list = this.pages.open(asked);
    validateQuery(list.query, caller);
    return explainSearch(() => this.search(list, caller));
  }

  private async search(list: AskedList<ProductQuery>, caller?: Caller): Promise<ProductPage> {
    const words = wordsOf(list.query.q);
    if (list.mode === SIMILAR) return this.findSimilar(list, words, caller);
    const found = await this.find(list, this.matchesOf(list.query, caller, words), caller);
    // similar words are found where no product has all the words as they are; later pages are read as the first one was
    if (found.data.length > 0 || list.after !== undefined || !(await this.haveNoExactMatch(words, caller)))
      return found;
    return this.findSimilar({ ...list, mode: SIMILAR }, words, caller);
  }

  private async findSimilar(
    list: AskedList<ProductQuery>,
    words: string[] | undefined,
    caller?: Caller,
  ): Promise<ProductPage> {
    const similar = await this.similarTo(words, caller);
    return this.find(list, this.matchesOf(list.query, caller, words, similar), caller);
  }

  private async find(list: AskedList<ProductQuery>, matches: Matches, caller?: Caller): Promise<ProductPage> {
    const { query } = list;
    const withFacets = query.include?.includes('facets') ?? false;
    if (withFacets || !matches.indexed) await this.requireBounded(matches);
    const found = await this.pages.read<ProductRow>(this.products.manager, list, {
      columns: PRODUCT_COLUMNS,
      from: matches.from,
      where: matches.where,
      id: raw('p.id'),
      shared: matches.indexed,
      expensive: !matches.indexed,
      sort: sortKey(query, this.currencyOf(query), matches.relevance),
    });
    const { data, page } = mapPage(found, (row) => toProductDto(row, caller));
    if (!withFacets) return { data, page };
    return { data, page, facets: await this.facetsOf(matches, query.currency ?? this.config.currency) };
  }

  /** Whether there are words to search for, and no product that the caller may see has them all. */
  private async haveNoExactMatch(words: string[] = [], caller?: Caller): Promise<boolean> {
    if (words.length === 0) return false;
    // materialised, so that the planner does not bet on meeting a match early in the table
    const found = await search(
      this.products.manager,
      sql`WITH found AS MATERIALIZED (
            SELECT FROM products p WHERE ${matchesText(words)} AND ${isVisible(caller)}
          ) SELECT FROM found LIMIT 1`,
    );
    return found.length === 0;
  }

  /** The products, of those that the caller may see, with the most words like these: computed once for all that is shown of them. */
  private async similarTo(words: string[] = [], caller?: Caller): Promise<SimilarRow[]> {
    const compared = words.filter((word) => Array.from(word).length >= MIN_COMPARED);
    if (compared.length === 0) return [];
    await this.requireBounded({ from: raw('products p'), where: [sql`true`] });
    return search<SimilarRow>(
      this.products.manager,
      sql`SELECT id, similarity FROM products_similar_to(${compared}, ${seesHiddenProducts(caller)})
          ORDER BY similarity DESC, id LIMIT ${MAX_SIMILAR}`,
    );
  }

  /** @throws AppError when the database cannot cancel what takes too long and there are too many rows to go through. */
  private async requireBounded({ from, where }: Pick<Matches, 'from' | 'where'>): Promise<void> {
    if (limitsSearches(this.products.manager)) return;
    const rows = await search(
      this.products.manager,
      sql`SELECT FROM ${from} WHERE ${join(where, ' AND ')} OFFSET ${MAX_EMBEDDED} LIMIT 1`,
    );
    if (rows.length > 0) throw new AppError(SearchTooSlow, 'The search finds too many products.');
  }

  private matchesOf(
    query: ProductQuery,
    caller: Caller | undefined,
    words: string[] | undefined,
    similar?: readonly SimilarRow[],
  ): Matches {
    const { minPrice, maxPrice, sku, slug, inStock, categoryId, status } = query;
    const currency = this.currencyOf(query);
    const filters = [
      sku !== undefined && sql`p.sku = ${sku}`,
      slug !== undefined && sql`p.slug = ${slug}`,
      currency !== undefined && sql`p.price_currency = ${currency}`,
      minPrice !== undefined && sql`p.price_amount >= ${minPrice}`,
      maxPrice !== undefined && sql`p.price_amount <= ${maxPrice}`,
      inStock !== undefined && (inStock ? sql`p.on_hand > p.reserved` : sql`p.on_hand <= p.reserved`),
      categoryId !== undefined && isBelow(categoryId),
      status !== undefined && sql`p.status = ${status}`,
    ].filter((condition) => condition !== false);
    const where = [isVisible(caller), ...filters];
    const from = sql`products p`;

    if (words === undefined) {
      return { from, where, relevance: sql`0::real`, indexed: filters.length === 0 || (sku ?? slug) !== undefined };
    }
    if (words.length === 0) return { from, where: [sql`false`], relevance: sql`0::real`, indexed: true };
    if (!similar) {
      // normalised by length: a name that is nothing but the words comes before one that has them among others
      const relevance = sql`ts_rank_cd(p.search, ${askedFor(words)}, 2)`;
      return { from, where: [matchesText(words), ...where], relevance, indexed: false };
    }
    const [ids, similarities] = [similar.map(({ id }) => id), similar.map(({ similarity }) => similarity)];
    return {
      from: sql`unnest(${ids}::uuid[], ${similarities}::real[]) s (id, similarity) JOIN products p ON p.id = s.id`,
      where,
      relevance: sql`s.similarity`,
      indexed: false,
    };
  }

  /** The one currency that the products have which a query means; undefined when it means those of all currencies. */
  private currencyOf({ currency, minPrice, maxPrice }: ProductQuery): string | undefined {
    return currency ?? (minPrice === undefined && maxPrice === undefined ? undefined : this.config.currency);
  }

  private async facetsOf({ from, where }: Matches, currency: string): Promise<FacetsDto> {
    const [facets] = await search<FacetsDto>(
      this.products.manager,
      sql`WITH RECURSIVE
        found AS MATERIALIZED (
          SELECT p.id, p.price_currency AS currency, p.price_amount AS amount, p.on_hand > p.reserved AS available
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
          count(*) FILTER (WHERE available) AS "inStock"
        FROM found`,
    );
    return facets ?? { categories: [], currency, minPrice: null, maxPrice: null, prices: [], inStock: 0 };
  }
}

/** The words that are asked for; undefined when none are, empty when nothing that is asked for is a word. */
const wordsOf = (q: string | undefined): string[] | undefined =>
  q === undefined ? undefined : [...new Set(q.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, 8);

/** Whole or begun words, in English as it is inflected, or as they stand (SKUs, numbers). */
const askedFor = (words: string[]): Sql => sql`products_asked_for(${words})`;
const matchesText = (words: string[]): Sql => sql`p.search @@ ${askedFor(words)}`;

/** What is not there for a caller is not there for what is searched, counted and compared either. */
const isVisible = (caller: Caller | undefined): Sql =>
  seesHiddenProducts(caller) ? sql`true` : raw("p.status = 'active'");

function validateQuery(query: ProductQuery, caller: Caller | undefined): void {
  if (query.status !== undefined && query.status !== 'active' && !seesHiddenProducts(caller)) {
    throw new AppError(Forbidden, `Only staff see products that are ${query.status}.`);
  }
  if (query.sort === 'relevance' && query.q === undefined) {
    throw new AppError(InvalidParameter, 'Without q there is nothing to be relevant to.', {
      errors: [{ parameter: 'sort', code: 'relevance', detail: 'relevance goes with q' }],
    });
  }
}

const isBelow = (categoryId: string): Sql => sql`EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT ${categoryId}::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;

/** What products are sorted by; amounts are compared within one currency, and the currencies go by their codes. */
function sortKey({ sort: asked, q }: ProductQuery, currency: string | undefined, relevance: Sql): SortKey {
  const sort = asked ?? (q === undefined ? '-createdAt' : 'relevance');
  const descending = sort.startsWith('-') || sort === 'relevance';
  switch (sort) {
    case 'relevance':
      return { expression: relevance, type: 'real', descending };
    case 'name':
    case '-name':
      return { expression: raw('lower(p.name) COLLATE "C"'), type: 'text', descending };
    case 'price':
    case '-price': {
      const group = currency === undefined ? raw('p.price_currency') : undefined;
      return { expression: raw('p.price_amount'), type: 'bigint', descending, group };
    }
    case 'createdAt':
    case '-createdAt':
      return { expression: raw('p.created_at'), type: 'timestamptz', descending };
  }
}
