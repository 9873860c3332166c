import { createHash } from 'node:crypto';
import { IsUUID, Max, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { type State, STATE, type Stated } from '../../common/http/syntax/etag.js';
import { IsDateTime } from '../../common/time/date-time.js';

/** A review as it goes out. */
export class ReviewDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /** The user who wrote it. */
  @IsUUID()
  ownerId: string;

  /**
   * The name of the user who wrote it, as it is now; a pseudonym once the user is erased.
   * @example "Cleo Customer"
   */
  @MaxLength(100)
  authorName: string;

  /**
   * The id of the product.
   * @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10
   */
  @IsUUID()
  productId: string;

  /** @example 5 */
  @Min(1)
  @Max(5)
  rating: number;

  /** @example "Lights the whole garden" */
  @MaxLength(120)
  title: string;

  /** @example "Two hours on one candle, and no wind puts it out." */
  @MaxLength(5000)
  body: string | null;

  /** Counts its changes, but not those of the name of its author; what `If-Match` needs of the ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of reviews. */
export class ReviewPage extends PageOf(ReviewDto) {}

/** A review as its queries give it. */
export interface ReviewRow {
  id: string;
  ownerId: string;
  authorName: string;
  productId: string;
  rating: number;
  title: string;
  body: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What the state of a review is made of. */
export type ReviewState = Pick<ReviewRow, 'version' | 'authorName'>;

/**
 * A review shows the name of its author, which changes without a new version of the review: `7.2893415.98765` stands for version 7 and
 * 64 bits of a hash of the name. The version of the user is not in it: everybody could see from that how often the account changed.
 */
export function stateOf({ version, authorName }: ReviewState): State {
  const hash = createHash('sha256').update(authorName).digest();
  return [version, hash.readUInt32BE(0), hash.readUInt32BE(4)].join('.');
}

export const toReviewDto = (row: ReviewRow): ReviewDto & Stated => ({
  [STATE]: stateOf(row),
  id: row.id,
  ownerId: row.ownerId,
  authorName: row.authorName,
  productId: row.productId,
  rating: row.rating,
  title: row.title,
  body: row.body,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
