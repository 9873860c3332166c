import { Injectable } from '@nestjs/common';
import sql, { raw, type Sql } from 'sql-template-tag';
import { DataSource } from 'typeorm';
import { deleteRows, queryShared, run } from '../database/statements.js';
import { Transactions } from '../database/transactions.js';
import { Clock } from '../time/clock.js';
import type { PublishedEvent } from './define-event.js';

/** How many events get their positions at once. */
const BATCH = 500;
/** How long an event is kept after it was published, in days. */
export const KEPT_DAYS = 30;

/** What caused an event: the request, if one did, and who made it. */
interface EventContext {
  requestId?: string;
  traceId?: string;
  callerId?: string;
}

/** An event that has no position yet. */
type NewEvent = Omit<FeedEvent, 'position'>;

/** An event of the feed, with what caused it. */
export interface FeedEvent extends PublishedEvent {
  context: EventContext;
}

/** The columns of a {@link FeedEvent}, of `outbox o`. */
export const EVENT_COLUMNS = raw(`
  o.id, o.position, o.name, o.schema_version AS "schemaVersion", o.aggregate_type AS "aggregateType",
  o.aggregate_id AS "aggregateId", o.version, o.data, o.context, o.occurred_at AS "occurredAt"`);

/** The events that features announced: written with their cause, given positions later, read by position. */
@Injectable()
export class OutboxRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Writes events when the open unit of work commits. They are refused when a version of an aggregate has been announced before. */
  insert(events: readonly NewEvent[]): void {
    this.transactions.writeLast(insertionOf, events);
  }

  /**
   * Gives the next positions to events that are committed and have none: one process at a time, by the lock of the one row that
   * counts positions. An order by `id` alone could put two versions of an aggregate the wrong way round, since an id is made before
   * its row is locked. So an event goes by the greatest id of its aggregate up to it, then by its version. A version that is
   * seen has its predecessors seen, too: they committed before it could lock the row of the aggregate.
   * @returns how many events got one; 0 also when another process is giving them.
   */
  async publishNext(): Promise<number> {
    return this.transactions.run(async () => {
      // a statement of its own: the next one has a younger snapshot, which sees what the last holder of the lock committed
      const [last] = await run<{ position: number }>(
        this.dataSource.manager,
        sql`SELECT position FROM event_sequencer FOR UPDATE SKIP LOCKED`,
      );
      if (!last) return 0;
      const [next] = await run<{ position: number }>(
        this.dataSource.manager,
        sql`WITH oldest AS (
              SELECT aggregate_type, aggregate_id, version FROM outbox WHERE position IS NULL ORDER BY id LIMIT ${BATCH}
            ), bounds AS (
              SELECT aggregate_type, aggregate_id, max(version) AS version FROM oldest GROUP BY aggregate_type, aggregate_id
            ), ordered AS (
              SELECT id, row_number() OVER (ORDER BY reached, aggregate_type, aggregate_id, version) AS rank FROM (
                SELECT o.id, o.aggregate_type, o.aggregate_id, o.version, max(o.id::text COLLATE "C") OVER (
                  PARTITION BY o.aggregate_type, o.aggregate_id ORDER BY o.version
                ) AS reached
                FROM bounds b JOIN outbox o ON o.aggregate_type = b.aggregate_type AND o.aggregate_id = b.aggregate_id
                  AND o.version <= b.version AND o.position IS NULL
              ) reaching ORDER BY rank LIMIT ${BATCH}
            ), stamped AS (
              UPDATE outbox o SET position = ${last.position}::bigint + ordered.rank, published_at = ${this.clock.now()}
              FROM ordered WHERE o.id = ordered.id RETURNING 1
            )
            UPDATE event_sequencer SET position = position + (SELECT count(*) FROM stamped) RETURNING position`,
      );
      return (next?.position ?? last.position) - last.position;
    });
  }

  /** The feed after a position, in order: at most `limit` events. It has no gaps, but for what is too old to be kept. */
  async read(after: number, limit: number): Promise<FeedEvent[]> {
    return queryShared<FeedEvent>(
      this.dataSource.manager,
      sql`SELECT ${EVENT_COLUMNS} FROM outbox o WHERE o.position > ${after} ORDER BY o.position LIMIT ${limit}`,
    );
  }

  /**
   * Deletes events that were published {@link KEPT_DAYS} ago, that every handler has passed and that no delivery waits for: at
   * most `limit`. When it was announced does not count: a long transaction shows its events late.
   * @returns how many.
   */
  async deleteOld(limit: number): Promise<number> {
    return deleteRows(
      this.dataSource.manager,
      sql`DELETE FROM outbox WHERE id IN (
            SELECT o.id FROM outbox o
            WHERE o.published_at <= ${this.clock.in(-KEPT_DAYS * 24 * 3600)}
              AND NOT EXISTS (SELECT FROM event_consumers c WHERE c.position < o.position)
              AND NOT EXISTS (SELECT FROM event_deliveries d WHERE d.event_id = o.id)
            ORDER BY o.published_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
          ) RETURNING 1`,
    );
  }
}

const insertionOf = (events: readonly NewEvent[]): Sql => sql`
  INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)
  SELECT id, "aggregateType", "aggregateId", version, name, "schemaVersion", data, context, "occurredAt"
  FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb) AS event (
    id uuid, "aggregateType" text, "aggregateId" uuid, version integer, name text, "schemaVersion" integer, data jsonb,
    context jsonb, "occurredAt" timestamptz)`;
