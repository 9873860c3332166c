import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type ConstraintErrors, mapConstraintErrors } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { State } from '../common/http/syntax/etag.js';
import type { Caller } from '../common/security/caller.js';
import { requireOwner } from '../common/security/owners.js';
import { ProductsService } from '../products/products.service.js';
import type { CreateReviewDto, UpdateReviewDto } from './dto/review-input.dto.js';
import type { ReviewQuery } from './dto/review-query.dto.js';
import { type ReviewDto, type ReviewPage, stateOf, toReviewDto } from './dto/review.dto.js';
import type { Review } from './entities/review.entity.js';
import { ReviewProductTaken } from './reviews.errors.js';
import { ReviewCreated, ReviewDeleted, ReviewUpdated } from './reviews.events.js';
import { WriteReviews } from './reviews.permissions.js';
import { type Author, ReviewsRepository } from './reviews.repository.js';

/** The reviews of the shop. */
@Injectable()
export class ReviewsService implements OnModuleInit {
  constructor(
    private readonly reviews: ReviewsRepository,
    private readonly products: ProductsService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.events.handle(
      'ratings of products',
      [ReviewCreated, ReviewUpdated, ReviewDeleted],
      ({ data: { productId } }) => this.products.updateRating(productId, () => this.reviews.sumRatings(productId)),
    );
  }

  /** One page of what the query means, of the reviews that the caller may see. */
  async list(asked: ReviewQuery, caller?: Caller): Promise<ReviewPage> {
    return mapPage(await this.reviews.readPage(this.pages.open(asked), caller), toReviewDto);
  }

  /** @throws AppError 404 for what is not there, or is of a product that is not the caller's to see. */
  async read(id: string, caller?: Author): Promise<ReviewDto> {
    const row = await this.reviews.find(id, caller);
    if (!row) throw notFound(id);
    return toReviewDto(row);
  }

  /** The state of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<State | undefined> {
    const state = await this.reviews.findState(id, caller);
    return state && stateOf(state);
  }

  /** @throws AppError 422 when there is no such product for the caller; 409 for a second review of one product. */
  async create({ body = null, ...review }: CreateReviewDto, caller: Author): Promise<ReviewDto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      const inserted = this.reviews.insert({ id, ...review, body }, caller);
      if (!(await mapConstraintErrors(CONSTRAINT_ERRORS, inserted))) throw noProduct();
      const created = await this.read(id, caller);
      this.events.publish(ReviewCreated, created, created);
      return created;
    });
  }

  /** @throws AppError 422 for another product: a review stays with the one that it was written about. */
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
      const updated = await this.read(id, caller);
      if (updated.version !== review.version) this.events.publish(ReviewUpdated, updated, updated);
      return updated;
    });
  }

  async remove(id: string, expected: ExpectedVersions, caller: Caller): Promise<void> {
    await this.transactions.run(async () => {
      const review = await this.lock(id, caller);
      requireVersion(expected, review.version);
      await this.reviews.delete(id);
      this.events.publish(ReviewDeleted, { id, version: review.version + 1 }, review);
    });
  }

  /** @throws AppError 404, also for someone else's without the permission. */
  private async lock(id: string, caller: Caller): Promise<Review> {
    return requireOwner(await this.reviews.lock(id), caller, WriteReviews, () => notFound(id));
  }
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no review ${id}.`);

const noProduct = (): AppError =>
  new AppError(ValidationFailed, 'The product does not exist.', {
    errors: [{ pointer: '#/productId', code: 'exists', detail: 'there is no product with this id' }],
  });

const otherProduct = (): AppError =>
  new AppError(ValidationFailed, 'A review cannot be moved to another product.', {
    errors: [
      { pointer: '#/productId', code: 'unchanged', detail: 'must be left out, or be the product of the review' },
    ],
  });

/** What the table refuses, in words. */
const CONSTRAINT_ERRORS: ConstraintErrors = {
  // the product was there when it was looked up, and is deleted since
  reviews_product_fk: noProduct,
  reviews_product_id_unique_of_owner: () =>
    new AppError(ReviewProductTaken, 'You have a review of this product already.'),
};
