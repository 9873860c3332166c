import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { run } from '../common/database/statements.js';
import { type AskedList, Pages } from '../common/http/pages.js';
import { Problem } from '../common/http/problem.js';
import { Forbidden, InvalidParameter } from '../common/http/problems.js';
import type { Caller } from '../common/security/caller.js';
import type { ProductQuery, ProductSort } from './dto/product-query.dto.js';
import { type FacetsDto, type ProductPage, type ProductRow, toProductDto } from './dto/product.dto.js';
import { Product } from './entities/product.entity.js';
import { WriteProducts } from './products.permissions.js';

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
}

/** Finds products: full text, forgiving of typing errors, with filters, sorts and counts. */
@Injectable()
export class ProductSearch {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly pages: Pages,
  ) {}

  /** One page of what the query means to this caller. @throws Problem for what only staff may ask. */
  async list(asked: ProductQuery, caller?: Caller): Promise<ProductPage> {
    const list = this.pages.open(asked);
    requireSensible(list.query, caller);
    const words = wordsOf(list.query.q);
    // likeness has to do where no product has all the words as they are; a first page that shows some needs no asking
    const isFirst = list.after === undefined;
    const similar = !isFirst && (await this.areUnknown(words));
    const found = await this.find(list, matchesOf(list.query, caller, words, similar), caller);
    if (found.data.length > 0 || !isFirst || !(await this.areUnknown(words))) return found;
    return this.find(list, matchesOf(list.query, caller, words, true), caller);
  }

  private async find(list: AskedList<ProductQuery>, matches: Matches, caller?: Caller): Promise<ProductPage> {
    const { query } = list;
    const { data, page } = await this.pages.read(
      this.products.manager,
      list,
      {
        columns: PRODUCT_COLUMNS,
        from: matches.from,
        where: matches.where,
        id: raw('p.id'),
        shared: isAnsweredByIndex(query),
        sort: sortKey(query.sort ?? (query.q === undefined ? '-createdAt' : 'relevance'), matches.relevance),
      },
      (row: ProductRow) => toProductDto(row, caller),
    );
    const facets = query.include?.includes('facets') ? await this.facetsOf(matches) : undefined;
    return { data, page, facets };
  }

  /** Whether there are words to search for, and no product has them all. */
  private async areUnknown(words: string[] = []): Promise<boolean> {
    if (words.length === 0) return false;
    // materialised, so that the planner does not bet on meeting a match early in the table
    const found = await run(
      this.products.manager,
      sql`WITH found AS MATERIALIZED (SELECT FROM products p WHERE ${matchesText(words)}) SELECT FROM found LIMIT 1`,
    );
    return found.length === 0;
  }

  private async facetsOf({ from, where }: Matches): Promise<FacetsDto> {
    const [facets] = await run<FacetsDto>(
      this.products.manager,
      sql`WITH RECURSIVE
        found AS MATERIALIZED (
          SELECT p.id, p.price_amount, p.on_hand > p.reserved AS available FROM ${from} WHERE ${join(where, ' AND ')}
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
          ORDER BY placed.count DESC, c.name LIMIT 50
        )
        SELECT
          (SELECT coalesce(json_agg(counted), '[]') FROM counted) AS categories,
          min(price_amount) AS "minPrice", max(price_amount) AS "maxPrice",
          count(*) FILTER (WHERE available) AS "inStock"
        FROM found`,
    );
    return facets ?? { categories: [], minPrice: null, maxPrice: null, inStock: 0 };
  }
}

/** Whether the rows of a list are the first ones of an index: most products are active, any other filter may let few pass. */
const isAnsweredByIndex = ({ q, minPrice, maxPrice, inStock, categoryId, status = 'active' }: ProductQuery): boolean =>
  status === 'active' && [q, minPrice, maxPrice, inStock, categoryId].every((filter) => filter === undefined);

/** The words that are asked for; undefined when none are, empty when nothing that is asked for is a word. */
const wordsOf = (q: string | undefined): string[] | undefined =>
  q === undefined ? undefined : [...new Set(q.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, 8);

/** Whole or begun words, in English as it is inflected, or as they stand (SKUs, numbers). */
const askedFor = (words: string[]): Sql => sql`products_asked_for(${words})`;
const matchesText = (words: string[]): Sql => sql`p.search @@ ${askedFor(words)}`;

function requireSensible(query: ProductQuery, caller: Caller | undefined): void {
  if (query.status !== undefined && query.status !== 'active' && !caller?.permissions.has(WriteProducts.name)) {
    throw new Problem(Forbidden, `Only staff see products that are ${query.status}.`);
  }
  if (query.sort === 'relevance' && query.q === undefined) {
    throw new Problem(InvalidParameter, 'Without q there is nothing to be relevant to.', {
      errors: [{ parameter: 'sort', code: 'relevance', detail: 'relevance goes with q' }],
    });
  }
}

function matchesOf(
  query: ProductQuery,
  caller: Caller | undefined,
  words: string[] | undefined,
  similar: boolean,
): Matches {
  const { minPrice, maxPrice, sku, inStock, categoryId } = query;
  const seesAll = caller?.permissions.has(WriteProducts.name) ?? false;
  const conditions = [
    !seesAll && raw("p.status = 'active'"),
    seesAll && query.status !== undefined && sql`p.status = ${query.status}`,
    sku !== undefined && sql`p.sku = ${sku}`,
    minPrice !== undefined && sql`p.price_amount >= ${minPrice}`,
    maxPrice !== undefined && sql`p.price_amount <= ${maxPrice}`,
    inStock !== undefined && (inStock ? sql`p.on_hand > p.reserved` : sql`p.on_hand <= p.reserved`),
    categoryId !== undefined && isBelow(categoryId),
  ].filter((condition) => condition !== false);

  if (words === undefined) return { from: sql`products p`, where: orTrue(conditions), relevance: sql`0::real` };
  if (words.length === 0) return { from: sql`products p`, where: [sql`false`], relevance: sql`0::real` };
  return similar
    ? {
        from: sql`products p JOIN products_similar_to(${words}) s ON s.id = p.id`,
        where: orTrue(conditions),
        relevance: sql`s.similarity`,
      }
    : {
        from: sql`products p`,
        where: [matchesText(words), ...conditions],
        // Normalised by length: a name that is nothing but the words comes before one that has them among others.
        relevance: sql`ts_rank_cd(p.search, ${askedFor(words)}, 2)`,
      };
}

const orTrue = (conditions: Sql[]): Sql[] => (conditions.length > 0 ? conditions : [sql`true`]);

const isBelow = (categoryId: string): Sql => sql`EXISTS (
  SELECT FROM product_categories pc WHERE pc.product_id = p.id AND pc.category_id IN (
    WITH RECURSIVE below AS (
      SELECT ${categoryId}::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
  ))`;

const KEYS: Record<Exclude<ProductSort, `-${string}` | 'relevance'>, Omit<SortKey, 'descending'>> = {
  name: { expression: raw('lower(p.name) COLLATE "C"'), type: 'text' },
  price: { expression: raw('p.price_amount'), type: 'bigint' },
  createdAt: { expression: raw('p.created_at'), type: 'timestamptz' },
};

function sortKey(sort: ProductSort, relevance: Sql): SortKey {
  switch (sort) {
    case 'relevance':
      return { expression: relevance, type: 'real', descending: true };
    case '-name':
      return { ...KEYS.name, descending: true };
    case '-price':
      return { ...KEYS.price, descending: true };
    case '-createdAt':
      return { ...KEYS.createdAt, descending: true };
    default:
      return { ...KEYS[sort], descending: false };
  }
}
