import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { mergeAttributes } from '../common/attributes/attributes.js';
import { mapConstraintErrors } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import type { State } from '../common/http/syntax/etag.js';
import type { Caller } from '../common/security/caller.js';
import { slugOf } from '../common/text/slug.js';
import { InventoryService } from '../inventory/inventory.service.js';
import { PhotosService } from '../photos/photos.service.js';
import type { CreateProductDto, UpdateProductDto } from './dto/product-input.dto.js';
import { type ProductDto, type RatingTotals, stateOf, toProductDto } from './dto/product.dto.js';
import type { Product } from './entities/product.entity.js';
import { ProductReserved, SkuTaken } from './products.errors.js';
import { ProductCreated, ProductDeleted, ProductUpdated } from './products.events.js';
import { seesHiddenProducts } from './products.permissions.js';
import { ProductsPhotosRepository } from './products.photos.repository.js';
import { type ProductForOrder, ProductsRepository } from './products.repository.js';
import { skuKey } from './products.skus.js';

export type { ProductForOrder };

/** The products of the shop. */
@Injectable()
export class ProductsService {
  constructor(
    private readonly products: ProductsRepository,
    private readonly photoRows: ProductsPhotosRepository,
    private readonly inventory: InventoryService,
    private readonly photos: PhotosService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AppError 404 for what is not there, or is not active and not the caller's to see. */
  async read(id: string, caller?: Caller): Promise<ProductDto> {
    const row = await this.products.find(id);
    if (!row || !isVisible(row, caller)) throw notFound(id);
    return toProductDto(row, caller);
  }

  /** @throws AppError as {@link read}. */
  async readBySlug(slug: string, caller?: Caller): Promise<ProductDto> {
    const row = await this.products.findBySlug(slug);
    if (!row || !isVisible(row, caller)) throw new AppError(NotFound, 'There is no product with this slug.');
    return toProductDto(row, caller);
  }

  /** The state of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<State | undefined> {
    const state = await this.products.findState(id, caller);
    return state && stateOf(state);
  }

  /** The ids of the products with these SKUs, by SKU as it is given. */
  async idsOf(skus: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.products.findIds(skus);
    const ids = new Map(rows.map(({ id, sku }) => [skuKey(sku), id]));
    return new Map(
      skus.flatMap((sku) => {
        const id = ids.get(skuKey(sku));
        return id === undefined ? [] : [[sku, id]];
      }),
    );
  }

  /** Products as they are sold now, by id; drafts and archived ones also. */
  async findForOrder(ids: readonly string[]): Promise<Map<string, ProductForOrder>> {
    const rows = await this.products.findForOrder(ids);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** @throws AppError 422 for categories that do not exist, 409 for a SKU that another product has. */
  async create(input: CreateProductDto, caller: Caller): Promise<ProductDto> {
    const { sku, name, description = null, price, categoryIds = [], attributes = {}, status = 'active' } = input;
    const id = uuidv7();
    return this.transactions.run(async () => {
      const product = {
        id,
        sku,
        slug: slugOf(name, id, 'product'),
        name,
        description,
        attributes,
        status,
        priceAmount: price.amount,
        priceCurrency: price.currency,
      };
      const row = await mapWriteErrors(sku, this.products.insert(product, categoryIds));
      const known = row.categories.map((category) => category.id);
      requireAll(categoryIds, known);
      const { onHand, reserved, version: stockVersion } = await this.inventory.createLevel(id);
      this.events.publish(ProductCreated, row, row);
      return toProductDto({ ...row, photos: [], onHand, reserved, stockVersion }, caller);
    });
  }

  async update(id: string, change: UpdateProductDto, expected: ExpectedVersions, caller: Caller): Promise<ProductDto> {
    const { categoryIds, price, attributes, ...plain } = change;
    return this.transactions.run(async () => {
      const product = await this.lock(id);
      requireVersion(expected, product.version);
      const sku = plain.sku ?? product.sku;
      const moved = categoryIds ? await mapWriteErrors(sku, this.placeIn(id, categoryIds)) : false;
      await mapWriteErrors(
        sku,
        this.products.update(id, {
          ...plain,
          ...(price && { priceAmount: price.amount, priceCurrency: price.currency }),
          ...(attributes && { attributes: mergeAttributes(product.attributes, attributes, 'attributes') }),
          // a product shows its categories, but its own row does not have them
          ...(moved && { version: product.version + 1 }),
        }),
      );
      const updated = await this.read(id, caller);
      if (updated.version !== product.version) this.events.publish(ProductUpdated, updated, updated);
      return updated;
    });
  }

  /** @throws AppError 404; 409 while units of it are reserved: its reservations would go with it. */
  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      const product = await this.lock(id);
      requireVersion(expected, product.version);
      const reserved = (await this.inventory.lockLevels([id])).get(id)?.reserved ?? 0;
      if (reserved > 0) throw new AppError(ProductReserved, `${String(reserved)} units are reserved.`);
      const photoIds = (await this.photoRows.findOf(id)).map((photo) => photo.id);
      await this.photoRows.delete(photoIds);
      await this.products.delete(id);
      await this.photos.remove(photoIds, { type: 'product', id });
      this.events.publish(ProductDeleted, { id, version: product.version + 1 }, product);
    });
  }

  /**
   * Sets how a product is rated, which is no new version of it; nothing where there is no such product.
   * @param sumRatings reads the ratings once the product is locked, so that what is set last is read last.
   */
  async updateRating(id: string, sumRatings: () => Promise<RatingTotals>): Promise<void> {
    await this.transactions.run(async () => {
      if (await this.products.lockForRating(id)) await this.products.updateRating(id, await sumRatings());
    });
  }

  /** Counts a change of what a locked product shows and its own row does not have. */
  async countChange(product: Product): Promise<void> {
    const version = product.version + 1;
    await this.products.update(product.id, { version });
    this.events.publish(ProductUpdated, { id: product.id, version }, product);
  }

  /** Locks a product until the end of the unit of work. @throws AppError 404. */
  async lock(id: string): Promise<Product> {
    const product = await this.products.lock(id);
    if (!product) throw notFound(id);
    return product;
  }

  /**
   * Puts the product into these categories and no others.
   * @returns whether that changed anything.
   * @throws AppError 422 for categories that do not exist.
   */
  private async placeIn(id: string, categoryIds: readonly string[]): Promise<boolean> {
    const { known, haveChanged } = await this.products.replaceCategories(id, categoryIds);
    requireAll(categoryIds, known);
    return haveChanged;
  }
}

/** @throws AppError 422 naming, by its place in `categoryIds`, each that does not exist. */
function requireAll(categoryIds: readonly string[], known: readonly string[]): void {
  const missing = categoryIds.filter((id) => !known.includes(id));
  if (missing.length === 0) return;
  throw new AppError(ValidationFailed, 'Some of the categories do not exist.', {
    errors: missing.map((id) => ({
      pointer: `#/categoryIds/${String(categoryIds.indexOf(id))}`,
      code: 'exists',
      detail: `there is no category ${id}`,
    })),
  });
}

const isVisible = ({ status }: Pick<Product, 'status'>, caller: Caller | undefined): boolean =>
  status === 'active' || seesHiddenProducts(caller);

const notFound = (id: string): AppError => new AppError(NotFound, `There is no product ${id}.`);

/** Awaits a write of a product; when the tables refuse it, throws what is wrong with the product. */
function mapWriteErrors<T>(sku: string, write: Promise<T>): Promise<T> {
  return mapConstraintErrors(
    {
      products_sku_unique: () => new AppError(SkuTaken, `There is already a product with the SKU ${sku}.`),
      product_categories_category_fk: deletedCategory,
    },
    write,
  );
}

/** For a category that was there when it was looked up, and is deleted since. */
const deletedCategory = (): AppError =>
  new AppError(ValidationFailed, 'Some of the categories do not exist.', {
    errors: [{ pointer: '#/categoryIds', code: 'exists', detail: 'one of the categories was just deleted' }],
  });
