import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The balance of an account after a place in the chain, so that a balance is not summed from the first entry on. */
@Entity('ledger_snapshots')
export class LedgerSnapshot {
  /** The last transaction that is in the balance. */
  @PrimaryColumn('bigint')
  sequence: number;

  @PrimaryColumn('text')
  account: string;

  @PrimaryColumn('text')
  currency: string;

  @Column('bigint')
  balance: number;
}
