import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';

/** Products that are variants of one thing. Each member keeps its place in its own row. */
@Entity('product_families')
export class ProductFamily extends VersionedRow {
  /** The shop's own code for it, unique; null for none. */
  @Column('text', { nullable: true })
  code: string | null;

  /** Members have copies of it. */
  @Column('text')
  name: string;

  /** For addresses of pages: unique, and the same for ever. */
  @Column('text')
  slug: string;

  /** The names of what the members differ in, in order. */
  @Column('text', { array: true })
  options: string[];
}
