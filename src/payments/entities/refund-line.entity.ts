import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How much of a line of an order a refund is for. */
@Entity('refund_lines')
export class RefundLine {
  /** The attempt that refunds it. */
  @PrimaryColumn('uuid')
  attemptId: string;

  /** The line of the order. */
  @PrimaryColumn('uuid')
  lineId: string;

  @Column('integer')
  quantity: number;

  /** In minor units of the order's currency. */
  @Column('bigint')
  amount: number;
}
