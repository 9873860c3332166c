import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsNumber, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { type Attributes, AttributesProperty } from '../../common/attributes/attributes.js';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { type State, STATE, type Stated } from '../../common/http/syntax/etag.js';
import { MoneyDto } from '../../common/money/money.dto.js';
import type { Caller } from '../../common/security/caller.js';
import { IsDateTime } from '../../common/time/date-time.js';
import { StockDto, toStockDto } from '../../inventory/dto/stock.dto.js';
import { MAX_PHOTOS, ProductPhotoDto, type ProductPhotoRow, toProductPhotoDto } from './product-photo.dto.js';
import {
  OptionFacetDto,
  type OptionValue,
  ProductFamilyRefDto,
  toFamilyRefDto,
  VariantsDto,
} from './product-variants.dto.js';
import { PRODUCT_STATUSES, type ProductStatus } from '../entities/product.entity.js';

/** What customers make of a product. */
export class ProductRatingDto {
  /**
   * From 1 to 5, to one decimal place; null without reviews.
   * @example 4.3
   */
  @IsNumber({ maxDecimalPlaces: 1 })
  @Min(1)
  @Max(5)
  average: number | null;

  /**
   * How many reviews there are.
   * @example 12
   */
  count: number;
}

/** A category, as a product names it. */
export class ProductCategoryDto {
  @IsUUID()
  id: string;

  /** @example Lanterns */
  @MaxLength(80)
  name: string;

  /** @example lanterns-6c2b8a10 */
  @MaxLength(200)
  slug: string;
}

/** A product as it goes out. */
export class ProductDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** @example LANT-RED-01 */
  @MaxLength(64)
  sku: string;

  /**
   * Unique and stable; for addresses of pages.
   * @example red-metal-lantern-6c2b8a10
   */
  @MaxLength(300)
  slug: string;

  /** @example "Red Metal Lantern" */
  @MaxLength(200)
  name: string;

  /** @example "A lantern of painted iron, for a tea light." */
  @MaxLength(5000)
  description: string | null;

  price: MoneyDto;

  stock: StockDto;

  rating: ProductRatingDto;

  @ArrayMaxSize(20)
  categories: ProductCategoryDto[];

  /** In their order: the first one stands for the product. */
  @ArrayMaxSize(MAX_PHOTOS)
  photos: ProductPhotoDto[];

  /** The family that it is a variant of; null for none. */
  family: ProductFamilyRefDto | null;

  @AttributesProperty()
  attributes: Attributes;

  @ApiProperty({ enum: PRODUCT_STATUSES })
  status: ProductStatus;

  /** Counts its changes, but not those of its stock, its rating and its categories’ names; what `If-Match` needs of the ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** How many of the results are in a category, those below it included. */
export class CategoryFacetDto extends ProductCategoryDto {
  /**
   * Products of the results in it and below it.
   * @example 12
   */
  count: number;
}

/** The prices of the results in one currency. */
export class CurrencyFacetDto {
  /** @example GBP */
  @MaxLength(3)
  currency: string;

  /**
   * The lowest price, in minor units.
   * @example 295
   */
  minPrice: number;

  /**
   * The highest price, in minor units.
   * @example 1999
   */
  maxPrice: number;

  /**
   * How many of the results have a price in it.
   * @example 86
   */
  count: number;
}

/** What the results are made of; only with `include=facets`. */
export class FacetsDto {
  /** The categories that most of the results are in, at most 50. */
  @ArrayMaxSize(50)
  categories: CategoryFacetDto[];

  /**
   * The currency of `minPrice` and `maxPrice`: that of the query, or the shop's own.
   * @example GBP
   */
  @MaxLength(3)
  currency: string;

  /**
   * The lowest price in `currency`, in minor units; null without results in it.
   * @example 295
   */
  minPrice: number | null;

  /**
   * The highest price in `currency`, in minor units; null without results in it.
   * @example 1999
   */
  maxPrice: number | null;

  /** The prices of the results, currency by currency. */
  @ArrayMaxSize(300)
  prices: CurrencyFacetDto[];

  /**
   * How many of the results can be bought now.
   * @example 80
   */
  inStock: number;

  /** The options of the results’ families with their most frequent values, at most 200 values in all. */
  @ArrayMaxSize(200)
  options: OptionFacetDto[];

  /**
   * Whether there are so many results that their numbers and prices are estimates, made of some of them: more than 10,000.
   * @example false
   */
  estimated: boolean;
}

/** A product in a list. */
export class ListedProductDto extends ProductDto {
  /** Only with `collapse=family`: the matching variants of the product’s family; null without a family. */
  variants?: VariantsDto | null;
}

/** A page of products. */
export class ProductPage extends PageOf(ListedProductDto) {
  facets?: FacetsDto;
}

/** A category of a product as its queries give it. */
export interface ProductCategoryRow extends ProductCategoryDto {
  version: number;
}

/** A product as its queries give it. */
export interface ProductRow {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string | null;
  priceAmount: number;
  priceCurrency: string;
  onHand: number;
  reserved: number;
  /** The version of its stock level. */
  stockVersion: number;
  ratingCount: number;
  ratingSum: number;
  categories: ProductCategoryRow[];
  photos: ProductPhotoRow[];
  attributes: Attributes;
  status: ProductStatus;
  familyId: string | null;
  familyName: string | null;
  familyOptions: OptionValue[] | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** How many ratings a product has, and the sum of them. */
export type RatingTotals = Pick<ProductRow, 'ratingCount' | 'ratingSum'>;

const toRatingDto = ({ ratingCount: count, ratingSum: sum }: ProductRow): ProductRatingDto => ({
  average: count === 0 ? null : Math.round((sum / count) * 10) / 10,
  count,
});

/** What the state of a product is made of. */
export interface ProductState extends Pick<ProductRow, 'version' | 'stockVersion' | 'ratingCount' | 'ratingSum'> {
  /** How often its categories were changed, all together. */
  categoryChanges: number;
}

/**
 * A product shows its stock, its rating and the names of its categories, which change without a new version of the product: `7`
 * before they do, `7.2` of the second version of its stock, `7.2.12.53` with twelve ratings, `7.2.12.53.1` after one change of its
 * categories. Their changes can be summed up: a product of one version is in the same categories, whose versions only rise.
 */
export const stateOf = (state: ProductState): State => {
  const { version, stockVersion, ratingCount, ratingSum, categoryChanges } = state;
  if (categoryChanges > 0) return [version, stockVersion, ratingCount, ratingSum, categoryChanges].join('.');
  if (ratingCount > 0) return [version, stockVersion, ratingCount, ratingSum].join('.');
  return stockVersion > 1 ? [version, stockVersion].join('.') : version;
};

export const toProductDto = (row: ProductRow, caller?: Caller): ProductDto & Stated => ({
  [STATE]: stateOf({ ...row, categoryChanges: row.categories.reduce((sum, { version }) => sum + version - 1, 0) }),
  id: row.id,
  sku: row.sku,
  slug: row.slug,
  name: row.name,
  description: row.description,
  price: { amount: row.priceAmount, currency: row.priceCurrency },
  stock: toStockDto(row, caller),
  rating: toRatingDto(row),
  categories: row.categories.map(({ id, name, slug }) => ({ id, name, slug })),
  photos: row.photos.map(toProductPhotoDto),
  family: toFamilyRefDto(row),
  attributes: row.attributes,
  status: row.status,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
