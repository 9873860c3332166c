import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * How much there is of a product. Its version is not that of the product: the trigger `count_version` counts it, and sets
 * `updatedAt`.
 */
@Entity('stock_levels')
export class StockLevel {
  @PrimaryColumn('uuid')
  productId: string;

  /** Units on hand: the sum of the movements. */
  @Column('integer', { default: 0 })
  onHand: number;

  /** Units of those that are reserved. */
  @Column('integer', { default: 0 })
  reserved: number;

  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  updatedAt: Date;
}
