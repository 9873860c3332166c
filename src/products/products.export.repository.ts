import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { search } from '../common/database/statements.js';
import type { Attributes } from '../common/attributes/attributes.js';
import { Product } from './entities/product.entity.js';
import { matchesOf, type Search } from './products.matches.repository.js';

/** All that an import says of a product, as it is now. */
export type ExportedProduct = Pick<
  Product,
  'id' | 'sku' | 'name' | 'description' | 'priceAmount' | 'priceCurrency' | 'status'
> & {
  attributes: Attributes;
  onHand: number;
  /** The names on the way to each category, from the top down. */
  categories: string[][];
};

/** An attribute that some products have, and what its values are. */
export interface ExportedAttribute {
  name: string;
  /** `text`, `number` or `boolean` where a cell of a table can say all of them as such, else `json`. */
  type: 'text' | 'number' | 'boolean' | 'json';
}

/** What some products of a search have. */
export interface SurveyedBatch {
  count: number;
  /** The id of the last one. */
  last: string | null;
  attributes: ExportedAttribute[];
}

/** A number as digits, that a spreadsheet keeps: it has 15 of them, and writes no exponent. */
const IS_PLAIN_NUMBER = raw(`
  CASE jsonb_typeof(a.value) WHEN 'number' THEN
    length(ltrim(translate(trim_scale(a.value::numeric)::text, '-.', ''), '0')) <= 15
    AND (a.value::numeric = 0 OR abs(a.value::numeric) BETWEEN 0.000001 AND 999999999999999)
  ELSE false END`);

/** The names from the top down to each category of `products p`. */
const ITS_PATHS = raw(`coalesce((
  SELECT json_agg(way.names ORDER BY way.names)
  FROM product_categories pc CROSS JOIN LATERAL (
    WITH RECURSIVE up AS (
      SELECT c.parent_id, ARRAY[c.name] AS names FROM categories c WHERE c.id = pc.category_id
      UNION ALL
      SELECT c.parent_id, c.name || up.names FROM up JOIN categories c ON c.id = up.parent_id
    ) SELECT up.names FROM up WHERE up.parent_id IS NULL
  ) way WHERE pc.product_id = p.id
), '[]')`);

/** All SQL that reads products to be exported. */
@Injectable()
export class ProductsExportRepository {
  constructor(@InjectRepository(Product) private readonly rows: Repository<Product>) {}

  /** The next products of a search by their ids, which rise with the time of their creation. */
  async findBatch(sought: Search, after: string, limit: number): Promise<ExportedProduct[]> {
    const { from, where } = matchesOf(sought);
    return search(
      this.rows.manager,
      sql`SELECT p.id, p.sku, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency",
            p.status, p.attributes, coalesce(l.on_hand, 0) AS "onHand", ${ITS_PATHS} AS categories
          FROM ${from} WHERE ${allOf([...where, sql`p.id > ${after}`])} ORDER BY p.id LIMIT ${limit}`,
    );
  }

  /** What the next products of a search have for attributes, by their ids. */
  async surveyBatch(sought: Search, after: string, limit: number): Promise<SurveyedBatch> {
    const { from, where } = matchesOf(sought);
    const [batch] = await search<SurveyedBatch>(
      this.rows.manager,
      sql`WITH batch AS MATERIALIZED (
            SELECT p.id, p.attributes FROM ${from} WHERE ${allOf([...where, sql`p.id > ${after}`])} ORDER BY p.id LIMIT ${limit}
          ),
          named AS (
            SELECT a.key AS name,
              CASE
                WHEN bool_and(${IS_PLAIN_NUMBER}) THEN 'number'
                WHEN bool_and(jsonb_typeof(a.value) = 'boolean') THEN 'boolean'
                WHEN bool_and(jsonb_typeof(a.value) = 'string' AND a.value <> '""') THEN 'text'
                ELSE 'json'
              END AS type
            FROM batch CROSS JOIN LATERAL jsonb_each(batch.attributes) a GROUP BY a.key
          )
          SELECT count(*) AS count, (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last,
            (SELECT coalesce(json_agg(named), '[]') FROM named) AS attributes
          FROM batch`,
    );
    return batch ?? { count: 0, last: null, attributes: [] };
  }
}

const allOf = (conditions: readonly Sql[]): Sql => join([...conditions], ' AND ');
