import { ArrayMaxSize, IsOptional, IsString, IsUUID, MaxLength, Min, MinLength } from 'class-validator';
import { OmitType, PartialType } from '@nestjs/swagger';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';

/** How many levels the tree has at most, for the API and for imports. */
export const MAX_DEPTH = 8;
/** How long a name is at most, in characters. */
export const MAX_NAME = 80;

/** What a new category is made of. */
export class CreateCategoryDto {
  /**
   * Unique among its siblings.
   * @example Lanterns
   */
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_NAME)
  name: string;

  /**
   * The category that it stands below; null at the top. The tree has at most 8 levels.
   * @example null
   */
  @IsOptional()
  @IsUUID()
  parentId?: string | null;
}

/** What may be changed of a category. */
export class UpdateCategoryDto extends PartialType(OmitType(CreateCategoryDto, ['parentId']), {
  skipNullProperties: false,
}) {
  /** The category that it moves below, with all that is below it; null moves it to the top. The tree has at most 8 levels. */
  @IsOptional()
  @IsUUID()
  parentId?: string | null;
}

/** The filters of the list of categories. */
export class CategoryQuery extends PageQuery {
  /** Only the direct children of this category. */
  @IsOptional()
  @IsUUID()
  parentId?: string;

  /**
   * Only the category with this slug.
   * @example lanterns-6c2b8a10
   */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  slug?: string;
}

/** A category as it goes out. */
export class CategoryDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** The category above; null at the top. */
  @IsUUID()
  parentId: string | null;

  /** @example Lanterns */
  @MaxLength(80)
  name: string;

  /**
   * Unique and stable; for addresses of pages.
   * @example lanterns-6c2b8a10
   */
  @MaxLength(200)
  slug: string;

  /**
   * The names from the top down to it.
   * @example ["Home & Garden", "Lanterns"]
   */
  @ArrayMaxSize(MAX_DEPTH)
  @MaxLength(MAX_NAME, { each: true })
  path: string[];

  /** Counts its changes; also its ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of categories. */
export class CategoryPage extends PageOf(CategoryDto) {}

/** A category as its queries give it. */
export interface CategoryRow {
  id: string;
  parentId: string | null;
  name: string;
  slug: string;
  path: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export const toCategoryDto = (row: CategoryRow): CategoryDto => ({
  id: row.id,
  parentId: row.parentId,
  name: row.name,
  slug: row.slug,
  path: row.path,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
