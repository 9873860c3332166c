import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PhotoType } from './photo-file.entity.js';

/** The sizes that a photo can be had in. */
export const PHOTO_VARIANTS = ['original', 'large', 'medium', 'thumb'] as const;
export type PhotoVariantName = (typeof PHOTO_VARIANTS)[number];

/** A photo in one size and one media type. */
@Entity('photo_variants')
export class PhotoVariant {
  @PrimaryColumn('uuid')
  photoId: string;

  @PrimaryColumn('text')
  variant: PhotoVariantName;

  @PrimaryColumn('text')
  mediaType: PhotoType;

  /** In pixels, as is the height. */
  @Column('integer')
  width: number;

  @Column('integer')
  height: number;

  @Column('uuid')
  fileId: string;
}
