import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { ADVISORY_KEYS } from '../common/database/locks.js';
import { run } from '../common/database/statements.js';
import { LedgerSeal } from './entities/ledger-seal.entity.js';
import type { Link, SealedContent, SnapshotBalance, StoredLink } from './ledger.chain.js';

/** The last link, and when it was sealed. */
export type Head = Link & Pick<LedgerSeal, 'sealedAt'>;

/** A snapshot of all accounts that had entries. */
export interface Snapshot {
  sequence: number;
  balances: SnapshotBalance[];
}

/** A transaction as a seal is of it; of `ledger_transactions t`. */
const CONTENT = raw(`
  t.id, t.kind, t.cause_type AS "causeType", t.cause_id AS "causeId", t.customer_id AS "customerId", t.order_id AS "orderId",
  t.description, t.entry_count AS "entryCount", t.posted_at AS "postedAt", t.request_id AS "requestId",
  (SELECT coalesce(json_agg(json_build_object(
     'line', e.line, 'account', e.account, 'currency', e.currency, 'amount', e.amount) ORDER BY e.line), '[]')
   FROM ledger_entries e WHERE e.transaction_id = t.id) AS entries`);

/** The rows of the chain: what waits for its seal, seals, and snapshots. */
@Injectable()
export class LedgerChainRepository {
  constructor(@InjectRepository(LedgerSeal) private readonly rows: Repository<LedgerSeal>) {}

  /** Makes the open transaction the only one that seals. Never waits. @returns whether no other one does. */
  async tryLock(): Promise<boolean> {
    const [row] = await run<{ free: boolean }>(
      this.rows.manager,
      sql`SELECT pg_try_advisory_xact_lock(${ADVISORY_KEYS.ledgerChain}) AS free`,
    );
    return row?.free ?? false;
  }

  /** The last link; undefined when nothing is sealed. */
  async findHead(): Promise<Head | undefined> {
    const [head] = await run<Head>(
      this.rows.manager,
      sql`SELECT sequence, hash, sealed_at AS "sealedAt" FROM ledger_seals ORDER BY sequence DESC LIMIT 1`,
    );
    return head;
  }

  /** Transactions that have no seal, in the order of their ids, after one of them. */
  async readUnsealed(after: string | null, limit: number): Promise<SealedContent[]> {
    return run(
      this.rows.manager,
      sql`SELECT ${CONTENT} FROM ledger_unsealed u JOIN ledger_transactions t ON t.id = u.transaction_id
          WHERE ${after}::uuid IS NULL OR u.transaction_id > ${after}::uuid ORDER BY u.transaction_id LIMIT ${limit}`,
    );
  }

  /** Inserts links, and takes their transactions from those that wait. */
  async insertSeals(seals: readonly Omit<LedgerSeal, 'sealedAt'>[], sealedAt: Date): Promise<void> {
    const given = seals.map(({ hash, ...seal }) => ({ ...seal, hash: hash.toString('hex') }));
    await run(
      this.rows.manager,
      sql`WITH given AS (
            SELECT * FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb) AS given (
              sequence bigint, "transactionId" uuid, hash text)
          ), sealed AS (
            DELETE FROM ledger_unsealed u USING given g WHERE u.transaction_id = g."transactionId"
          )
          INSERT INTO ledger_seals (sequence, transaction_id, hash, sealed_at)
          SELECT sequence, "transactionId", decode(hash, 'hex'), ${sealedAt} FROM given`,
    );
  }

  /** The last place in the chain that there is a snapshot of; 0 when there is none. */
  async findLastSnapshot(): Promise<number> {
    const [row] = await run<{ sequence: number }>(
      this.rows.manager,
      sql`SELECT coalesce(max(sequence), 0) AS sequence FROM ledger_snapshots`,
    );
    return row?.sequence ?? 0;
  }

  /** Inserts the balances after a place in the chain, made of those of the snapshot before it and of the entries between. */
  async insertSnapshot(sequence: number, previous: number): Promise<void> {
    await run(
      this.rows.manager,
      sql`INSERT INTO ledger_snapshots (sequence, account, currency, balance)
          SELECT ${sequence}::bigint, account, currency, sum(amount)::bigint
          FROM (
            SELECT account, currency, balance AS amount FROM ledger_snapshots WHERE sequence = ${previous}
            UNION ALL
            SELECT e.account, e.currency, e.amount
            FROM ledger_seals s JOIN ledger_entries e ON e.transaction_id = s.transaction_id
            WHERE s.sequence > ${previous} AND s.sequence <= ${sequence}
          ) moved
          GROUP BY account, currency`,
    );
  }

  /** The next links after a place in the chain, in order. */
  async readLinks(after: number, limit: number): Promise<StoredLink[]> {
    const rows = await run<Link & { transactionId: string } & (SealedContent | { id: null })>(
      this.rows.manager,
      sql`SELECT s.sequence, s.hash, s.transaction_id AS "transactionId", ${CONTENT}
          FROM ledger_seals s LEFT JOIN ledger_transactions t ON t.id = s.transaction_id
          WHERE s.sequence > ${after} ORDER BY s.sequence LIMIT ${limit}`,
    );
    return rows.map(({ sequence, hash, transactionId, ...transaction }) => ({
      sequence,
      hash,
      transactionId,
      transaction: transaction.id === null ? null : transaction,
    }));
  }

  /** The snapshots of places after one, up to another one. */
  async readSnapshots(after: number, last: number): Promise<Snapshot[]> {
    return run(
      this.rows.manager,
      sql`SELECT sequence, json_agg(json_build_object('account', account, 'currency', currency, 'balance', balance)) AS balances
          FROM ledger_snapshots WHERE sequence > ${after} AND sequence <= ${last} GROUP BY sequence ORDER BY sequence`,
    );
  }

  /** How many links there are. */
  async countLinks(): Promise<number> {
    const [row] = await run<{ count: number }>(this.rows.manager, sql`SELECT count(*) AS count FROM ledger_seals`);
    return row?.count ?? 0;
  }
}
