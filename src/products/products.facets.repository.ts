import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { estimateRows, search } from '../common/database/statements.js';
import type { FacetsDto } from './dto/product.dto.js';
import { Product } from './entities/product.entity.js';
import { OPTION_FACETS, type Rows } from './products.collapse.repository.js';
import { matchesOf, type Search } from './products.matches.repository.js';

/** How many rows are counted; of more, the numbers are estimates. */
const MAX_COUNTED = 10_000;
/** How many rows an estimate is made of, and how many are looked at for it at most. */
const SAMPLED = 2000;
const LOOKED_AT = 40_000;

/** The numbers of some rows, and how many these are. */
type Counts = Omit<FacetsDto, 'estimated'> & { counted: number };

/** Counts what a search finds. */
@Injectable()
export class ProductsFacetsRepository {
  constructor(@InjectRepository(Product) private readonly rows: Repository<Product>) {}

  /**
   * Counts all that is searched for, or estimates it from a share where that is more than {@link MAX_COUNTED}.
   * @param currency the one that the lowest and the highest price are in.
   */
  async count(sought: Search, currency: string): Promise<FacetsDto> {
    const expected = await this.expect(matchesOf(sought));
    if (expected <= MAX_COUNTED) {
      const counts = await this.countRows(matchesOf(sought), currency);
      if (counts.counted <= MAX_COUNTED) return toFacets(counts);
    }
    // what is expected may be wrong: it decides how much is drawn, and not what comes out
    const all = await this.expect({ from: raw('products'), where: [sql`true`] });
    const share = Math.min(1, SAMPLED / Math.max(expected, MAX_COUNTED), LOOKED_AT / all);
    const sample = await this.countRows(matchesOf(sought, sampleOf(share)), currency);
    if (sample.counted / share > MAX_COUNTED) return toFacets(sample, share);
    return toFacets(await this.countRows(matchesOf(sought), currency));
  }

  private async expect({ from, where }: Rows): Promise<number> {
    return estimateRows(this.rows.manager, sql`SELECT FROM ${from} WHERE ${join(where, ' AND ')}`);
  }

  private async countRows({ from, where }: Rows, currency: string): Promise<Counts> {
    const [counts] = await search<Counts>(
      this.rows.manager,
      sql`WITH RECURSIVE
        found AS MATERIALIZED (
          SELECT p.id, p.price_currency AS currency, p.price_amount AS amount, l.on_hand > l.reserved AS available,
            p.family_options AS options
          FROM ${from} WHERE ${join(where, ' AND ')} LIMIT ${MAX_COUNTED + 1}
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
          count(*) AS counted,
          (SELECT coalesce(json_agg(counted), '[]') FROM counted) AS categories,
          ${currency}::text AS currency,
          min(amount) FILTER (WHERE currency = ${currency}) AS "minPrice",
          max(amount) FILTER (WHERE currency = ${currency}) AS "maxPrice",
          (SELECT coalesce(json_agg(priced), '[]') FROM priced) AS prices,
          count(*) FILTER (WHERE available) AS "inStock",
          ${OPTION_FACETS}
        FROM found`,
    );
    return (
      counts ?? {
        categories: [],
        currency,
        minPrice: null,
        maxPrice: null,
        prices: [],
        inStock: 0,
        options: [],
        counted: 0,
      }
    );
  }
}

/** A share of the pages of the table, always the same ones as long as there are no others. */
const sampleOf = (share: number): Sql => sql`TABLESAMPLE SYSTEM (${share * 100}) REPEATABLE (0)`;

/** The numbers of all products, of which a share was counted. */
function toFacets({ counted, ...facets }: Counts, share = 1): FacetsDto {
  if (share < 1) {
    const scaled = (count: number): number => Math.round(count / share);
    const values = facets.options.flatMap((option) => option.values);
    for (const one of [...facets.categories, ...facets.prices, ...values]) one.count = scaled(one.count);
    facets.inStock = scaled(facets.inStock);
  }
  return { ...facets, estimated: share < 1 || counted > MAX_COUNTED };
}
