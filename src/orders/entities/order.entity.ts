import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';
import type { OrderStatus } from '../orders.machine.js';
import type { PaymentStatus } from '../orders.payment-status.js';

/** How far an order is sent. */
export const FULFILLMENT_STATUSES = ['unfulfilled', 'partially_fulfilled', 'fulfilled'] as const;
export type FulfillmentStatus = (typeof FULFILLMENT_STATUSES)[number];

/** Where an order goes: the customer's own copy. What is null was erased with the customer, or never given. */
export interface ShippingAddress {
  name: string | null;
  phone: string | null;
  street: string | null;
  city: string;
  region: string | null;
  postcode: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

/** What a customer buys. */
@Entity('orders')
export class Order extends VersionedRow {
  /** For people; unique, random. */
  @Column('text')
  number: string;

  /** The user who pays for it. */
  @Column('uuid')
  customerId: string;

  @Column('text')
  status: OrderStatus;

  /** Written by `OrderPaymentsService.recordPayment` alone. */
  @Column('text')
  paymentStatus: PaymentStatus;

  @Column('text', { default: 'unfulfilled' })
  fulfillmentStatus: FulfillmentStatus;

  /** ISO 4217; of all its amounts. */
  @Column('char', { length: 3 })
  currency: string;

  /** The sum of its lines, in minor units. */
  @Column('bigint')
  total: number;

  /** What was paid back, in minor units. */
  @Column('bigint', { default: 0 })
  refunded: number;

  /** The customer's own word for it; null once the customer is erased. */
  @Column('text', { nullable: true })
  reference: string | null;

  @Column('jsonb', { nullable: true })
  shippingAddress: ShippingAddress | null;

  /** The shipping method that it was placed with, which may be deleted by now. */
  @Column('uuid', { nullable: true })
  shippingMethodId: string | null;

  /** When it expires unless it is paid; null once it can't. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  expiresAt: Date | null;
}
