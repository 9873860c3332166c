import slugify from '@sindresorhus/slugify';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { mergeAttributes } from '../common/attributes/attributes.js';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { queryShared, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import type { State } from '../common/http/syntax/etag.js';
import type { Caller } from '../common/security/caller.js';
import type { CreateProductDto, UpdateProductDto } from './dto/product-input.dto.js';
import { type ProductDto, type ProductRow, stateOf, toProductDto } from './dto/product.dto.js';
import { Product } from './entities/product.entity.js';
import { SkuTaken } from './products.errors.js';
import { seesHiddenProducts } from './products.permissions.js';
import { PRODUCT_COLUMNS } from './products.search.js';

/** The products of the shop. */
@Injectable()
export class ProductsService {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AppError 404 for what is not there, or is not active and not the caller's to see. */
  async read(id: string, caller?: Caller): Promise<ProductDto> {
    const [row] = await queryShared<ProductRow>(
      this.products.manager,
      sql`SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.id = ${id}`,
    );
    if (!row || (row.status !== 'active' && !seesHiddenProducts(caller))) throw notFound(id);
    return toProductDto(row, caller);
  }

  /** The state of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<State | undefined> {
    const [row] = await queryShared<Pick<ProductRow, 'version' | 'ratingCount' | 'ratingSum'>>(
      this.products.manager,
      sql`SELECT version, rating_count AS "ratingCount", rating_sum AS "ratingSum" FROM products WHERE id = ${id} AND (${seesHiddenProducts(caller)} OR status = 'active')`,
    );
    return row && stateOf(row);
  }

  /** The ids of the products with these SKUs, by SKU. */
  async idsOf(skus: readonly string[]): Promise<Map<string, string>> {
    const rows = await run<{ id: string; sku: string }>(
      this.products.manager,
      sql`SELECT id, sku FROM products WHERE sku = ANY (${skus})`,
    );
    return new Map(rows.map(({ id, sku }) => [sku, id]));
  }

  async create(input: CreateProductDto, caller: Caller): Promise<ProductDto> {
    const { sku, name, description = null, price, categoryIds = [], attributes = {}, status = 'active' } = input;
    const id = uuidv7();
    return this.transactions.run(async () => {
      const known = await unlessSkuTaken(
        sku,
        run<{ id: string }>(
          this.products.manager,
          sql`WITH made AS (
            INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, attributes, status)
            VALUES (${id}, ${sku}, ${slugOf(name, id)}, ${name}, ${description}, ${price.amount}, ${price.currency},
              ${JSON.stringify(attributes)}, ${status})
          ), ${insertCategoryLinks(id, categoryIds)} SELECT id FROM known`,
        ),
      );
      requireAll(categoryIds, known);
      return this.read(id, caller);
    });
  }

  async update(id: string, change: UpdateProductDto, expected: ExpectedVersions, caller: Caller): Promise<ProductDto> {
    const { categoryIds, price, attributes, ...plain } = change;
    return this.transactions.run(async () => {
      const product = await this.lock(id);
      requireVersion(expected, product.version);
      const moved = categoryIds ? await this.placeIn(id, categoryIds) : false;
      await unlessSkuTaken(
        plain.sku ?? product.sku,
        this.products.update(id, {
          ...plain,
          ...(price && { priceAmount: price.amount, priceCurrency: price.currency }),
          ...(attributes && { attributes: mergeAttributes(product.attributes, attributes, 'attributes') }),
          // a product shows its categories, but its own row does not have them
          ...(moved && { version: product.version + 1 }),
        }),
      );
      return this.read(id, caller);
    });
  }

  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      requireVersion(expected, (await this.lock(id)).version);
      await this.products.delete(id);
    });
  }

  private async lock(id: string): Promise<Product> {
    const product = await this.products.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!product) throw notFound(id);
    return product;
  }

  /** Puts the product into these categories and no others. @returns whether that changed anything. */
  private async placeIn(id: string, categoryIds: readonly string[]): Promise<boolean> {
    const rows = await run<{ id: string; moved: boolean }>(
      this.products.manager,
      sql`WITH left_out AS (
            DELETE FROM product_categories WHERE product_id = ${id} AND category_id <> ALL (${categoryIds}) RETURNING 1
          ), ${insertCategoryLinks(id, categoryIds)}
          SELECT known.id, false AS moved FROM known
          UNION ALL
          SELECT NULL, (SELECT count(*) FROM left_out) + (SELECT count(*) FROM placed) > 0`,
    );
    requireAll(categoryIds, rows);
    return rows.some(({ moved }) => moved);
  }
}

/** Puts a product into categories, as part of a statement; `known` are those that exist. */
const insertCategoryLinks = (id: string, categoryIds: readonly string[]): Sql =>
  sql`known AS (SELECT c.id FROM categories c WHERE c.id = ANY (${categoryIds})),
    placed AS (
      INSERT INTO product_categories (product_id, category_id) SELECT ${id}::uuid, known.id FROM known ON CONFLICT DO NOTHING RETURNING 1
    )`;

/** @throws AppError 422 naming, by its place in `categoryIds`, each that does not exist. */
function requireAll(categoryIds: readonly string[], found: readonly { id: string }[]): void {
  const known = new Set(found.map(({ id }) => id));
  const missing = categoryIds.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  throw new AppError(ValidationFailed, 'Some of the categories do not exist.', {
    errors: missing.map((id) => ({
      pointer: `#/categoryIds/${String(categoryIds.indexOf(id))}`,
      code: 'exists',
      detail: `there is no category ${id}`,
    })),
  });
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no product ${id}.`);

/** Readable, stable, and unique by the random end of the id. */
export const slugOf = (name: string, id: string): string =>
  `${slugify(name).slice(0, 100) || 'product'}-${id.slice(-8)}`;

function unlessSkuTaken<T>(sku: string, write: Promise<T>): Promise<T> {
  const taken = (): AppError => new AppError(SkuTaken, `There is already a product with the SKU ${sku}.`);
  return mapConstraintErrors({ products_sku_unique: taken }, write);
}
