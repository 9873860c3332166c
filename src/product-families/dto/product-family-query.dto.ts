import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../common/http/paging/page.dto.js';

/** The orders that product families can be listed in; `-` is descending. */
const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;
export type ProductFamilySort = (typeof SORTS)[number];

/** The filters and sorts of the list of product families. */
export class ProductFamilyQuery extends PageQuery {
  /** Only the family with this code. */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  code?: string;

  /**
   * Only the family with this slug.
   * @example harbour-t-shirt-6c2b8a10
   */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  slug?: string;

  /** By default the newest first. `name` is by the Unicode Collation Algorithm. */
  @IsOptional()
  @IsIn(SORTS)
  sort?: ProductFamilySort;
}
