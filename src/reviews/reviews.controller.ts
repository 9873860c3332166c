import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { IfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Owner, Public, SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller, OptionalCaller } from '../common/security/caller.js';
import { CreateReviewDto, UpdateReviewDto } from './dto/review-input.dto.js';
import { ReviewQuery } from './dto/review-query.dto.js';
import { ReviewDto, ReviewPage } from './dto/review.dto.js';
import { ReviewProductTaken } from './reviews.errors.js';
import { WriteReviews } from './reviews.permissions.js';
import { ReviewsService } from './reviews.service.js';

@About('What customers say about products, and how they rate them.')
@Controller('reviews')
export class ReviewsController {
  constructor(private readonly reviews: ReviewsService) {}

  /** Lists the reviews of products that customers can see, and your own. */
  @Get()
  @Public()
  @Cacheable(30)
  list(@Query() query: ReviewQuery, @OptionalCaller() caller?: Caller): Promise<ReviewPage> {
    return this.reviews.list(query, caller);
  }

  /** Returns a review. */
  @Get(':id')
  @Public()
  @Versioned(ReviewsService)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string, @OptionalCaller() caller?: Caller): Promise<ReviewDto> {
    return this.reviews.read(id, caller);
  }

  /** Creates a review of a product: one for each customer and product. */
  @Post()
  @SignedIn()
  @Idempotent()
  @Problems(ReviewProductTaken)
  create(@Body() review: CreateReviewDto, @CurrentCaller() caller: Caller): Promise<ReviewDto> {
    return this.reviews.create(review, caller);
  }

  /** Updates a review by a JSON Merge Patch: members that are left out stay, null removes. */
  @Patch(':id')
  @Owner(WriteReviews)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateReviewDto,
    @CurrentCaller() caller: Caller,
  ): Promise<ReviewDto> {
    return this.reviews.update(id, change, expected, caller);
  }

  /** Deletes a review. */
  @Delete(':id')
  @HttpCode(204)
  @Owner(WriteReviews)
  remove(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.reviews.remove(id, expected, caller);
  }
}
