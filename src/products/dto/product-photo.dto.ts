import { ArrayMaxSize, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator';
import { PhotoDto, type PhotoRow, toPhotoDto } from '../../photos/dto/photo.dto.js';

/** How many photos a product may have. */
export const MAX_PHOTOS = 20;

/** How long the text of a photo may be, in characters. */
export const MAX_ALT = 300;

/** A photo of a product as it goes out. */
export class ProductPhotoDto extends PhotoDto {
  /**
   * What it shows, for those who do not see it.
   * @example "A red lantern on a window sill"
   */
  @MaxLength(MAX_ALT)
  alt: string | null;
}

/** What may be changed of a photo of a product. */
export class UpdateProductPhotoDto {
  /**
   * What it shows, for those who do not see it; null removes it.
   * @example "A red lantern on a window sill"
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_ALT)
  alt?: string | null;

  /**
   * Its place among the photos of the product: 1 is the one that is shown first.
   * @example 1
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(1)
  @Max(MAX_PHOTOS)
  position?: number;
}

/** The photos of a product. */
export class ProductPhotosDto {
  /** In their order: the first one stands for the product. */
  @ArrayMaxSize(MAX_PHOTOS)
  data: ProductPhotoDto[];
}

/** A photo of a product as its queries give it. */
export interface ProductPhotoRow extends PhotoRow {
  alt: string | null;
}

export const toProductPhotoDto = (row: ProductPhotoRow): ProductPhotoDto =>
  Object.assign({ alt: row.alt }, toPhotoDto(row));
