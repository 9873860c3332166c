import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { assignmentsOf, queryShared, run, runForRow } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { PageQuery } from '../common/http/paging/page.dto.js';
import { type AttemptChange, LIVE_STATES } from './attempt-states.js';
import type { PaymentListQuery } from './dto/payment-query.dto.js';
import { PaymentAttempt } from './entities/payment-attempt.entity.js';
import type { RefundLine } from './entities/refund-line.entity.js';

/** An attempt that is to be made. */
export type NewAttempt = Pick<
  PaymentAttempt,
  'id' | 'orderId' | 'operation' | 'parentId' | 'amount' | 'currency' | 'provider' | 'nextCheckAt' | 'createdAt'
> &
  Partial<Pick<PaymentAttempt, 'sealedToken' | 'cause' | 'reason' | 'restock' | 'actorId' | 'providerReference'>>;

/** What the attempts of an order sum to, in minor units. */
export interface AttemptSums {
  /** Authorized and not given up, captured or not. */
  authorized: number;
  captured: number;
  refunded: number;
  /** Whether it is unknown if a payment succeeded. */
  isUnresolved: boolean;
}

/** A payment that took money, and how much of it can still be refunded. */
export interface Captured {
  id: string;
  refundable: number;
}

const COLUMNS = raw(`
  a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider,
  a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks,
  a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId",
  a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"`);

/** The rows of payment attempts, and all SQL about them. */
@Injectable()
export class PaymentsRepository {
  constructor(
    @InjectRepository(PaymentAttempt) private readonly rows: Repository<PaymentAttempt>,
    private readonly pages: Pages,
  ) {}

  /** One page of the attempts of an order, the first one first. */
  async readPageOf(orderId: string, list: AskedList<PageQuery>): Promise<Page<PaymentAttempt>> {
    return this.pages.read<PaymentAttempt>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('payment_attempts a'),
      where: [sql`a.order_id = ${orderId}`],
      id: raw('a.id'),
      sort: { expression: raw('a.created_at'), type: 'timestamptz', descending: false },
    });
  }

  /** One page of all attempts, the latest first. */
  async readPage(list: AskedList<PaymentListQuery>): Promise<Page<PaymentAttempt>> {
    return this.pages.read<PaymentAttempt>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('payment_attempts a'),
      where: conditionsOf(list.query),
      id: raw('a.id'),
      sort: { expression: raw('a.created_at'), type: 'timestamptz', descending: true },
    });
  }

  async find(id: string): Promise<PaymentAttempt | undefined> {
    const [row] = await queryShared<PaymentAttempt>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM payment_attempts a WHERE a.id = ${id}`,
    );
    return row;
  }

  /** Locks an attempt until the end of the transaction; after its order. */
  async lock(id: string): Promise<PaymentAttempt | undefined> {
    declareLock('payment attempt');
    const [row] = await run<PaymentAttempt>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM payment_attempts a WHERE a.id = ${id} FOR NO KEY UPDATE`,
    );
    return row;
  }

  /** The payment of an order that has no outcome yet. */
  async findOpen(orderId: string): Promise<PaymentAttempt | undefined> {
    const [row] = await run<PaymentAttempt>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM payment_attempts a
          WHERE a.order_id = ${orderId} AND a.operation IN ('authorize', 'capture') AND a.state = ANY (${LIVE_STATES})`,
    );
    return row;
  }

  async insert(attempt: NewAttempt): Promise<PaymentAttempt> {
    return runForRow(this.rows.manager, sql`${insertionOf(attempt)} RETURNING ${COLUMNS}`);
  }

  /** @returns undefined when something was done for the same cause before. */
  async insertOnce(attempt: NewAttempt): Promise<PaymentAttempt | undefined> {
    const [row] = await run<PaymentAttempt>(
      this.rows.manager,
      sql`${insertionOf(attempt)} ON CONFLICT ON CONSTRAINT payment_attempts_cause_unique DO NOTHING RETURNING ${COLUMNS}`,
    );
    return row;
  }

  async update(id: string, change: AttemptChange): Promise<PaymentAttempt> {
    return runForRow(
      this.rows.manager,
      sql`UPDATE payment_attempts a SET ${assignmentsOf(change)} WHERE a.id = ${id} RETURNING ${COLUMNS}`,
    );
  }

  /** The provider is asked from now on. @returns undefined when it was asked before. */
  async markSent(id: string): Promise<PaymentAttempt | undefined> {
    const [sent] = await run<PaymentAttempt>(
      this.rows.manager,
      sql`UPDATE payment_attempts a SET state = 'sent' WHERE a.id = ${id} AND a.state = 'created' RETURNING ${COLUMNS}`,
    );
    return sent;
  }

  async sum(orderId: string): Promise<AttemptSums> {
    const [sums] = await run<AttemptSums>(
      this.rows.manager,
      sql`SELECT
            (coalesce(sum(amount) FILTER (WHERE operation = 'authorize' AND state = 'succeeded'), 0)
              - coalesce(sum(amount) FILTER (WHERE operation = 'void' AND state = 'succeeded'), 0))::bigint AS authorized,
            coalesce(sum(amount) FILTER (WHERE operation = 'capture' AND state = 'succeeded'), 0)::bigint AS captured,
            coalesce(sum(amount) FILTER (WHERE operation = 'refund' AND state = 'succeeded'), 0)::bigint AS refunded,
            coalesce(bool_or(operation IN ('authorize', 'capture') AND state IN ('unknown', 'needs_review')), false)
              AS "isUnresolved"
          FROM payment_attempts WHERE order_id = ${orderId}`,
    );
    return sums ?? { authorized: 0, captured: 0, refunded: 0, isUnresolved: false };
  }

  /**
   * The payments of an order that took money, the one with most to refund first. What a refund without an outcome may return can not be
   * refunded again.
   */
  async findCaptured(orderId: string): Promise<Captured[]> {
    return run<Captured>(
      this.rows.manager,
      sql`SELECT c.id, (c.amount - coalesce(sum(r.amount), 0))::bigint AS refundable
          FROM payment_attempts c
          LEFT JOIN payment_attempts r ON r.parent_id = c.id AND r.operation = 'refund' AND r.state <> 'declined'
          WHERE c.order_id = ${orderId} AND c.operation = 'capture' AND c.state = 'succeeded'
          GROUP BY c.id ORDER BY refundable DESC, c.id`,
    );
  }

  /** The authorizations of an order that are neither captured nor given up, also not by an attempt without an outcome. */
  async findHeld(orderId: string): Promise<PaymentAttempt[]> {
    return run<PaymentAttempt>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM payment_attempts a
          WHERE a.order_id = ${orderId} AND a.operation = 'authorize' AND a.state = 'succeeded'
            AND NOT EXISTS (SELECT FROM payment_attempts f WHERE f.parent_id = a.id AND f.state <> 'declined')
          ORDER BY a.id`,
    );
  }

  /** The ids of the attempts that moved money, in their order. */
  async readMovedIds(after: string | null, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM payment_attempts
          WHERE operation IN ('capture', 'refund') AND state = 'succeeded' AND (${after}::uuid IS NULL OR id > ${after}::uuid)
          ORDER BY id LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }

  /** What each of these attempts moved, in minor units: a refund is negative. */
  async sumMoved(ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await run<{ id: string; amount: number }>(
      this.rows.manager,
      sql`SELECT id, CASE operation WHEN 'refund' THEN -amount ELSE amount END AS amount FROM payment_attempts
          WHERE operation IN ('capture', 'refund') AND state = 'succeeded' AND id = ANY (${ids})`,
    );
    return new Map(rows.map(({ id, amount }) => [id, amount]));
  }

  /** How often the shop gave a payment back by itself, or a part of it, and how often that was declined. */
  async countReturns(parentId: string): Promise<{ all: number; declined: number }> {
    return runForRow<{ all: number; declined: number }>(
      this.rows.manager,
      sql`SELECT count(*)::integer AS all, (count(*) FILTER (WHERE state = 'declined'))::integer AS declined
          FROM payment_attempts WHERE parent_id = ${parentId} AND cause IS NOT NULL`,
    );
  }

  /** Forgets why money of these orders was returned: those are words of people. */
  async eraseReasons(orderIds: readonly string[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`UPDATE payment_attempts SET reason = NULL WHERE order_id = ANY (${orderIds}) AND reason IS NOT NULL`,
    );
  }

  async insertRefundLines(lines: readonly RefundLine[]): Promise<void> {
    await run(
      this.rows.manager,
      sql`INSERT INTO refund_lines (attempt_id, line_id, quantity, amount)
          SELECT "attemptId", "lineId", quantity, amount FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb)
            AS line ("attemptId" uuid, "lineId" uuid, quantity integer, amount bigint)`,
    );
  }

  /** The lines of one refund. */
  async findRefundLines(attemptId: string): Promise<RefundLine[]> {
    return run<RefundLine>(
      this.rows.manager,
      sql`SELECT attempt_id AS "attemptId", line_id AS "lineId", quantity, amount FROM refund_lines
          WHERE attempt_id = ${attemptId} ORDER BY line_id`,
    );
  }

  /** How much of each line of an order is refunded, or may be by a refund without an outcome. */
  async sumRefundLines(orderId: string): Promise<Omit<RefundLine, 'attemptId'>[]> {
    return run<Omit<RefundLine, 'attemptId'>>(
      this.rows.manager,
      sql`SELECT l.line_id AS "lineId", sum(l.quantity)::integer AS quantity, sum(l.amount)::bigint AS amount
          FROM payment_attempts a JOIN refund_lines l ON l.attempt_id = a.id
          WHERE a.order_id = ${orderId} AND a.state <> 'declined' GROUP BY l.line_id`,
    );
  }
}

const conditionsOf = ({ state, orderId }: PaymentListQuery): Sql[] =>
  [state !== undefined && sql`a.state = ${state}`, orderId !== undefined && sql`a.order_id = ${orderId}`].filter(
    (condition) => condition !== false,
  );

const insertionOf = ({
  sealedToken = null,
  cause = null,
  reason = null,
  restock = false,
  actorId = null,
  ...attempt
}: NewAttempt): Sql => sql`
  INSERT INTO payment_attempts AS a (id, order_id, operation, parent_id, amount, currency, provider, next_check_at,
    sealed_token, cause, reason, restock, actor_id, created_at, updated_at)
  VALUES (${attempt.id}, ${attempt.orderId}, ${attempt.operation}, ${attempt.parentId}, ${attempt.amount},
    ${attempt.currency}, ${attempt.provider}, ${attempt.nextCheckAt}, ${sealedToken}, ${cause}, ${reason}, ${restock},
    ${actorId}, ${attempt.createdAt}, ${attempt.createdAt})`;
