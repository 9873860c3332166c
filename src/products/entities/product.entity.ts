import { Column, Entity } from 'typeorm';
import type { Attributes } from '../../common/attributes/attributes.js';
import { VersionedRow } from '../../common/database/columns.js';
import type { OptionValue } from '../dto/product-variants.dto.js';

/** What a product is to customers: not yet, or no longer, to be seen unless it is active. */
export const PRODUCT_STATUSES = ['draft', 'active', 'archived'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** Something that the shop sells. */
@Entity('products')
export class Product extends VersionedRow {
  /** The shop's own code for it, unique without case. */
  @Column('text')
  sku: string;

  /** For addresses of pages: unique, and the same for ever. */
  @Column('text')
  slug: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  /** In minor units. */
  @Column('bigint')
  priceAmount: number;

  /** ISO 4217. */
  @Column('char', { length: 3 })
  priceCurrency: string;

  @Column('jsonb')
  attributes: Attributes;

  @Column('text')
  status: ProductStatus;

  /** How many reviews it has; counted by the database, as is the next. */
  @Column('integer', { default: 0 })
  ratingCount: number;

  /** The sum of their ratings. */
  @Column('integer', { default: 0 })
  ratingSum: number;

  /** The family that it is a variant of; null for none. The next two are null with it. */
  @Column('uuid', { nullable: true })
  familyId: string | null;

  /** A copy of the name of the family. */
  @Column('text', { nullable: true })
  familyName: string | null;

  /** What it is among the variants, in the order of the family’s options. */
  @Column('jsonb', { nullable: true })
  familyOptions: OptionValue[] | null;
}
