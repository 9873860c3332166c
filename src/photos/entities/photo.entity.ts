import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * `pending` until its first files are stored, then `ready`; `unavailable` when they were lost. A photo that is removed has no row.
 */
export type PhotoState = 'pending' | 'ready' | 'unavailable';

/** A photo, which is in several files. */
@Entity('photos')
export class Photo {
  @PrimaryColumn('uuid')
  id: string;

  /** The user who sent it; null for one that a command brought. */
  @Column('uuid', { nullable: true })
  uploadedBy: string | null;

  @Column('text', { default: 'pending' })
  state: PhotoState;

  /** Of the original, in pixels, as are the heights. */
  @Column('integer')
  width: number;

  @Column('integer')
  height: number;

  /** Whether parts of it are transparent. */
  @Column('boolean')
  hasAlpha: boolean;

  /** A tiny picture of it in Base64: https://evanw.github.io/thumbhash/ */
  @Column('text')
  thumbHash: string;

  /** Of its original, in bytes. */
  @Column('integer')
  size: number;

  /** Whether all of its variants are stored. */
  @Column('boolean', { default: false })
  isComplete: boolean;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
