import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The media types that photos are kept in. Who names none of them gets the first one, which everybody can show. */
export const PHOTO_TYPES = ['image/jpeg', 'image/webp', 'image/avif'] as const;
export type PhotoType = (typeof PHOTO_TYPES)[number];

/** `pending` until it is stored; `deleted` when no photo needs it any more, until it is removed from the storage with its row. */
export type PhotoFileState = 'pending' | 'ready' | 'deleted';

/** A file of photos in the storage. Photos with the same content share it. */
@Entity('photo_files')
export class PhotoFile {
  @PrimaryColumn('uuid')
  id: string;

  /** Of its content, in hexadecimal digits. */
  @Column('char', { length: 64 })
  sha256: string;

  @Column('text')
  mediaType: PhotoType;

  /** In bytes. */
  @Column('integer')
  size: number;

  @Column('text', { default: 'pending' })
  state: PhotoFileState;

  /** When it got its state, or was last asked for while it was pending. */
  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  changedAt: Date;
}
