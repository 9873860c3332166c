import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { PageQuery } from '../../common/http/page.dto.js';

/** The orders that reviews can be listed in; `-` is descending. */
const SORTS = ['rating', '-rating', 'createdAt', '-createdAt'] as const;
export type ReviewSort = (typeof SORTS)[number];

/** The filters and sorts of the list of reviews. */
export class ReviewQuery extends PageQuery {
  /** Only those of this user. */
  @IsOptional()
  @IsUUID()
  ownerId?: string;

  /** Only those of this product. */
  @IsOptional()
  @IsUUID()
  productId?: string;

  /** At least this. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(5)
  minRating?: number;

  /** At most this. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(5)
  maxRating?: number;

  /** By default the newest first. */
  @IsOptional()
  @IsIn(SORTS)
  sort?: ReviewSort;
}
