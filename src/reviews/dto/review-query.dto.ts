import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';

/** The orders that reviews can be listed in; `-` is descending. */
const SORTS = ['rating', '-rating', 'createdAt', '-createdAt'] as const;
export type ReviewSort = (typeof SORTS)[number];

/** The filters and sorts of the list of reviews. */
export class ReviewQuery extends PageQuery {
  /** Only the rows of this user. */
  @IsOptional()
  @IsUUID()
  ownerId?: string;

  /** Only the rows of this product. */
  @IsOptional()
  @IsUUID()
  productId?: string;

  /** The minimum. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(5)
  minRating?: number;

  /** The maximum. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(5)
  maxRating?: number;

  /** The order; by default the newest first. */
  @IsOptional()
  @IsIn(SORTS)
  sort?: ReviewSort;
}
