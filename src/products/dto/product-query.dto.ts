import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';
import { itemsOf, listOf, truthOf } from '../../common/http/syntax/query.js';
import { IsCurrencyCode } from '../../common/money/money.dto.js';
import type { OptionValue } from './product-variants.dto.js';
import { PRODUCT_STATUSES, type ProductStatus } from '../entities/product.entity.js';

/** The orders that products can be listed in; `-` is descending. */
const PRODUCT_SORTS = ['name', '-name', 'price', '-price', 'createdAt', '-createdAt', 'relevance'] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

const EXTRAS = ['total', 'facets'] as const;

/** The filters and sorts of the list of products. */
export class ProductQuery extends PageQuery {
  /**
   * Words to search for, in any language: first what is named so, then what has the words as they are spelled, without accents,
   * inflected, only begun (two letters or more), and inside of other words (three letters or more). The first 8 count. Typing errors are
   * tolerated where no product has all of them.
   * @example lantern
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  q?: string;

  /** Only products in this category or below it. */
  @IsOptional()
  @IsUUID()
  categoryId?: string;

  /** Only the product with this SKU, compared without case. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  sku?: string;

  /** Only the product with this slug. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  slug?: string;

  /**
   * Only products with a price in this currency, an ISO 4217 code. `minPrice`, `maxPrice`, a sort by `price` and the prices in
   * facets are of this currency; without it, of the shop's own. Amounts of different currencies are never compared.
   */
  @IsOptional()
  @IsCurrencyCode()
  currency?: string;

  /** At least this price, in minor units of `currency`, or of the shop's own currency without it; no other prices match. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(999_999_999_999)
  minPrice?: number;

  /** At most this price, in minor units of `currency`, or of the shop's own currency without it; no other prices match. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(999_999_999_999)
  maxPrice?: number;

  /** `true`: only products that can be bought now; `false`: only the others. */
  @IsOptional()
  @Transform(truthOf)
  @IsBoolean()
  inStock?: boolean;

  /** Only the variants of this product family. */
  @IsOptional()
  @IsUUID()
  familyId?: string;

  /**
   * Only variants with this value of an option, as `name:value`; may be sent up to eight times. Of several values of one option a product
   * has one, and of several options all.
   */
  @IsOptional()
  @Transform(itemsOf)
  @IsArray()
  @ArrayMaxSize(8)
  @IsString({ each: true })
  @MaxLength(121, { each: true })
  @Matches(/^[^:]+:./, {
    each: true,
    message: 'each $property must be the name of an option and a value, with ":" between',
  })
  option?: string[];

  /**
   * `family`: one row for each product family. The first of its matching variants, in the order of the list, stands for it, and
   * `variants` sums them up. `total` counts these rows; `facets` count products.
   */
  @IsOptional()
  @IsIn(['family'])
  collapse?: 'family';

  /** Only products with this status; for staff. Everybody else sees active products. */
  @IsOptional()
  @IsIn(PRODUCT_STATUSES)
  status?: ProductStatus;

  /**
   * By default `relevance` for a search, else the newest first. By relevance up to 1,000 products are listed, those that fit best; other
   * orders list all of them. `price` lists the products with prices in `currency`, or in the shop's own currency without it. `name`
   * is by the Unicode Collation Algorithm.
   */
  @IsOptional()
  @IsIn(PRODUCT_SORTS)
  sort?: ProductSort;

  /** What to count as well: `total`, the number of all results; `facets`, the numbers by category, price, stock and option. */
  @ApiPropertyOptional({ enum: EXTRAS, isArray: true })
  @IsOptional()
  @Transform(listOf)
  @IsArray()
  @ArrayUnique()
  @IsIn(EXTRAS, { each: true })
  override include?: (typeof EXTRAS)[number][];
}

/** What a list of products is filtered and sorted by. */
export type ProductFilters = Omit<ProductQuery, 'limit' | 'cursor' | 'include' | 'collapse'>;

/** Whether the list is by price, which only prices in one currency have an order for. */
export const isByPrice = ({ sort }: Pick<ProductQuery, 'sort'>): boolean => sort === 'price' || sort === '-price';

/** The values of options that a query asks for. */
export const optionsOf = ({ option = [] }: Pick<ProductQuery, 'option'>): OptionValue[] =>
  option.map((text) => {
    const at = text.indexOf(':');
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
