import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a line of an order is for. */
export const ORDER_LINE_TYPES = ['item', 'shipping', 'discount', 'tax', 'adjustment'] as const;
export type OrderLineType = (typeof ORDER_LINE_TYPES)[number];

/** One line of an order. Name and price are the order's own copy, of the time when it was placed. */
@Entity('order_lines')
export class OrderLine {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  orderId: string;

  /** Where it stands in its order, from 1. */
  @Column('integer')
  position: number;

  @Column('text')
  type: OrderLineType;

  /** Of an item: the product, which may be deleted by now. */
  @Column('uuid', { nullable: true })
  productId: string | null;

  @Column('text', { nullable: true })
  sku: string | null;

  @Column('text')
  name: string;

  @Column('integer')
  quantity: number;

  /** The price of one, in minor units; below 0 for what makes the order cheaper. */
  @Column('bigint')
  unitAmount: number;

  /** Quantity times unit amount. */
  @Column('bigint')
  total: number;

  /** How many units of it are sent. */
  @Column('integer', { default: 0 })
  fulfilledQuantity: number;

  /** For how many units of it the money was paid back. */
  @Column('integer', { default: 0 })
  refundedQuantity: number;
}
