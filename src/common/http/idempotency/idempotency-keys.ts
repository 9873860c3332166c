import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Retention, type RetentionRule } from '../../background/retention.js';
import { Transactions } from '../../database/transactions.js';
import { AppError } from '../../errors/app-error.js';
import { Clock } from '../../time/clock.js';
import { IdempotencyKeyInUse, IdempotencyKeyReused } from '../errors/http-errors.js';
import {
  IdempotencyKeysRepository,
  type KeptOutcome,
  type KeyName,
  type PhasedRow,
} from './idempotency-keys.repository.js';

/** For how long a key is remembered, in seconds. */
export const KEY_LIFETIME = 24 * 3600;

/** A request that is to have one effect, however often it is sent. */
export interface KeyedRequest extends KeyName {
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
    deleteBatch: (limit) => this.keys.deleteOld(this.clock.in(-KEY_LIFETIME), limit),
  };

  constructor(
    private readonly keys: IdempotencyKeysRepository,
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
      const known = await this.open(request);
      if (known) return { outcome: known, replayed: true };
      return { outcome: this.remember(request, await work()), replayed: false };
    });
  }

  /**
   * What is known of a request since the first time; when that is nothing, its key is locked until the end of the open transaction.
   * @throws AppError as {@link once}.
   */
  async open(request: KeyedRequest): Promise<(KeptOutcome & PhasedRow) | undefined> {
    // one after the other, and sent together
    const [isLocked, known] = await Promise.all([
      this.keys.tryLock(request),
      this.keys.find(request, this.clock.in(-KEY_LIFETIME)),
    ]);
    // who has the lock may be a repetition, too
    if (!isLocked && !known) throw inUse();
    if (known && !known.fingerprint.equals(request.fingerprint)) {
      throw new AppError(IdempotencyKeyReused, 'This key came with another request before: choose a new one.', {
        errors: [{ header: 'Idempotency-Key', code: 'reused', detail: 'belongs to another request' }],
      });
    }
    return known;
  }

  /** Forgets what requests about a user or their things were answered, and all requests of the user: it may have personal data. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.keys.deleteAbout(ids);
  }

  /** Deletes the keys that are older than 24 hours. @returns how many. */
  async sweep(): Promise<number> {
    return this.retention.apply(this.rule);
  }

  /** @returns the outcome as it is read later: what is sent now and what is sent again are made of the same. */
  private remember(request: KeyedRequest, { status, headers, body }: Outcome): Outcome {
    const json = body === undefined ? null : JSON.stringify(body);
    const { fingerprint } = request;
    this.keys.upsert(request, { fingerprint, status, headers, json, createdAt: this.clock.now() });
    return { status, headers, body: json === null ? undefined : JSON.parse(json) };
  }
}

const inUse = (): AppError =>
  new AppError(IdempotencyKeyInUse, 'The first request with this key still runs: its answer can be had soon.', {
    retryAfter: 1,
  });
