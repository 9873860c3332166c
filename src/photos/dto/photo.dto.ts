import { IsUUID, MaxLength, Min } from 'class-validator';
import type { Photo } from '../entities/photo.entity.js';
import { PHOTO_VARIANTS, type PhotoVariantName } from '../entities/photo-variant.entity.js';

/** Where a photo is found, size by size. Each one is AVIF, WebP or JPEG, as `Accept` has it. */
export class PhotoUrlsDto {
  /**
   * As it was sent, but not larger than 2560 pixels.
   * @example /api/v1/photos/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10/original
   */
  @MaxLength(200)
  original: string;

  /**
   * Not larger than 1600 pixels.
   * @example /api/v1/photos/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10/large
   */
  @MaxLength(200)
  large: string;

  /**
   * Not larger than 800 pixels.
   * @example /api/v1/photos/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10/medium
   */
  @MaxLength(200)
  medium: string;

  /**
   * Not larger than 200 pixels.
   * @example /api/v1/photos/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10/thumb
   */
  @MaxLength(200)
  thumb: string;
}

/** A photo as it goes out. */
export class PhotoDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /**
   * Of the original, in pixels.
   * @example 1600
   */
  @Min(1)
  width: number;

  /**
   * Of the original, in pixels.
   * @example 1200
   */
  @Min(1)
  height: number;

  /**
   * A ThumbHash in Base64: a tiny picture to show until the photo is there.
   * @example 1QcSHQRnh493V4dIh4eXh1h4kJUI
   */
  @MaxLength(60)
  thumbHash: string;

  /** Whether its files are there; false when the storage has lost them. */
  available: boolean;

  urls: PhotoUrlsDto;
}

/** A photo as its queries give it. */
export type PhotoRow = Pick<Photo, 'id' | 'width' | 'height' | 'thumbHash' | 'state'>;

const urlOf = (id: string, variant: PhotoVariantName): string => `/api/v1/photos/${id}/${variant}`;

export const toPhotoDto = ({ id, width, height, thumbHash, state }: PhotoRow): PhotoDto => ({
  id,
  width,
  height,
  thumbHash,
  available: state !== 'unavailable',
  urls: Object.fromEntries(PHOTO_VARIANTS.map((variant) => [variant, urlOf(id, variant)])) as Record<
    PhotoVariantName,
    string
  >,
});
