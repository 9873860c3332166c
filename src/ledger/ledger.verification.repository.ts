import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import type { LedgerAccount } from './entities/ledger-account.entity.js';
import { LedgerTransaction } from './entities/ledger-transaction.entity.js';
import { CUSTOMER_MONEY } from './ledger.accounts.js';

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

  /** The ids of the causes of a type that something is posted for, in their order. */
  async readCauseIds(causeType: string, after: string | null, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT DISTINCT cause_id AS id FROM ledger_transactions
          WHERE cause_type = ${causeType} AND (${after}::uuid IS NULL OR cause_id > ${after}::uuid) ORDER BY 1 LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }

  /** How much money of customers is posted for each of these causes, in minor units. */
  async sumCauses(causeType: string, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await run<{ id: string; amount: number }>(
      this.rows.manager,
      sql`SELECT t.cause_id AS id, sum(e.amount)::bigint AS amount
          FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id AND e.account = ANY (${CUSTOMER_MONEY})
          WHERE t.cause_type = ${causeType} AND t.cause_id = ANY (${ids}) GROUP BY t.cause_id`,
    );
    return new Map(rows.map(({ id, amount }) => [id, amount]));
  }

  async readAccounts(): Promise<Pick<LedgerAccount, 'code' | 'currency' | 'kind'>[]> {
    return run(this.rows.manager, sql`SELECT code, currency, kind FROM ledger_accounts ORDER BY code, currency`);
  }
}
