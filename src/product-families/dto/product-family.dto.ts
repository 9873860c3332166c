import { hash } from 'node:crypto';
import { ArrayMaxSize, IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { type State, STATE, type Stated } from '../../common/http/syntax/etag.js';
import { IsDateTime } from '../../common/time/date-time.js';
import {
  MAX_MEMBERS,
  MAX_OPTION_NAME,
  MAX_OPTIONS,
  OptionsProperty,
  type OptionValue,
  toOptionsDto,
} from '../../products/dto/product-variants.dto.js';

/** A family in a list. */
export class ListedProductFamilyDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** @example HARBOUR-T */
  @MaxLength(255)
  code: string | null;

  /** @example "Harbour T-shirt" */
  @MaxLength(200)
  name: string;

  /**
   * Unique and stable; for addresses of pages.
   * @example harbour-t-shirt-6c2b8a10
   */
  @MaxLength(200)
  slug: string;

  /**
   * The names of what the members differ in, in order.
   * @example ["Size", "Colour"]
   */
  @ArrayMaxSize(MAX_OPTIONS)
  @MaxLength(MAX_OPTION_NAME, { each: true })
  options: string[];

  /** Counts its changes and those of its members’ values, but not deleted products; what `If-Match` needs of the ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A member of a family. */
export class ProductFamilyMemberDto {
  @IsUUID()
  productId: string;

  @OptionsProperty()
  options: Record<string, string>;
}

/** A family as it goes out. */
export class ProductFamilyDto extends ListedProductFamilyDto {
  /** Those that the caller may see, in the order in which the products were created. */
  @ArrayMaxSize(MAX_MEMBERS)
  members: ProductFamilyMemberDto[];
}

/** A page of families. */
export class ProductFamilyPage extends PageOf(ListedProductFamilyDto) {}

/** A family in a list as its queries give it. */
export interface ListedProductFamilyRow {
  id: string;
  code: string | null;
  name: string;
  slug: string;
  options: string[];
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** A family with the members that a reader may see, as its queries give it. */
export interface ProductFamilyRow extends ListedProductFamilyRow {
  members: { productId: string; options: OptionValue[] }[];
}

/** What the state of a family is made of. */
export interface ProductFamilyState {
  version: number;
  /** The products that a reader may see of it, in the order of their ids. */
  memberIds: readonly string[];
}

/**
 * A family shows its active members, which products become and cease to be without a new version of it: two numbers of 32 bits stand
 * for them.
 */
export function stateOf({ version, memberIds }: ProductFamilyState): State {
  if (memberIds.length === 0) return version;
  const digest = hash('sha256', memberIds.join(), 'buffer');
  return [version, digest.readUInt32BE(0), digest.readUInt32BE(4)].join('.');
}

const shownOf = (row: ListedProductFamilyRow) => ({
  id: row.id,
  code: row.code,
  name: row.name,
  slug: row.slug,
  options: row.options,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

export const toListedProductFamilyDto = (row: ListedProductFamilyRow): ListedProductFamilyDto => shownOf(row);

export const toProductFamilyDto = (row: ProductFamilyRow): ProductFamilyDto & Stated => ({
  [STATE]: stateOf({ version: row.version, memberIds: row.members.map(({ productId }) => productId) }),
  ...shownOf(row),
  members: row.members.map(({ productId, options }) => ({ productId, options: toOptionsDto(options) })),
});
