import { ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator';

/** What a new review is made of. */
export class CreateReviewDto {
  /**
   * The id of the product.
   * @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10
   */
  @IsUUID()
  productId: string;

  /** @example 5 */
  @IsInt()
  @Min(1)
  @Max(5)
  rating: number;

  /** @example "Lights the whole garden" */
  @IsString()
  @MinLength(2)
  @MaxLength(120)
  title: string;

  /** @example "Two hours on one candle, and no wind puts it out." */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(5000)
  body?: string | null;
}

/** What may be changed of a review: a JSON Merge Patch. */
export class UpdateReviewDto extends PartialType(OmitType(CreateReviewDto, ['productId']), {
  skipNullProperties: false,
}) {
  /** Cannot change: leave it out. Another product than that of the review is refused. */
  @ApiPropertyOptional({ deprecated: true })
  @ValidateIf((_, value) => value !== undefined)
  @IsUUID()
  productId?: string;
}
