import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import sql from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { deleteRows, run } from '../../database/statements.js';

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

/** A row to be written; its body is JSON, or null for none. */
type NewRow = Omit<KeptOutcome, 'body'> & { json: string | null; createdAt: Date };

/** The rows of idempotency keys, and all SQL about them. They have no entity. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly dataSource: DataSource) {}

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

  /** A key that was written after `since`. */
  async find({ userId, route, key }: KeyName, since: Date): Promise<KeptOutcome | undefined> {
    const [row] = await run<KeptOutcome>(
      this.dataSource.manager,
      sql`
      SELECT fingerprint, status, headers, body FROM idempotency_keys
      WHERE user_id = ${userId} AND route = ${route} AND key = ${key} AND created_at > ${since}`,
    );
    return row;
  }

  /** Inserts a key, or puts it in the place of the one that is there: that one has run out. */
  async upsert(
    { userId, route, key }: KeyName,
    { fingerprint, status, headers, json, createdAt }: NewRow,
  ): Promise<void> {
    await run(
      this.dataSource.manager,
      sql`
      INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
      VALUES (${userId}, ${route}, ${key}, ${fingerprint}, ${status}, ${JSON.stringify(headers)}, ${json}, ${createdAt})
      ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
        fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
        created_at = excluded.created_at`,
    );
  }

  /** Deletes keys that were written at `before` or earlier. @returns how many. */
  async deleteOld(before: Date, limit: number): Promise<number> {
    return deleteRows(
      this.dataSource.manager,
      sql`DELETE FROM idempotency_keys WHERE (user_id, route, key) IN (
            SELECT user_id, route, key FROM idempotency_keys WHERE created_at <= ${before}
            ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}
