import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type as TransformTo } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** The parameters of every list; a feature's own query extends it with its filters and sorts. */
export class PageQuery {
  /**
   * How many rows a page has at most.
   * @example 20
   */
  @IsOptional()
  @TransformTo(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  /** Where to go on: `page.next` of the page before, as it is. Filters and sort are in it and need not be sent again. */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;
}

/** Where a page stands in its list. */
export class PageInfo {
  /**
   * How many rows the page has at most.
   * @example 20
   */
  limit: number;

  /**
   * The cursor of the next page; null on the last.
   * @example null
   */
  next: string | null;

  /**
   * How many rows the whole list has; only with `include=total`.
   * @example 3787
   */
  total?: number;
}

/** The class of a page of `item`s, for a feature's DTOs: `class ProductPage extends PageOf(ProductDto) {}`. */
export function PageOf<T>(item: Type<T>): Type<{ data: T[]; page: PageInfo }> {
  class Page {
    @ApiProperty({ type: [item], description: 'The rows of this page, in order.' })
    data: T[];

    @ApiProperty({ type: PageInfo })
    page: PageInfo;
  }
  return Page;
}
