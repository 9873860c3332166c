import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { declareLock } from '../../database/locks.js';
import { deleteRows, run } from '../../database/statements.js';
import { Transactions } from '../../database/transactions.js';

/** What names a key: it means something to its caller and on its route alone. */
export interface KeyName {
  userId: string;
  /** Method and path, as the route has it: `POST /api/v1/products`. */
  route: string;
  key: string;
}

/** What a request was answered, as it is kept. */
export interface KeptOutcome {
  /** The hash of all that makes the request another one when it changes. */
  fingerprint: Buffer;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What is kept of a request in phases. */
export interface PhasedRow {
  /** Undefined of a request that is one unit of work. */
  flow: string | null;
  prepared: unknown;
  isFinished: boolean;
  body: unknown;
}

/** A row to be written; its body is JSON, or null for none. */
type NewRow = Omit<KeptOutcome, 'body'> & { json: string | null; createdAt: Date };

/** The rows of idempotency keys, and all SQL about them. They have no entity. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Locks a key until the end of the transaction, whether or not it has a row. It doesn't wait: a transaction that inserts the
   * row of a key that another open transaction has inserted waits until that one ends, on a connection of the pool each. It
   * is a statement of its own: the next one has a younger snapshot, which sees what the last holder of the lock committed.
   * @returns false when another transaction has the lock.
   */
  async tryLock({ userId, route, key }: KeyName): Promise<boolean> {
    const id = createHash('sha256').update(`${userId}\n${route}\n${key}`).digest().readBigInt64BE();
    const [row] = await run<{ free: boolean }>(
      this.dataSource.manager,
      sql`SELECT pg_try_advisory_xact_lock(${id.toString()}::bigint) AS free`,
    );
    return row?.free ?? false;
  }

  /** A key that was written after `since`, or whose request is not finished. */
  async find({ userId, route, key }: KeyName, since: Date): Promise<(KeptOutcome & PhasedRow) | undefined> {
    const [row] = await run<KeptOutcome & PhasedRow>(
      this.dataSource.manager,
      sql`
      SELECT fingerprint, status, headers, body, flow, prepared, finished_at IS NOT NULL AS "isFinished" FROM idempotency_keys
      WHERE user_id = ${userId} AND route = ${route} AND key = ${key} AND (created_at > ${since} OR finished_at IS NULL)`,
    );
    return row;
  }

  /** Inserts a key when the open unit of work commits, or puts it in the place of the one that is there: that one has run out. */
  upsert({ userId, route, key }: KeyName, { fingerprint, status, headers, json, createdAt }: NewRow): void {
    this.transactions.writeLast(
      () => sql`
      INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at, finished_at)
      VALUES (${userId}, ${route}, ${key}, ${fingerprint}, ${status}, ${JSON.stringify(headers)}, ${json}, ${createdAt}, ${createdAt})
      ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
        fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
        created_at = excluded.created_at, finished_at = excluded.finished_at`,
    );
  }

  /** As {@link upsert}, of a request that is prepared and has no outcome yet. */
  insertPrepared(
    { userId, route, key, fingerprint }: KeyName & Pick<KeptOutcome, 'fingerprint'>,
    { flow, prepared, createdAt }: { flow: string; prepared: string; createdAt: Date },
  ): void {
    this.transactions.writeLast(
      () => sql`
      INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, created_at, flow, prepared)
      VALUES (${userId}, ${route}, ${key}, ${fingerprint}, 202, '{}', ${createdAt}, ${flow}, ${prepared})
      ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
        fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = NULL,
        created_at = excluded.created_at, flow = excluded.flow, prepared = excluded.prepared, finished_at = NULL`,
    );
  }

  /** A request in phases of any age. */
  async findPhased({ userId, route, key }: KeyName): Promise<PhasedRow | undefined> {
    const [row] = await run<PhasedRow>(
      this.dataSource.manager,
      sql`SELECT flow, prepared, finished_at IS NOT NULL AS "isFinished", body FROM idempotency_keys
          WHERE user_id = ${userId} AND route = ${route} AND key = ${key}`,
    );
    return row;
  }

  /** As {@link findPhased}; locks the row until the end of the transaction. */
  async lockPhased({ userId, route, key }: KeyName): Promise<PhasedRow | undefined> {
    declareLock('phased request');
    const [row] = await run<PhasedRow>(
      this.dataSource.manager,
      sql`SELECT flow, prepared, finished_at IS NOT NULL AS "isFinished", body FROM idempotency_keys
          WHERE user_id = ${userId} AND route = ${route} AND key = ${key} FOR UPDATE`,
    );
    return row;
  }

  /** Writes the outcome of a request in phases when the open unit of work commits; `json` is null for no body. */
  finish({ userId, route, key }: KeyName, json: string | null, finishedAt: Date): void {
    this.transactions.writeLast(
      () => sql`
      UPDATE idempotency_keys SET body = ${json}, finished_at = ${finishedAt}
      WHERE user_id = ${userId} AND route = ${route} AND key = ${key}`,
    );
  }

  /** Deletes the keys of finished requests of users with these ids, and of those whose answer has one of them. */
  async deleteAbout(ids: readonly string[]): Promise<void> {
    await run(
      this.dataSource.manager,
      sql`DELETE FROM idempotency_keys WHERE finished_at IS NOT NULL AND (user_id = ANY (${ids}::uuid[]) OR EXISTS (
            SELECT FROM unnest(${ids}::text[]) AS given (id) WHERE position(given.id IN body::text) > 0))`,
    );
  }

  /** Deletes keys of finished requests that were written at `before` or earlier. @returns how many. */
  async deleteOld(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.dataSource.manager,
      sql`DELETE FROM idempotency_keys WHERE (user_id, route, key) IN (
            SELECT user_id, route, key FROM idempotency_keys WHERE created_at <= ${before} AND finished_at IS NOT NULL
            ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}
