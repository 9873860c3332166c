import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { run } from '../common/database/statements.js';
import { Product } from './entities/product.entity.js';
import type { Draft, NewDraft, Present } from './products.bulk.drafts.js';
import { skuKey } from './products.skus.js';

/** The categories of a product. */
export interface Placement {
  productId: string;
  categoryIds: string[];
}

/** All SQL about many products at once: each method is one statement, however many there are. */
@Injectable()
export class ProductsBulkRepository {
  constructor(@InjectRepository(Product) private readonly rows: Repository<Product>) {}

  /**
   * Locks the products with these SKUs until the end of the transaction; in the order of their ids, so that no two transactions wait for each other.
   * @param isAgain whether the transaction has locked them before, all but those that others have inserted meanwhile.
   */
  async lock(skus: readonly string[], isAgain: boolean): Promise<Present[]> {
    if (!isAgain) declareLock('product');
    return run(
      this.rows.manager,
      sql`SELECT id, sku, name, description, price_amount AS "priceAmount", price_currency AS "priceCurrency", attributes,
            status
          FROM products WHERE lower(sku COLLATE "C") = ANY (${skus.map(skuKey)}) ORDER BY id FOR UPDATE`,
    );
  }

  /** Those of the slugs that are taken. */
  async findSlugs(slugs: readonly string[]): Promise<string[]> {
    const rows = await run<{ slug: string }>(
      this.rows.manager,
      sql`SELECT slug FROM products WHERE slug = ANY (${slugs})`,
    );
    return rows.map(({ slug }) => slug);
  }

  /** The categories of those products that have some, by id. */
  async findCategories(productIds: readonly string[]): Promise<Placement[]> {
    return run(
      this.rows.manager,
      sql`SELECT product_id AS "productId", array_agg(category_id::text ORDER BY category_id) AS "categoryIds"
          FROM product_categories WHERE product_id = ANY (${productIds}) GROUP BY product_id`,
    );
  }

  /**
   * Inserts those whose SKU is new; in the order of the SKUs, so that of two transactions with the same ones the second
   * waits at the first of them.
   * @returns the SKUs that were inserted.
   */
  async insert(drafts: readonly NewDraft[]): Promise<string[]> {
    const inserted = await run<{ sku: string }>(
      this.rows.manager,
      sql`INSERT INTO products
            (id, sku, slug, name, description, price_amount, price_currency, attributes, status)
          SELECT id, sku, slug, name, description, "priceAmount", "priceCurrency", attributes, status
          FROM jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) AS draft (
            id uuid, sku text, slug text, name text, description text, "priceAmount" bigint, "priceCurrency" text,
            attributes jsonb, status text)
          ORDER BY lower(sku COLLATE "C")
          ON CONFLICT (lower(sku COLLATE "C")) DO NOTHING RETURNING sku`,
    );
    return inserted.map(({ sku }) => sku);
  }

  /**
   * Updates products: each is another version, though only its categories may differ.
   * @returns the new versions.
   */
  async update(drafts: readonly Draft[]): Promise<Pick<Product, 'id' | 'version' | 'sku' | 'status'>[]> {
    return run(
      this.rows.manager,
      sql`UPDATE products p
          SET name = draft.name, description = draft.description, price_amount = draft."priceAmount",
            price_currency = draft."priceCurrency", attributes = draft.attributes, status = draft.status,
            version = p.version + 1
          FROM jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) AS draft (
            id uuid, name text, description text, "priceAmount" bigint, "priceCurrency" text, attributes jsonb, status text)
          WHERE p.id = draft.id RETURNING p.id, p.version, p.sku, p.status`,
    );
  }

  /** The ids of the next products in a category or below it, in their order: at most `limit`, after the id `after`. */
  async findIdsBelow(categoryId: string, after: string, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`WITH RECURSIVE below AS (
            SELECT ${categoryId}::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
          )
          SELECT DISTINCT placed.product_id AS id
          FROM below CROSS JOIN LATERAL (
            SELECT product_id FROM product_categories WHERE category_id = below.id AND product_id > ${after}
            ORDER BY product_id LIMIT ${limit}
          ) placed
          ORDER BY id LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }

  /** Locks rows as {@link lock} does, but leaves their keys alone, which other rows refer to. */
  async lockContent(ids: readonly string[]): Promise<void> {
    declareLock('product');
    await run(this.rows.manager, sql`SELECT FROM products WHERE id = ANY (${ids}) ORDER BY id FOR NO KEY UPDATE`);
  }

  /** Counts a change of what locked products show and their own rows do not have. @returns the new versions. */
  async countChanges(ids: readonly string[]): Promise<Pick<Product, 'id' | 'version' | 'sku' | 'status'>[]> {
    return run(
      this.rows.manager,
      sql`UPDATE products SET version = version + 1 WHERE id = ANY (${ids}) RETURNING id, version, sku, status`,
    );
  }

  /** Writes the present names of the categories of each product, and of those above them, to where they are searched for. */
  async refreshCategoryNames(ids: readonly string[]): Promise<void> {
    await run(this.rows.manager, sql`SELECT products_refresh_category_names(${ids}::uuid[])`);
  }

  /** Takes each product out of the categories that are not given. */
  async deleteOtherCategories(placements: readonly Placement[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`DELETE FROM product_categories pc
          USING jsonb_to_recordset(${JSON.stringify(placements)}::jsonb) AS placed ("productId" uuid, "categoryIds" uuid[])
          WHERE pc.product_id = placed."productId" AND pc.category_id <> ALL (placed."categoryIds")`,
    );
  }

  /** Puts each product into the categories that are given, where it is not in them. */
  async insertCategories(placements: readonly Placement[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`INSERT INTO product_categories (product_id, category_id)
          SELECT placed."productId", unnest(placed."categoryIds")
          FROM jsonb_to_recordset(${JSON.stringify(placements)}::jsonb) AS placed ("productId" uuid, "categoryIds" uuid[])
          ON CONFLICT DO NOTHING`,
    );
  }
}
