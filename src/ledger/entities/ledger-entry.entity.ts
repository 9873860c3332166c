import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One entry of a transaction. */
@Entity('ledger_entries')
export class LedgerEntry {
  @PrimaryColumn('uuid')
  transactionId: string;

  /** Counts from 1 to the number of entries of the transaction. */
  @PrimaryColumn('smallint')
  line: number;

  @Column('text')
  account: string;

  @Column('text')
  currency: string;

  /** In minor units: a debit is positive, a credit negative. Never zero. */
  @Column('bigint')
  amount: number;
}
