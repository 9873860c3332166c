import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';

/** A review. */
@Entity('reviews')
export class Review extends VersionedRow {
  /** The user who made it. */
  @Column('uuid')
  ownerId: string;

  /** Unique. */
  @Column('uuid')
  productId: string;

  @Column('integer')
  rating: number;

  @Column('text')
  title: string;

  @Column('text', { nullable: true })
  body: string | null;
}
