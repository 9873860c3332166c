import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What moves stock. */
export type StockCause = 'sale' | 'refund' | 'adjustment' | 'import';

/** One change of the stock of a product. The database refuses to change it: the sum of all is what is on hand. */
@Entity('stock_movements')
export class StockMovement {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  productId: string;

  /** Units that came (positive) or went (negative). */
  @Column('integer')
  delta: number;

  /** Units on hand after it. */
  @Column('integer')
  onHand: number;

  @Column('text')
  cause: StockCause;

  /** The order of a sale, the refund of a refund; null of what else moves stock. */
  @Column('uuid', { nullable: true })
  causeId: string | null;

  /** For people who read it later. */
  @Column('text')
  reason: string;

  /** The user who did it; null for the shop itself. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
