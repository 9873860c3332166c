import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { PaymentOperation } from '../providers/payment-provider.js';

/** What became of a request to the sandbox; of one that is `lost`, it knows nothing. */
export type SandboxState = 'succeeded' | 'declined' | 'pending' | 'lost';

/** A request to the sandbox: its memory of what it was asked, as a provider has it in its own database. */
@Entity('sandbox_operations')
export class SandboxOperation {
  @PrimaryColumn('uuid')
  key: string;

  @Column('text')
  operation: PaymentOperation;

  /** What the sandbox calls the payment, or the refund. */
  @Column('text')
  reference: string;

  /** The reference of the payment that it is about; null for a payment itself. */
  @Column('text', { nullable: true })
  payment: string | null;

  /** In minor units. */
  @Column('bigint')
  amount: number;

  @Column('char', { length: 3 })
  currency: string;

  /** What a payment was made with. */
  @Column('text', { nullable: true })
  token: string | null;

  @Column('text')
  state: SandboxState;

  /** Why it was declined. */
  @Column('text', { nullable: true })
  code: string | null;

  /** How often it was asked for it. */
  @Column('integer', { default: 1 })
  calls: number;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
