import { Column, Entity } from 'typeorm';
import { VersionedRow } from '../../common/database/columns.js';
import type { PaymentOperation } from '../providers/payment-provider.js';

/**
 * What is known of an attempt: `created` before the provider is asked, `sent` from then on, `succeeded` or `declined` when its
 * outcome is known. `unknown` is asked again until staff have to look at it (`needs_review`).
 */
export type AttemptState = 'created' | 'sent' | 'succeeded' | 'declined' | 'unknown' | 'needs_review';

/** One request to the payment provider; its id is the key that the provider knows it by. What is paid is a sum over attempts. */
@Entity('payment_attempts')
export class PaymentAttempt extends VersionedRow {
  @Column('uuid')
  orderId: string;

  /** Without a parent, `capture` is a charge in one step. */
  @Column('text')
  operation: PaymentOperation;

  /** The attempt that it captures, voids or refunds. */
  @Column('uuid', { nullable: true })
  parentId: string | null;

  /** In minor units. */
  @Column('bigint')
  amount: number;

  @Column('char', { length: 3 })
  currency: string;

  @Column('text')
  provider: string;

  /** What the provider calls it. */
  @Column('text', { nullable: true })
  providerReference: string | null;

  @Column('text', { default: 'created' })
  state: AttemptState;

  /** Why it was declined, in the words of the provider. */
  @Column('text', { nullable: true })
  declineCode: string | null;

  /** How often the provider was asked again. */
  @Column('integer', { default: 0 })
  checks: number;

  /** When the provider is asked again. */
  @Column({ type: 'timestamptz', precision: 3, nullable: true })
  nextCheckAt: Date | null;

  /** What is paid with, sealed; null once the outcome is known. */
  @Column('text', { nullable: true })
  sealedToken: string | null;

  /** What it is done for without a request of a client, once: `returned:<id of the payment>:0`. */
  @Column('text', { nullable: true })
  cause: string | null;

  /** Why money is returned, or how staff learned of the outcome. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** Whether refunded lines go back into stock. */
  @Column('boolean', { default: false })
  restock: boolean;

  /** The user who asked for it; null for the shop itself. */
  @Column('uuid', { nullable: true })
  actorId: string | null;
}
