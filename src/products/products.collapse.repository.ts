import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { KeysetQuery, SortKey } from '../common/database/keyset.js';
import { search } from '../common/database/statements.js';
import { MAX_OPTION_FACETS, type OptionValue, type VariantsRow } from './dto/product-variants.dto.js';
import { Product } from './entities/product.entity.js';

/** How many products are looked at to count their families. */
const MAX_GROUPED = 50_000;

/** The rows `products p` that a list means: from which tables, and under which conditions. */
export type Rows = Pick<KeysetQuery, 'from' | 'where'>;

/**
 * Of the rows of a list, one for each family: the first of its members in the order of the list. Products without a family stay.
 * @param rows with their conditions, which decide which members there are.
 * @param isIndexed whether an index gives the rows in their order: then only the families of those that are read are looked at, each
 * by the index of its members; else all rows have to be found at any rate, and are looked at once.
 */
export function firstOfFamilies(rows: Rows, { expression, descending }: SortKey, isIndexed: boolean): Rows {
  const { from, where } = rows;
  const direction = raw(descending ? 'DESC' : 'ASC');
  const matches = join(where, ' AND ');
  if (!isIndexed) {
    const firsts = sql`
      SELECT DISTINCT ON (coalesce(p.family_id, p.id)) p.id FROM ${from} WHERE ${matches}
      ORDER BY coalesce(p.family_id, p.id), ${expression} ${direction}, p.id ${direction}`;
    return { from, where: [sql`p.id IN (${firsts})`] };
  }
  // OFFSET 0 has the members found by their family, not by walking the whole list in its order; and of a coalesce() the planner expects
  // that half of the rows have it, so that it reads the list in its order, too
  return {
    where: [...where, raw('coalesce(first.id = p.id, true)')],
    from: sql`${from}
      CROSS JOIN LATERAL (SELECT p.family_id) shown (family_id)
      LEFT JOIN LATERAL (
        SELECT member.id FROM (
          SELECT p.id, ${expression} AS key FROM ${from} WHERE ${matches} AND p.family_id = shown.family_id OFFSET 0
        ) member ORDER BY member.key ${direction}, member.id ${direction} LIMIT 1
      ) first ON true`,
  };
}

/** As rows, the families of some products, and those without a family; of up to {@link MAX_GROUPED} products. */
export const familiesOf = ({ from, where }: Rows): Rows => ({
  from: sql`(
    SELECT DISTINCT coalesce(found.family_id, found.id)
    FROM (SELECT p.family_id, p.id FROM ${from} WHERE ${join(where, ' AND ')} LIMIT ${MAX_GROUPED}) found
  ) families`,
  where: [],
});

/** The condition of having, of each option that is named, one of the values that are given for it. */
export const hasOptions = (options: readonly OptionValue[]): Sql[] =>
  [...Map.groupBy(options, ({ name }) => name).values()].map((values) => {
    const each = values.map((value) => sql`p.family_options @> ${JSON.stringify([value])}::jsonb`);
    return sql`(${join(each, ' OR ')})`;
  });

/** As a part of a statement, `options`: the values of options in `found.options`, with how many rows have each. */
export const OPTION_FACETS = sql`(
  WITH counted AS (
    SELECT option.value->>'name' AS name, option.value->>'value' AS value, count(*) AS count
    FROM found CROSS JOIN LATERAL jsonb_array_elements(found.options) option
    GROUP BY 1, 2 ORDER BY count DESC, 1, 2 LIMIT ${MAX_OPTION_FACETS}
  )
  SELECT coalesce(json_agg(json_build_object('name', name, 'values', values) ORDER BY total DESC, name), '[]')
  FROM (
    SELECT name, sum(count) AS total,
      json_agg(json_build_object('value', value, 'count', count) ORDER BY count DESC, value) AS values
    FROM counted GROUP BY name
  ) named
) AS options`;

/** What lists of products by families show of the families' members. */
@Injectable()
export class ProductsCollapseRepository {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  /** Of each of the families, the members among the rows of a list. */
  async findVariants({ from, where }: Rows, familyIds: readonly string[]): Promise<VariantsRow[]> {
    return search(
      this.products.manager,
      sql`WITH found AS MATERIALIZED (
            SELECT p.id, p.family_id, p.family_options, p.price_currency, p.price_amount
            FROM ${from} WHERE ${join(where, ' AND ')} AND p.family_id = ANY (${familyIds})
          ),
          valued AS (
            SELECT family_id, place, option->>'name' AS name, option->>'value' AS value, min(id::text COLLATE "C") AS first
            FROM found CROSS JOIN LATERAL jsonb_array_elements(family_options) WITH ORDINALITY o (option, place)
            GROUP BY 1, 2, 3, 4
          ),
          named AS (
            SELECT family_id, place, name, json_agg(value ORDER BY first, value) AS values FROM valued GROUP BY 1, 2, 3
          ),
          priced AS (
            SELECT family_id, price_currency AS currency, min(price_amount) AS "minPrice", max(price_amount) AS "maxPrice",
              count(*) AS count
            FROM found GROUP BY 1, 2
          )
          SELECT family_id AS "familyId", sum(count)::integer AS count, json_agg(priced) AS prices, (
            SELECT json_agg(json_build_object('name', name, 'values', values) ORDER BY place)
            FROM named WHERE named.family_id = priced.family_id
          ) AS options
          FROM priced GROUP BY family_id`,
    );
  }
}
