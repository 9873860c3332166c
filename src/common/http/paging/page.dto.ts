import type { Type } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type as TransformTo } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { listOf } from '../syntax/query.js';

/** How many rows a page can have. */
const MAX_LIMIT = 100;
/** Characters: what the longest filters and sort key of a list take when they are encrypted and in base64url. */
const MAX_CURSOR = 10_240;
/** Totals are counted up to here: a list is walked, not numbered. */
export const MAX_TOTAL = 10_000;

/** The parameters of every list; a feature's own query extends it with its filters and sorts. */
export class PageQuery {
  /**
   * The maximum number of rows of a page.
   * @example 20
   */
  @IsOptional()
  @TransformTo(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = 20;

  /**
   * Where to continue: `page.next` of the page before, unchanged. It is of one list, with its filters and sort, which need
   * not be sent again.
   */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  cursor?: string;

  /** What to count as well: `total`, the number of all rows. */
  @ApiPropertyOptional({ enum: ['total'], isArray: true })
  @IsOptional()
  @Transform(listOf)
  @IsArray()
  @ArrayUnique()
  @IsIn(['total'], { each: true })
  include?: string[];
}

/** Where a page stands in its list. */
export class PageInfo {
  /**
   * How many rows the page has at most.
   * @example 20
   */
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number;

  /**
   * The cursor of the next page; null on the last.
   * @example null
   */
  @MaxLength(MAX_CURSOR)
  next: string | null;

  /**
   * How many rows the whole list has, counted up to 10,000; only with `include=total`.
   * @example 3787
   */
  @Max(MAX_TOTAL)
  total?: number;

  /**
   * Whether the list has more rows than `total`, which nobody has counted; only with `include=total`.
   * @example false
   */
  totalIsEstimate?: boolean;
}

/** The class of a page of `item`s, for a feature's DTOs: `class ProductPage extends PageOf(ProductDto) {}`. */
export function PageOf<T>(item: Type<T>): Type<{ data: T[]; page: PageInfo }> {
  class Page {
    @ApiProperty({ type: [item], description: 'The rows of this page, in order.' })
    @ArrayMaxSize(MAX_LIMIT)
    data: T[];

    @ApiProperty({ type: PageInfo })
    page: PageInfo;
  }
  return Page;
}
