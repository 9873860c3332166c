import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { limitsSearches, search } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import { isByPrice, type ProductQuery } from './dto/product-query.dto.js';
import type { ProductRow } from './dto/product.dto.js';
import type { VariantsRow } from './dto/product-variants.dto.js';
import { Product } from './entities/product.entity.js';
import { familiesOf, firstOfFamilies, ProductsCollapseRepository } from './products.collapse.repository.js';
import {
  hasWords,
  isRanked,
  isVisible,
  matchesOf,
  MAX_RANKED,
  type Reader,
  type Search,
  shownOf,
  type SimilarProduct,
  sortKey,
} from './products.matches.repository.js';
import { seesHiddenProducts } from './products.permissions.js';
import { PRODUCT_COLUMNS } from './products.repository.js';

/** How many products with words like those of a query are compared. */
const MAX_SIMILAR = 500;

/** All SQL that finds products: full text, similar words, filters and sorts. */
@Injectable()
export class ProductsSearchRepository {
  constructor(
    @InjectRepository(Product) private readonly rows: Repository<Product>,
    private readonly variants: ProductsCollapseRepository,
    private readonly pages: Pages,
  ) {}

  /** One page of what is searched for. @throws AppError as {@link Pages.read}. */
  async readPage(list: AskedList<ProductQuery>, sought: Search): Promise<Page<ProductRow>> {
    const rows = shownOf(sought);
    const indexed = this.isIndexed(sought);
    const sort = sortKey(sought);
    const collapsed = list.query.collapse !== undefined;
    return this.pages.read<ProductRow>(this.rows.manager, list, {
      columns: PRODUCT_COLUMNS,
      ...(collapsed ? firstOfFamilies(rows, sort, indexed) : rows),
      // by relevance fewer rows may be shown than there are
      ...(isRanked(sought) && { counted: collapsed ? familiesOf(matchesOf(sought)) : matchesOf(sought) }),
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
    // the index of prices begins with their currency
    return !isFiltered(query) && (currency === undefined || isByPrice(query));
  }

  /** Whether a page by relevance reads few rows, however many have the words: no filter leaves out what has them. */
  isBounded(sought: Search): boolean {
    const { query, currency } = sought;
    return isRanked(sought) && !isFiltered(query) && currency === undefined;
  }

  /** Whether more than `most` rows match, where the database cannot cancel what takes too long. */
  async exceeds(most: number, sought: Search): Promise<boolean> {
    if (limitsSearches(this.rows.manager)) return false;
    const { from, where } = matchesOf(sought);
    const rows = await search(
      this.rows.manager,
      sql`SELECT FROM ${from} WHERE ${join(where, ' AND ')} OFFSET ${most} LIMIT 1`,
    );
    return rows.length > 0;
  }

  /**
   * What `search_tiers` makes of the words that are asked for: what fits best first, and last what is found at all, as text of tsquery;
   * nothing where there is no word. The beginnings of words are the words that products have.
   */
  async findTiers(q: string): Promise<string[]> {
    const [row] = await search<{ tiers: string[] | null }>(
      this.rows.manager,
      sql`SELECT product_search_tiers(${q}) AS tiers`,
    );
    return row?.tiers ?? [];
  }

  /** Whether a product that the reader may see has all the words. */
  async hasMatch(tiers: readonly string[], reader?: Reader): Promise<boolean> {
    // planned for many rows, of which one is read: for one the planner would bet on meeting it early in the table
    const found = await search(
      this.rows.manager,
      sql`WITH found AS MATERIALIZED (
            SELECT FROM products p WHERE ${hasWords(tiers)} AND ${isVisible(reader)} LIMIT ${MAX_RANKED}
          ) SELECT FROM found LIMIT 1`,
    );
    return found.length > 0;
  }

  /** Of the products that the reader may see, up to {@link MAX_SIMILAR} with the most words like those asked for, the most similar ones first. */
  async findSimilar(q: string, reader?: Reader): Promise<SimilarProduct[]> {
    return search(
      this.rows.manager,
      sql`SELECT id, similarity FROM products_similar_to(${q}, ${seesHiddenProducts(reader)}, ${MAX_SIMILAR})
          ORDER BY similarity DESC, id`,
    );
  }
}

/** Whether there are conditions on other things than words and prices. */
const isFiltered = ({ inStock, categoryId, status, familyId, option }: Search['query']): boolean =>
  (inStock ?? categoryId ?? status ?? familyId ?? option) !== undefined;
