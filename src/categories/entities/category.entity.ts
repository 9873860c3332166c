import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';

/** A node of the tree that products are found in. */
@Entity('categories')
export class Category extends VersionedRow {
  /** Null at the top of the tree. */
  @Column('uuid', { nullable: true })
  parentId: string | null;

  /** Unique among its siblings. */
  @Column('text')
  name: string;

  @Column('text')
  slug: string;
}
