import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run, runForRow } from '../common/database/statements.js';
import type { Caller } from '../common/security/caller.js';
import type { ProductRow, ProductState, RatingTotals } from './dto/product.dto.js';
import { Product } from './entities/product.entity.js';
import { seesHiddenProducts } from './products.permissions.js';
import { ITS_PHOTOS } from './products.photos.repository.js';
import { skuKey } from './products.skus.js';

/** What the application writes of a new product. */
export type NewProduct = Pick<
  Product,
  'id' | 'sku' | 'slug' | 'name' | 'description' | 'priceAmount' | 'priceCurrency' | 'attributes' | 'status'
>;

/** What a product becomes. */
export type ProductChange = Partial<Omit<NewProduct, 'id' | 'slug'> & Pick<Product, 'version'>>;

/** A product without its stock and its photos, as its queries give it. */
export type UnstockedRow = Omit<ProductRow, 'onHand' | 'reserved' | 'stockVersion' | 'photos'>;

/** What an order copies of a product. */
export type ProductForOrder = Pick<Product, 'id' | 'sku' | 'name' | 'status' | 'priceAmount' | 'priceCurrency'>;

/** Of a {@link ProductRow}, the columns of `products p` itself. */
const OWN_COLUMNS = raw(`
  p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency",
  p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version,
  p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions",
  p.created_at AS "createdAt", p.updated_at AS "updatedAt"`);

/** Of a {@link ProductRow}, the categories `c`. @param source what a statement reads them from. */
const categoriesFrom = (source: Sql): Sql =>
  sql`coalesce((
    SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name)
    FROM ${source}
  ), '[]') AS categories`;

/** The categories `c` of `products p`. */
const ITS_CATEGORIES = raw(
  'product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id',
);

/** The columns of a {@link ProductRow}, of `products p` and {@link STOCK_LEVEL}. */
export const PRODUCT_COLUMNS = sql`${OWN_COLUMNS}, l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion",
  ${categoriesFrom(ITS_CATEGORIES)}, ${ITS_PHOTOS}`;

/**
 * The stock level of `products p`. Every product has one; it is joined by LEFT JOIN because PostgreSQL leaves that out where
 * nothing of the level is asked for, as in counts.
 */
export const STOCK_LEVEL = raw('LEFT JOIN stock_levels l ON l.product_id = p.id');

/** The rows of products and of their places in categories, and all SQL about one of them. */
@Injectable()
export class ProductsRepository {
  constructor(@InjectRepository(Product) private readonly rows: Repository<Product>) {}

  async find(id: string): Promise<ProductRow | undefined> {
    return this.findOne(sql`p.id = ${id}`);
  }

  async findBySlug(slug: string): Promise<ProductRow | undefined> {
    return this.findOne(sql`p.slug = ${slug}`);
  }

  private async findOne(condition: Sql): Promise<ProductRow | undefined> {
    const [row] = await queryShared<ProductRow>(
      this.rows.manager,
      sql`SELECT ${PRODUCT_COLUMNS} FROM products p ${STOCK_LEVEL} WHERE ${condition}`,
    );
    return row;
  }

  /** The state of a product that the reader may see. */
  async findState(id: string, reader?: Pick<Caller, 'permissions'>): Promise<ProductState | undefined> {
    const [row] = await queryShared<ProductState>(
      this.rows.manager,
      sql`SELECT p.version, l.version AS "stockVersion", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum",
            coalesce((SELECT sum(c.version - 1) FROM ${ITS_CATEGORIES}), 0) AS "categoryChanges"
          FROM products p ${STOCK_LEVEL} WHERE p.id = ${id} AND (${seesHiddenProducts(reader)} OR p.status = 'active')`,
    );
    return row;
  }

  async findIds(skus: readonly string[]): Promise<Pick<Product, 'id' | 'sku'>[]> {
    return run(
      this.rows.manager,
      sql`SELECT id, sku FROM products WHERE lower(sku COLLATE "C") = ANY (${skus.map(skuKey)})`,
    );
  }

  async findForOrder(ids: readonly string[]): Promise<ProductForOrder[]> {
    return run(
      this.rows.manager,
      sql`SELECT id, sku, name, status, price_amount AS "priceAmount", price_currency AS "priceCurrency"
          FROM products WHERE id = ANY (${ids})`,
    );
  }

  /** Locks a row until the end of the transaction. */
  async lock(id: string): Promise<Product | null> {
    declareLock('product');
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Locks a row as {@link lock}, but not for reviews, which refer to it. @returns whether it is there. */
  async lockForRating(id: string): Promise<boolean> {
    declareLock('product');
    const locked = await run(this.rows.manager, sql`SELECT id FROM products WHERE id = ${id} FOR NO KEY UPDATE`);
    return locked.length > 0;
  }

  async updateRating(id: string, { ratingCount, ratingSum }: RatingTotals): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE products SET rating_count = ${ratingCount}, rating_sum = ${ratingSum}
          WHERE id = ${id} AND (rating_count, rating_sum) <> (${ratingCount}::integer, ${ratingSum}::integer)`,
    );
  }

  /**
   * Inserts a product, and puts it into those of the categories that exist. Their names are written with the row, which the trigger
   * on its places would else write a second time.
   * @returns the product, with these categories.
   */
  async insert(product: NewProduct, categoryIds: readonly string[]): Promise<UnstockedRow> {
    const { id, sku, slug, name, description, priceAmount, priceCurrency, attributes, status } = product;
    return runForRow(
      this.rows.manager,
      sql`WITH inserted AS (
            INSERT INTO products AS p (
              id, sku, slug, name, description, price_amount, price_currency, attributes, status, category_names
            ) VALUES (${id}, ${sku}, ${slug}, ${name}, ${description}, ${priceAmount}, ${priceCurrency},
              ${JSON.stringify(attributes)}, ${status}, category_names(${categoryIds}))
            RETURNING ${OWN_COLUMNS}
          ), ${insertCategoryLinks(id, categoryIds)}
          SELECT inserted.*, ${categoriesFrom(raw('categories c JOIN known ON known.id = c.id'))} FROM inserted`,
    );
  }

  async update(id: string, change: ProductChange): Promise<void> {
    await this.rows.update(id, change);
  }

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }

  /**
   * Puts a product into those of the categories that exist, and no others.
   * @returns the ids of these categories, and whether the product was in others before.
   */
  async replaceCategories(
    id: string,
    categoryIds: readonly string[],
  ): Promise<{ known: string[]; haveChanged: boolean }> {
    const rows = await run<{ id: string | null; moved: boolean }>(
      this.rows.manager,
      sql`WITH left_out AS (
            DELETE FROM product_categories WHERE product_id = ${id} AND category_id <> ALL (${categoryIds}) RETURNING 1
          ), ${insertCategoryLinks(id, categoryIds)}
          SELECT known.id, false AS moved FROM known
          UNION ALL
          SELECT NULL, (SELECT count(*) FROM left_out) + (SELECT count(*) FROM placed) > 0`,
    );
    return {
      known: rows.flatMap((row) => row.id ?? []),
      haveChanged: rows.some(({ moved }) => moved),
    };
  }
}

/** Puts a product into categories, as part of a statement; `known` are those that exist. */
const insertCategoryLinks = (id: string, categoryIds: readonly string[]): Sql =>
  sql`known AS (SELECT c.id FROM categories c WHERE c.id = ANY (${categoryIds})),
    placed AS (
      INSERT INTO product_categories (product_id, category_id) SELECT ${id}::uuid, known.id FROM known ON CONFLICT DO NOTHING RETURNING 1
    )`;
