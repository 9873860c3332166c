import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { CustomerTransactionQuery, LedgerTransactionQuery } from './dto/ledger-query.dto.js';
import type { LedgerAccount } from './entities/ledger-account.entity.js';
import type { LedgerEntry } from './entities/ledger-entry.entity.js';
import { LedgerTransaction } from './entities/ledger-transaction.entity.js';
import { CUSTOMER_MONEY } from './ledger.accounts.js';

/** An entry that is inserted, with the kind of its account. */
export type NewEntry = Pick<LedgerEntry, 'line' | 'account' | 'currency' | 'amount'> & Pick<LedgerAccount, 'kind'>;

/** An entry as it is shown. */
export type EntryRow = Pick<LedgerEntry, 'account' | 'currency' | 'amount'>;

/** A transaction with its entries, and its place in the chain once it is sealed. */
export interface TransactionRow extends Omit<LedgerTransaction, 'entryCount'> {
  entries: EntryRow[];
  sequence: number | null;
}

/** A transaction as its customer sees it. */
export interface CustomerTransactionRow extends Pick<
  LedgerTransaction,
  'id' | 'kind' | 'orderId' | 'description' | 'postedAt'
> {
  /** What the customer paid, or got back. */
  money: Pick<LedgerEntry, 'amount' | 'currency'>;
}

/** The balance of an account in a currency. */
export interface BalanceRow extends EntryRow, Pick<LedgerAccount, 'kind'> {}

const COLUMNS = raw(`
  t.id, t.kind, t.cause_type AS "causeType", t.cause_id AS "causeId", t.customer_id AS "customerId", t.order_id AS "orderId",
  t.description, t.posted_at AS "postedAt", t.request_id AS "requestId", s.sequence,
  (SELECT json_agg(json_build_object('account', e.account, 'currency', e.currency, 'amount', e.amount) ORDER BY e.line)
   FROM ledger_entries e WHERE e.transaction_id = t.id) AS entries`);

/** Transactions with their seals, if they have them; LEFT JOIN is left out by PostgreSQL where nothing of it is asked for, as in counts. */
const TRANSACTIONS = raw('ledger_transactions t LEFT JOIN ledger_seals s ON s.transaction_id = t.id');

const LATEST_FIRST: SortKey = { expression: raw('t.posted_at'), type: 'timestamptz', descending: true };

/** The rows of the ledger, and the SQL that posts and reads them; that of the chain is in `ledger.chain.repository.ts`. */
@Injectable()
export class LedgerRepository {
  constructor(
    @InjectRepository(LedgerTransaction) private readonly rows: Repository<LedgerTransaction>,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** One page of all transactions, the latest first. */
  async readPage(list: AskedList<LedgerTransactionQuery>): Promise<Page<TransactionRow>> {
    return this.pages.read<TransactionRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: TRANSACTIONS,
      where: conditionsOf(list.query),
      id: raw('t.id'),
      sort: LATEST_FIRST,
    });
  }

  /** One page of the transactions of a customer, the latest first. */
  async readPageOf(
    customerId: string,
    list: AskedList<CustomerTransactionQuery>,
  ): Promise<Page<CustomerTransactionRow>> {
    return this.pages.read<CustomerTransactionRow>(this.rows.manager, list, {
      columns: sql`t.id, t.kind, t.order_id AS "orderId", t.description, t.posted_at AS "postedAt",
        (SELECT json_build_object('amount', sum(e.amount), 'currency', min(e.currency)) FROM ledger_entries e
         WHERE e.transaction_id = t.id AND e.account = ANY (${CUSTOMER_MONEY})) AS money`,
      from: raw('ledger_transactions t'),
      where: [sql`t.customer_id = ${customerId}`, ...spanOf(list.query)],
      id: raw('t.id'),
      sort: LATEST_FIRST,
    });
  }

  async find(id: string): Promise<TransactionRow | undefined> {
    const [row] = await queryShared<TransactionRow>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM ${TRANSACTIONS} WHERE t.id = ${id}`,
    );
    return row;
  }

  /** The balance of every account: of the last snapshot, of what was sealed since, and of what waits for its seal. */
  async sumBalances(): Promise<BalanceRow[]> {
    return run(
      this.rows.manager,
      sql`WITH latest AS (
            SELECT coalesce(max(sequence), 0) AS sequence FROM ledger_snapshots
          ), moved AS (
            SELECT account, currency, balance AS amount FROM ledger_snapshots
            WHERE sequence = (SELECT sequence FROM latest)
            UNION ALL
            SELECT e.account, e.currency, e.amount
            FROM ledger_seals s JOIN ledger_entries e ON e.transaction_id = s.transaction_id
            WHERE s.sequence > (SELECT sequence FROM latest)
            UNION ALL
            SELECT e.account, e.currency, e.amount
            FROM ledger_unsealed u JOIN ledger_entries e ON e.transaction_id = u.transaction_id
          )
          SELECT a.code AS account, a.kind, a.currency, coalesce(sum(m.amount), 0)::bigint AS amount
          FROM ledger_accounts a LEFT JOIN moved m ON m.account = a.code AND m.currency = a.currency
          GROUP BY a.code, a.currency ORDER BY a.code, a.currency`,
    );
  }

  /**
   * Inserts a transaction with its entries when the open unit of work commits, and the accounts that have no entry yet. Accounts that are
   * there are not locked; two that are the first to use an account wait for each other, in the order of the accounts' names.
   */
  insert(transaction: LedgerTransaction, entries: readonly NewEntry[]): void {
    this.transactions.writeLast(insertionOf, [{ transaction, entries }]);
  }
}

/** A transaction with its entries that is inserted. */
interface NewTransaction {
  transaction: LedgerTransaction;
  entries: readonly NewEntry[];
}

function insertionOf(added: readonly NewTransaction[]): Sql {
  declareLock('ledger account');
  const transactions = added.map(({ transaction }) => transaction);
  const lines = added.flatMap(({ transaction: { id, postedAt }, entries }) =>
    entries.map((entry) => ({ id, postedAt, ...entry })),
  );
  return sql`
    WITH lines AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS line (
        id uuid, "postedAt" timestamptz, line smallint, account text, currency text, kind text, amount bigint)
    ), accounts AS (
      INSERT INTO ledger_accounts (code, currency, kind, created_at)
      SELECT l.account, l.currency, min(l.kind), min(l."postedAt") FROM lines l
      WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.code = l.account AND a.currency = l.currency)
      GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (code, currency) DO NOTHING
    ), posted AS (
      INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, customer_id, order_id, description, entry_count,
        posted_at, request_id)
      SELECT id, kind, "causeType", "causeId", "customerId", "orderId", description, "entryCount", "postedAt", "requestId"
      FROM jsonb_to_recordset(${JSON.stringify(transactions)}::jsonb) AS posted (
        id uuid, kind text, "causeType" text, "causeId" uuid, "customerId" uuid, "orderId" uuid, description text,
        "entryCount" smallint, "postedAt" timestamptz, "requestId" text)
    )
    INSERT INTO ledger_entries (transaction_id, line, account, currency, amount)
    SELECT id, line, account, currency, amount FROM lines`;
}

const spanOf = ({ from, to }: CustomerTransactionQuery): Sql[] =>
  [
    from !== undefined && sql`t.posted_at >= ${from}::timestamptz`,
    to !== undefined && sql`t.posted_at < ${to}::timestamptz`,
  ].filter((condition) => condition !== false);

const conditionsOf = ({ kind, orderId, customerId, account, ...span }: LedgerTransactionQuery): Sql[] =>
  [
    kind !== undefined && sql`t.kind = ${kind}`,
    orderId !== undefined && sql`t.order_id = ${orderId}`,
    customerId !== undefined && sql`t.customer_id = ${customerId}`,
    account !== undefined &&
      sql`EXISTS (SELECT FROM ledger_entries e WHERE e.transaction_id = t.id AND e.account = ${account})`,
    ...spanOf(span),
  ].filter((condition) => condition !== false);
