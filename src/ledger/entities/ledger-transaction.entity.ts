import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a transaction is. */
export const TRANSACTION_KINDS = ['payment', 'refund'] as const;
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

/** A transaction of the ledger. The database refuses to change it, and to post two of a kind for one cause. */
@Entity('ledger_transactions')
export class LedgerTransaction {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  kind: TransactionKind;

  /** What kind of row it is caused by: `payment-attempt`. */
  @Column('text')
  causeType: string;

  @Column('uuid')
  causeId: string;

  /** Whose money moved; null for an order without a customer. */
  @Column('uuid', { nullable: true })
  customerId: string | null;

  @Column('uuid')
  orderId: string;

  /** For people who read it later, without names of people: it stays when a customer is erased. */
  @Column('text')
  description: string;

  /** How many entries it has: none is added later. */
  @Column('smallint')
  entryCount: number;

  @Column({ type: 'timestamptz', precision: 3 })
  postedAt: Date;

  /** The request that caused it; null where none did. */
  @Column('text', { nullable: true })
  requestId: string | null;
}
