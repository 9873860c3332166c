import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type ConstraintErrors, mapConstraintErrors } from '../common/database/constraints.js';
import type { SortKey } from '../common/database/keyset.js';
import { queryShared, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { Problem } from '../common/errors/problem.js';
import { NotFound, ValidationFailed } from '../common/errors/problems.js';
import { type ExpectedVersions, requireVersion } from '../common/http/conditional/conditional.js';
import { Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { requireOwner } from '../common/security/owners.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import type { CreateReviewDto, UpdateReviewDto } from './dto/review-input.dto.js';
import type { ReviewQuery, ReviewSort } from './dto/review-query.dto.js';
import { type ReviewDto, type ReviewPage, type ReviewRow, toReviewDto } from './dto/review.dto.js';
import { Review } from './entities/review.entity.js';
import { WriteReviews } from './reviews.permissions.js';
import { ReviewProductTaken } from './reviews.problems.js';

const COLUMNS = raw(`
  r.id, r.owner_id AS "ownerId", (SELECT u.name FROM users u WHERE u.id = r.owner_id) AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version,
  r.created_at AS "createdAt", r.updated_at AS "updatedAt"`);

/** Who writes a review, or reads one. */
type Author = Pick<Caller, 'userId' | 'permissions'>;

/** The reviews of the shop. */
@Injectable()
export class ReviewsService {
  constructor(
    @InjectRepository(Review) private readonly reviews: Repository<Review>,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** One page of what the query means, of the reviews that the caller may see. */
  async list(asked: ReviewQuery, caller?: Caller): Promise<ReviewPage> {
    const list = this.pages.open(asked);
    return this.pages.read(
      this.reviews.manager,
      list,
      {
        columns: COLUMNS,
        from: raw('reviews r'),
        where: [isVisible(caller), ...conditionsOf(list.query)],
        id: raw('r.id'),
        sort: SORTS[list.query.sort ?? '-createdAt'],
      },
      toReviewDto,
    );
  }

  /** @throws Problem 404 for what is not there, or is of a product that is not the caller's to see. */
  async read(id: string, caller?: Author): Promise<ReviewDto> {
    const [row] = await queryShared<ReviewRow>(
      this.reviews.manager,
      sql`SELECT ${COLUMNS} FROM reviews r WHERE r.id = ${id} AND ${isVisible(caller)}`,
    );
    if (!row) throw notFound(id);
    return toReviewDto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<number | undefined> {
    const [row] = await queryShared<{ version: number }>(
      this.reviews.manager,
      sql`SELECT version FROM reviews r WHERE r.id = ${id} AND ${isVisible(caller)}`,
    );
    return row?.version;
  }

  /** @throws Problem 422 when there is no such product for the caller; 409 for a second review of one product. */
  async create({ productId, rating, title, body = null }: CreateReviewDto, caller: Author): Promise<ReviewDto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      const created = await mapConstraintErrors(
        CONSTRAINT_ERRORS,
        run(
          this.reviews.manager,
          sql`INSERT INTO reviews (id, owner_id, product_id, rating, title, body)
              SELECT ${id}::uuid, ${caller.userId}::uuid, p.id, ${rating}::integer, ${title}::text, ${body}::text
              FROM products p WHERE p.id = ${productId} AND (${seesHiddenProducts(caller)} OR p.status = 'active')
              RETURNING id`,
        ),
      );
      if (created.length === 0) throw noProduct();
      return this.read(id, caller);
    });
  }

  /** @throws Problem 422 for another product: a review stays with the one that it was written about. */
  async update(
    id: string,
    { productId, ...change }: UpdateReviewDto,
    expected: ExpectedVersions,
    caller: Caller,
  ): Promise<ReviewDto> {
    return this.transactions.run(async () => {
      const review = await this.lock(id, caller);
      requireVersion(expected, review.version);
      if (productId !== undefined && productId !== review.productId) throw otherProduct();
      await this.reviews.update(id, change);
      return this.read(id, caller);
    });
  }

  async remove(id: string, expected: ExpectedVersions, caller: Caller): Promise<void> {
    await this.transactions.run(async () => {
      requireVersion(expected, (await this.lock(id, caller)).version);
      await this.reviews.delete(id);
    });
  }

  /** @throws Problem 404, also for someone else's without the permission. */
  private async lock(id: string, caller: Caller): Promise<Review> {
    const review = await this.reviews.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    return requireOwner(review, caller, WriteReviews, () => notFound(id));
  }
}

const notFound = (id: string): Problem => new Problem(NotFound, `There is no review ${id}.`);

const noProduct = (): Problem =>
  new Problem(ValidationFailed, 'The product does not exist.', {
    errors: [{ pointer: '#/productId', code: 'exists', detail: 'must be there' }],
  });

const otherProduct = (): Problem =>
  new Problem(ValidationFailed, 'A review cannot be moved to another product.', {
    errors: [
      { pointer: '#/productId', code: 'unchanged', detail: 'must be left out, or be the product of the review' },
    ],
  });

/** Reviews of products that are hidden from a caller are hidden, too; but everybody sees their own. */
const isVisible = (caller: Author | undefined): Sql => {
  if (seesHiddenProducts(caller)) return sql`true`;
  const isOfActive = raw("EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')");
  return caller ? sql`(${isOfActive} OR r.owner_id = ${caller.userId})` : isOfActive;
};

/** What the table refuses, in words. */
const CONSTRAINT_ERRORS: ConstraintErrors = {
  reviews_product_id_unique_of_owner: () =>
    new Problem(ReviewProductTaken, 'You have a review of this product already.'),
};

const conditionsOf = ({ ownerId, productId, minRating, maxRating }: ReviewQuery): Sql[] =>
  [
    ownerId !== undefined && sql`r.owner_id = ${ownerId}`,
    productId !== undefined && sql`r.product_id = ${productId}`,
    minRating !== undefined && sql`r.rating >= ${minRating}`,
    maxRating !== undefined && sql`r.rating <= ${maxRating}`,
  ].filter((condition) => condition !== false);

const SORTS: Record<ReviewSort, SortKey> = {
  rating: { expression: raw('r.rating'), type: 'bigint', descending: false },
  '-rating': { expression: raw('r.rating'), type: 'bigint', descending: true },
  createdAt: { expression: raw('r.created_at'), type: 'timestamptz', descending: false },
  '-createdAt': { expression: raw('r.created_at'), type: 'timestamptz', descending: true },
};
