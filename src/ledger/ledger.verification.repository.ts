import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import type { LedgerAccount } from './entities/ledger-account.entity.js';
import { LedgerTransaction } from './entities/ledger-transaction.entity.js';

/** Looks for what the constraints of the ledger refuse while nobody switches them off. */
@Injectable()
export class LedgerVerificationRepository {
  constructor(@InjectRepository(LedgerTransaction) private readonly rows: Repository<LedgerTransaction>) {}

  /** The causes that have more than one transaction of a kind. */
  async findRepeatedCauses(limit: number): Promise<{ cause: string; count: number }[]> {
    return run(
      this.rows.manager,
      sql`SELECT kind || ' of ' || cause_type || ' ' || cause_id AS cause, count(*) AS count
          FROM ledger_transactions GROUP BY kind, cause_type, cause_id HAVING count(*) > 1 ORDER BY 1 LIMIT ${limit}`,
    );
  }

  /** The transactions that are neither in the chain nor wait for it. */
  async findForgotten(limit: number): Promise<{ id: string }[]> {
    return run(
      this.rows.manager,
      sql`SELECT t.id FROM ledger_transactions t
          WHERE NOT EXISTS (SELECT FROM ledger_seals s WHERE s.transaction_id = t.id)
            AND NOT EXISTS (SELECT FROM ledger_unsealed u WHERE u.transaction_id = t.id)
          ORDER BY t.id LIMIT ${limit}`,
    );
  }

  /** The ids that entries name and no transaction has. */
  async findLostTransactions(limit: number): Promise<{ id: string }[]> {
    return run(
      this.rows.manager,
      sql`SELECT DISTINCT e.transaction_id AS id FROM ledger_entries e
          WHERE NOT EXISTS (SELECT FROM ledger_transactions t WHERE t.id = e.transaction_id) ORDER BY 1 LIMIT ${limit}`,
    );
  }

  async readAccounts(): Promise<Pick<LedgerAccount, 'code' | 'currency' | 'kind'>[]> {
    return run(this.rows.manager, sql`SELECT code, currency, kind FROM ledger_accounts ORDER BY code, currency`);
  }
}
