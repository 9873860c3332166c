import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { OrderStatus } from '../orders.machine.js';

/** What can happen to an order. */
export const ORDER_EVENT_NAMES = [
  'placed',
  'confirmed',
  'fulfilled',
  'completed',
  'cancelled',
  'expired',
  'payment_authorized',
  'payment_captured',
  'payment_declined',
  'payment_unresolved',
  'payment_refunded',
  'payment_voided',
] as const;
export type OrderEventName = (typeof ORDER_EVENT_NAMES)[number];

/** Something that happened to an order. The database refuses to change it, except to forget the reason. */
@Entity('order_events')
export class OrderEvent {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  orderId: string;

  /** The version of the order after it. */
  @Column('integer')
  version: number;

  @Column('text')
  name: OrderEventName;

  /** The status of the order after it. */
  @Column('text')
  status: OrderStatus;

  /** What it was about: a payment attempt or a fulfillment. */
  @Column('uuid', { nullable: true })
  subjectId: string | null;

  /** What was paid or paid back, in minor units. */
  @Column('bigint', { nullable: true })
  amount: number | null;

  /** Why, in words of the user; null once the customer is erased. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The user who did it; null for the shop itself. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  /** The request that it was done for; null where there was none. */
  @Column('text', { nullable: true })
  requestId: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
