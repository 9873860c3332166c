import { Injectable } from '@nestjs/common';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { declareLock } from '../database/locks.js';
import { deleteRows, queryShared, run } from '../database/statements.js';
import type { PageQuery } from '../http/paging/page.dto.js';
import { type AskedList, type Page, Pages } from '../http/paging/pages.js';
import { Clock } from '../time/clock.js';
import { EVENT_COLUMNS, type FeedEvent, KEPT_DAYS } from './outbox.repository.js';

/**
 * - `waiting`: behind an earlier event of the same aggregate, or its turn has just come;
 * - `failed`: is tried again, at `nextAttemptAt`;
 * - `dead`: failed too often; staff retry or skip it.
 */
export const DELIVERY_STATES = ['waiting', 'failed', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What a handler has not done of an event when its time came: it failed, or waits behind one that did. */
export interface Delivery {
  id: string;
  consumer: string;
  eventId: string;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: Date | null;
  /** Why the last attempt failed, without values. */
  lastError: string | null;
}

/** As staff see it. */
export interface DeliveryRow extends Delivery {
  eventName: string;
  position: number;
  aggregateType: string;
  aggregateId: string;
  createdAt: Date;
  updatedAt: Date;
}

/** The outcome of an attempt that failed, or of none. */
export type Attempt = Pick<Delivery, 'state' | 'attempts' | 'nextAttemptAt' | 'lastError'>;

/** An event whose time has come again, and how often its handler has tried it. */
export interface DueEvent extends FeedEvent {
  deliveryId: string;
  attempts: number;
}

/** A handler as the tables know it: a name, and the events that it handles. */
export interface ConsumerNames {
  readonly name: string;
  readonly events: readonly string[];
}

/** What there is to do. */
export interface Pending {
  isUnpublished: boolean;
  /** The names of handlers that have events after their cursor. */
  behind: string[];
  /** The names of handlers with a delivery whose time has come. */
  due: string[];
  /** The present end of the feed. */
  end: number;
}

const DELIVERY_COLUMNS = raw(`
  d.id, d.consumer, d.event_id AS "eventId", d.state, d.attempts, d.next_attempt_at AS "nextAttemptAt",
  d.last_error AS "lastError", (SELECT e.name FROM outbox e WHERE e.id = d.event_id) AS "eventName", d.position,
  d.aggregate_type AS "aggregateType", d.aggregate_id AS "aggregateId", d.created_at AS "createdAt", d.updated_at AS "updatedAt"`);

/** How far each handler is, and what it could not do. */
@Injectable()
export class DeliveriesRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pages: Pages,
  ) {}

  /**
   * Adds the handlers that are new: each begins at the present end of the feed, or at its beginning. It waits for no process that
   * has one of the others: {@link advanceIdle} says that those are in use.
   */
  async register(consumers: readonly (ConsumerNames & { fromBeginning: boolean })[]): Promise<void> {
    if (consumers.length === 0) return;
    await this.query(
      sql`INSERT INTO event_consumers (name, position, seen_at)
          SELECT c.name, CASE WHEN c."fromBeginning" THEN 0 ELSE s.position END, ${this.clock.now()}
          FROM jsonb_to_recordset(${JSON.stringify(consumers)}::jsonb) AS c (name text, "fromBeginning" boolean)
          CROSS JOIN event_sequencer s
          ON CONFLICT (name) DO NOTHING`,
    );
  }

  /**
   * Looks for what there is to do for these handlers, in one statement that indexes answer.
   * @param consumers with the position up to which there is nothing for each, where that is known: what is rare among many events is not
   * looked for again and again among all of them.
   */
  async findPending(consumers: readonly (ConsumerNames & { nothingUpTo?: number })[]): Promise<Pending> {
    const [pending] = await queryShared<Pending>(
      this.dataSource.manager,
      sql`WITH own AS (${recordsOf(consumers)})
          SELECT (SELECT position FROM event_sequencer) AS end,
            EXISTS (SELECT FROM outbox WHERE position IS NULL) AS "isUnpublished",
            ARRAY(
              SELECT c.name FROM event_consumers c JOIN own ON own.name = c.name
              WHERE ${isBehind(raw('greatest(c.position, own."nothingUpTo")'))}
            ) AS behind,
            ARRAY(
              SELECT own.name FROM own WHERE EXISTS (
                SELECT FROM event_deliveries d JOIN outbox o ON o.id = d.event_id AND o.name = ANY (own.events)
                WHERE d.consumer = own.name AND d.next_attempt_at <= ${this.clock.now()}
              )
            ) AS due`,
    );
    return pending ?? { isUnpublished: false, behind: [], due: [], end: 0 };
  }

  /** Locks a handler until the end of the transaction. @returns its position; undefined when another process has it. */
  async lockConsumer(name: string): Promise<number | undefined> {
    const [row] = await this.query<{ position: number }>(
      sql`SELECT position FROM event_consumers WHERE name = ${name} FOR UPDATE SKIP LOCKED`,
    );
    return row?.position;
  }

  /** The next events of a handler, at most `limit`; with each, whether one of its aggregate waits already. */
  async readNext(
    { name, events }: ConsumerNames,
    after: number,
    limit: number,
  ): Promise<(FeedEvent & { isBlocked: boolean })[]> {
    return this.query<FeedEvent & { isBlocked: boolean }>(
      sql`SELECT ${EVENT_COLUMNS}, EXISTS (
            SELECT FROM event_deliveries d WHERE d.consumer = ${name}
              AND d.aggregate_type = o.aggregate_type AND d.aggregate_id = o.aggregate_id
          ) AS "isBlocked"
          FROM unnest(${events}::text[]) wanted (event)
          CROSS JOIN LATERAL (
            SELECT * FROM outbox n WHERE n.name = wanted.event AND n.position > ${after} ORDER BY n.position LIMIT ${limit}
          ) o
          ORDER BY o.position LIMIT ${limit}`,
    );
  }

  /** Says how far a handler is: it has done every event up to there, or has a delivery for it. */
  async moveConsumer(name: string, position: number): Promise<void> {
    await this.query(sql`UPDATE event_consumers SET position = ${position} WHERE name = ${name}`);
  }

  /** Keeps what a handler did not do. */
  async insert(consumer: string, undone: readonly { event: FeedEvent; attempt: Attempt }[]): Promise<void> {
    if (undone.length === 0) return;
    const rows = undone.map(({ event, attempt }) => ({
      id: uuidv7(),
      event_id: event.id,
      aggregate_type: event.aggregateType,
      aggregate_id: event.aggregateId,
      position: event.position,
      state: attempt.state,
      attempts: attempt.attempts,
      next_attempt_at: attempt.nextAttemptAt,
      last_error: attempt.lastError,
    }));
    const now = this.clock.now();
    await this.query(
      sql`INSERT INTO event_deliveries (id, consumer, event_id, aggregate_type, aggregate_id, position, state, attempts,
            next_attempt_at, last_error, created_at, updated_at)
          SELECT d.id, ${consumer}::text, d.event_id, d.aggregate_type, d.aggregate_id, d.position, d.state, d.attempts,
            d.next_attempt_at, d.last_error, ${now}::timestamptz, ${now}::timestamptz
          FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (
            id uuid, event_id uuid, aggregate_type text, aggregate_id uuid, position bigint, state text, attempts integer,
            next_attempt_at timestamptz, last_error text)`,
    );
  }

  /** The delivery of a handler whose time came first, with its event. */
  async findDue({ name, events }: ConsumerNames): Promise<DueEvent | undefined> {
    const [due] = await this.query<DueEvent>(
      sql`SELECT ${EVENT_COLUMNS}, d.id AS "deliveryId", d.attempts
          FROM event_deliveries d JOIN outbox o ON o.id = d.event_id
          WHERE d.consumer = ${name} AND d.next_attempt_at <= ${this.clock.now()} AND o.name = ANY (${events}::text[])
          ORDER BY d.next_attempt_at, d.position LIMIT 1`,
    );
    return due;
  }

  /** A delivery as it is now, locked; its handler has to be locked before. */
  async lock(id: string): Promise<Delivery | undefined> {
    declareLock('event delivery');
    const [row] = await this.query<Delivery>(
      sql`SELECT ${DELIVERY_COLUMNS} FROM event_deliveries d WHERE d.id = ${id} FOR UPDATE OF d`,
    );
    return row;
  }

  /** Locks the handler of a delivery, waiting for it. */
  async lockConsumerOf(id: string): Promise<void> {
    declareLock('event handler');
    await this.query(
      sql`SELECT FROM event_consumers WHERE name = (SELECT consumer FROM event_deliveries WHERE id = ${id}) FOR UPDATE`,
    );
  }

  async update(id: string, { state, attempts, nextAttemptAt, lastError }: Attempt): Promise<void> {
    await this.query(
      sql`UPDATE event_deliveries SET state = ${state}, attempts = ${attempts}, next_attempt_at = ${nextAttemptAt},
            last_error = ${lastError}, updated_at = ${this.clock.now()} WHERE id = ${id}`,
    );
  }

  /** Deletes a delivery, which is done or skipped; the next one of its aggregate, if one waits, has its turn. */
  async remove(id: string): Promise<void> {
    const now = this.clock.now();
    await this.query(
      sql`WITH removed AS (
            DELETE FROM event_deliveries WHERE id = ${id} RETURNING consumer, aggregate_type, aggregate_id
          )
          UPDATE event_deliveries d SET next_attempt_at = ${now}, updated_at = ${now}
          WHERE d.state = 'waiting' AND d.id = (
            SELECT n.id FROM event_deliveries n JOIN removed r ON r.consumer = n.consumer
              AND r.aggregate_type = n.aggregate_type AND r.aggregate_id = n.aggregate_id
            WHERE n.id <> ${id} ORDER BY n.position LIMIT 1
          )`,
    );
  }

  /** One page of deliveries, the oldest first; of one state, if the query names one. */
  async readPage(list: AskedList<PageQuery & { state?: DeliveryState }>): Promise<Page<DeliveryRow>> {
    const { state } = list.query;
    return this.pages.read<DeliveryRow>(this.dataSource.manager, list, {
      columns: DELIVERY_COLUMNS,
      from: raw('event_deliveries d'),
      where: state === undefined ? [] : [sql`d.state = ${state}`],
      id: raw('d.id'),
      sort: { expression: raw('d.created_at'), type: 'timestamptz', descending: false },
    });
  }

  async find(id: string): Promise<DeliveryRow | undefined> {
    const [row] = await queryShared<DeliveryRow>(
      this.dataSource.manager,
      sql`SELECT ${DELIVERY_COLUMNS} FROM event_deliveries d WHERE d.id = ${id}`,
    );
    return row;
  }

  /**
   * Says that these handlers are in use, and moves those that have nothing to do to the end of the feed: they hold no event back.
   */
  async advanceIdle(consumers: readonly ConsumerNames[]): Promise<void> {
    await this.query(
      sql`WITH own AS (${recordsOf(consumers)})
          UPDATE event_consumers c SET seen_at = ${this.clock.now()}, position = CASE
            WHEN ${isBehind(raw('c.position'))} THEN c.position
            ELSE greatest(c.position, (SELECT position FROM event_sequencer)) END
          FROM own JOIN (SELECT name FROM event_consumers FOR UPDATE SKIP LOCKED) free ON free.name = own.name
          WHERE c.name = own.name`,
    );
  }

  /** Deletes handlers that no process has had for {@link KEPT_DAYS} days, with their deliveries. @returns how many. */
  async deleteUnused(consumers: readonly ConsumerNames[], limit: number): Promise<number> {
    return deleteRows(
      this.dataSource.manager,
      sql`DELETE FROM event_consumers WHERE name IN (
            SELECT name FROM event_consumers
            WHERE seen_at <= ${this.clock.in(-KEPT_DAYS * 24 * 3600)} AND name <> ALL (${consumers.map(({ name }) => name)}::text[])
            LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }

  private query<R extends object>(statement: Sql): Promise<R[]> {
    return run<R>(this.dataSource.manager, statement);
  }
}

/** Whether there is an event after a position for the handler `own`. */
const isBehind = (position: Sql): Sql => sql`EXISTS (
  SELECT FROM unnest(own.events) wanted (event) WHERE (
    SELECT o.position FROM outbox o WHERE o.name = wanted.event AND o.position > ${position} ORDER BY o.position LIMIT 1
  ) IS NOT NULL)`;

const recordsOf = (consumers: readonly ConsumerNames[]): Sql =>
  sql`SELECT own.name, own.events, own."nothingUpTo"
      FROM jsonb_to_recordset(${JSON.stringify(consumers)}::jsonb) AS own (name text, events text[], "nothingUpTo" bigint)`;
