import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The place of a transaction in the chain of hashes. */
@Entity('ledger_seals')
export class LedgerSeal {
  /** Counts from 1, without gaps. */
  @PrimaryColumn('bigint')
  sequence: number;

  @Column('uuid')
  transactionId: string;

  /** SHA-256 of the hash before it and of the transaction with its entries. */
  @Column('bytea')
  hash: Buffer;

  @Column({ type: 'timestamptz', precision: 3 })
  sealedAt: Date;
}
