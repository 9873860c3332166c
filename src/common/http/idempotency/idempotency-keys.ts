import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { Retention, type RetentionRule } from '../../background/retention.js';
import { deleteRows, run } from '../../database/statements.js';
import { Transactions } from '../../database/transactions.js';
import { AppError } from '../../errors/app-error.js';
import { Clock } from '../../time/clock.js';
import { IdempotencyKeyInUse, IdempotencyKeyReused } from '../errors/http-errors.js';

/** For how long a key is remembered, in seconds. */
export const KEY_LIFETIME = 24 * 3600;

/** A request that is to have one effect, however often it is sent. A key means something to its caller and on its route alone. */
export interface KeyedRequest {
  userId: string;
  /** Method and path, as the route has it: `POST /api/v1/products`. */
  route: string;
  key: string;
  /** The hash of all that makes the request another one when it changes. */
  fingerprint: Buffer;
}

/** What a request was answered, before it is put into any representation. */
export interface Outcome {
  status: number;
  headers: Record<string, string>;
  /** What the handler returned, as JSON has it. */
  body: unknown;
}

/** The keys of the last 24 hours. The row of a key commits with the effect of its request, or neither is there. */
@Injectable()
export class IdempotencyKeys implements OnModuleInit {
  private readonly rule: RetentionRule = {
    name: 'idempotency keys',
    deleteBatch: (limit) =>
      deleteRows(
        this.dataSource.manager,
        sql`DELETE FROM idempotency_keys WHERE (user_id, route, key) IN (
              SELECT user_id, route, key FROM idempotency_keys WHERE created_at <= ${this.clock.in(-KEY_LIFETIME)}
              ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
            ) RETURNING 1`,
      ),
  };

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly retention: Retention,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.retention.register(this.rule);
  }

  /**
   * Does `work`, or returns the outcome of the first time. An error undoes all of it, including the key.
   * @throws AppError 409 while another request with the key runs, 422 when the key was another request's.
   */
  async once(request: KeyedRequest, work: () => Promise<Outcome>): Promise<{ outcome: Outcome; replayed: boolean }> {
    return this.transactions.run(async () => {
      await this.lock(request);
      const known = await this.find(request);
      if (known && !known.fingerprint.equals(request.fingerprint)) {
        throw new AppError(IdempotencyKeyReused, 'This key came with another request before: choose a new one.', {
          errors: [{ header: 'Idempotency-Key', code: 'reused', detail: 'belongs to another request' }],
        });
      }
      if (known) return { outcome: known, replayed: true };
      return { outcome: await this.remember(request, await work()), replayed: false };
    });
  }

  /** Deletes the keys that are older than 24 hours. @returns how many. */
  async sweep(): Promise<number> {
    return this.retention.apply(this.rule);
  }

  /**
   * A transaction that inserts the row of a key that another open transaction has inserted waits until that one ends, on a connection of
   * the pool each. So a lock that can be tried comes first; it ends with the transaction. It is a statement of its own: the
   * next one has a younger snapshot, which sees what the last holder of the lock committed.
   */
  private async lock({ userId, route, key }: KeyedRequest): Promise<void> {
    const id = createHash('sha256').update(`${userId}\n${route}\n${key}`).digest().readBigInt64BE();
    const [row] = await this.query<{ free: boolean }>(
      sql`SELECT pg_try_advisory_xact_lock(${id.toString()}::bigint) AS free`,
    );
    if (row?.free) return;
    throw new AppError(IdempotencyKeyInUse, 'The first request with this key still runs: its answer can be had soon.', {
      retryAfter: 1,
    });
  }

  private async find({ userId, route, key }: KeyedRequest): Promise<(Outcome & { fingerprint: Buffer }) | undefined> {
    const [row] = await this.query<Outcome & { fingerprint: Buffer }>(sql`
      SELECT fingerprint, status, headers, body FROM idempotency_keys
      WHERE user_id = ${userId} AND route = ${route} AND key = ${key} AND created_at > ${this.clock.in(-KEY_LIFETIME)}`);
    return row;
  }

  /** @returns the outcome as it is read later: what is sent now and what is sent again are made of the same. */
  private async remember(request: KeyedRequest, { status, headers, body }: Outcome): Promise<Outcome> {
    const { userId, route, key, fingerprint } = request;
    const json = body === undefined ? null : JSON.stringify(body);
    const now = this.clock.now();
    // A row that is there has run out, and was not swept yet.
    await this.query(sql`
      INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
      VALUES (${userId}, ${route}, ${key}, ${fingerprint}, ${status}, ${JSON.stringify(headers)}, ${json}, ${now})
      ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET
        fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body,
        created_at = excluded.created_at`);
    return { status, headers, body: json === null ? undefined : JSON.parse(json) };
  }

  private query<R extends object>(statement: Sql): Promise<R[]> {
    return run<R>(this.dataSource.manager, statement);
  }
}
