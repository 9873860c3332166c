import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What an account counts: what the shop has, owes, earns or spends. */
export const ACCOUNT_KINDS = ['asset', 'liability', 'income', 'expense'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** An account in one currency; inserted with the first entry that it gets. It has no balance, which every sale would have to write. */
@Entity('ledger_accounts')
export class LedgerAccount {
  @PrimaryColumn('text')
  code: string;

  @PrimaryColumn('text')
  currency: string;

  @Column('text')
  kind: AccountKind;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt: Date;
}
