import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { Clock } from '../common/time/clock.js';
import { ReservationsService } from '../inventory/reservations.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { LedgerVerificationService } from '../ledger/ledger.verification.service.js';
import { type LockedOrder, OrderPaymentsService, type PayableOrder } from '../orders/order-payments.service.js';
import { type AttemptChange, changeBy, changeByCheck, fits, isLive, type Outcome } from './attempt-states.js';
import { AttemptsService } from './attempts.service.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import type { RefundLine } from './entities/refund-line.entity.js';
import { entriesOfPayment, entriesOfRefund } from './payments.postings.js';
import { type AttemptSums, PaymentsRepository } from './payments.repository.js';

/** What the ledger calls the attempts that it has postings for. */
const CAUSE = 'payment-attempt';

/** What names an attempt, and what is locked before it. */
type AttemptName = Pick<PaymentAttempt, 'id' | 'orderId'>;

/** What a change has made of an attempt, and of the sums of its order. */
interface Changed {
  before: PaymentAttempt;
  attempt: PaymentAttempt;
  sums: AttemptSums;
}

/** What the history of an order says of an attempt. */
type OrderEventName = Parameters<OrderPaymentsService['recordPayment']>[2]['event'];

/**
 * The one place where an attempt gets an outcome, from any source: the request, a webhook, a job, or staff. It goes forward only, under the
 * lock of the order, so that the same outcome twice, or an older one later, changes nothing.
 */
@Injectable()
export class SettlementService implements OnModuleInit {
  private readonly logger = new Logger(SettlementService.name);

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly attempts: AttemptsService,
    private readonly orders: OrderPaymentsService,
    private readonly reservations: ReservationsService,
    private readonly ledger: LedgerService,
    private readonly verification: LedgerVerificationService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.verification.compareWith(CAUSE, {
      readIds: (after, limit) => this.repository.readMovedIds(after, limit),
      sumsOf: (ids) => this.repository.sumMoved(ids),
    });
  }

  /**
   * Records what is learned of an attempt, with all that follows from it.
   * @param by who says so, if it is staff, and why.
   * @returns the attempt as it is then.
   * @throws AppError 404.
   */
  async settle(of: AttemptName, outcome: Outcome, by?: { actorId: string; note: string }): Promise<PaymentAttempt> {
    const { id: attemptId } = of;
    return this.change(of, by?.actorId ?? null, (attempt) => {
      const change = changeBy(attempt, outcome, this.clock.now());
      if (outcome.state === 'succeeded' && !fits(attempt, outcome)) {
        this.logger.error({ attemptId, outcome }, 'The provider says another amount than was asked for.');
      }
      if (attempt.operation === 'refund' && attempt.state === 'succeeded' && outcome.state === 'declined') {
        this.logger.error(
          { attemptId, outcome },
          'A refund failed after it had succeeded: the customer has no money yet.',
        );
      }
      return change && by ? { ...change, reason: by.note } : change;
    });
  }

  /** Records that the provider was asked, and said no outcome. It is asked again, until staff have to look at it. @throws AppError 404. */
  async defer(of: AttemptName): Promise<PaymentAttempt> {
    return this.change(of, null, (attempt) => {
      if (!isLive(attempt.state) || attempt.state === 'needs_review') return undefined;
      const change = changeByCheck(attempt, this.clock.now());
      if (change.state === 'needs_review') {
        this.logger.error({ attemptId: of.id }, 'A payment has no outcome after a day: somebody has to look at it.');
      }
      return change;
    });
  }

  private async change(
    { id: attemptId, orderId }: AttemptName,
    actorId: string | null,
    changeOf: (attempt: PaymentAttempt) => AttemptChange | undefined,
  ): Promise<PaymentAttempt> {
    return this.transactions.run(async () => {
      // one after the other, and sent together
      const [order, attempt] = await Promise.all([this.orders.lock(orderId), this.repository.lock(attemptId)]);
      if (!order || !attempt) throw new AppError(NotFound, `There is no payment ${attemptId}.`);
      const change = changeOf(attempt);
      if (!change) return attempt;
      const [changed, sums] = await Promise.all([
        this.repository.update(attemptId, change),
        this.repository.sum(orderId),
      ]);
      await this.apply(order, { before: attempt, attempt: changed, sums }, actorId);
      await this.attempts.announce(changed);
      return changed;
    });
  }

  /** Does what follows from the new state of an attempt, in the order of locks: order, stock, ledger. */
  private async apply(order: LockedOrder, { before, attempt, sums }: Changed, actorId: string | null): Promise<void> {
    const event = eventOf(before, attempt);
    if (!event) return;
    const { id, amount, operation, state } = attempt;
    const lines = operation === 'refund' && state === 'succeeded' ? await this.repository.findRefundLines(id) : [];
    const by = { event, attemptId: id, amount, actorId: actorId ?? attempt.actorId, lines };
    const { isUnwanted } = await this.orders.recordPayment(order, sums, by);
    if (state !== 'succeeded') return;
    if (operation === 'refund') await this.postRefund(order, attempt, lines);
    if (operation === 'capture') this.postPayment(order, attempt);
    await this.giveBack(order, sums, attempt, isUnwanted);
  }

  private postPayment(order: PayableOrder, { id, amount }: PaymentAttempt): void {
    this.ledger.post({
      kind: 'payment',
      cause: { type: CAUSE, id },
      customerId: order.customerId,
      orderId: order.id,
      description: `Payment of order ${order.number}`,
      entries: entriesOfPayment(amount, order),
    });
  }

  /** Puts refunded units back into stock, if they are to be, and posts the refund. */
  private async postRefund(
    order: PayableOrder,
    { id, amount, currency, restock, actorId }: PaymentAttempt,
    refunded: readonly RefundLine[],
  ): Promise<void> {
    const of = new Map(order.lines.map((line) => [line.id, line]));
    // one that was cancelled meanwhile has put back all that it had
    if (restock && (order.status === 'confirmed' || order.status === 'completed')) {
      const quantities = refunded.flatMap(({ lineId, quantity }) => {
        const productId = of.get(lineId)?.productId;
        return productId ? [{ productId, quantity }] : [];
      });
      await this.reservations.restock(quantities, { refundId: id, reason: `Refund of order ${order.number}`, actorId });
    }
    const shipping = refunded
      .filter(({ lineId }) => of.get(lineId)?.type === 'shipping')
      .reduce((sum, line) => sum + line.amount, 0);
    this.ledger.post({
      kind: 'refund',
      cause: { type: CAUSE, id },
      customerId: order.customerId,
      orderId: order.id,
      description: `Refund of order ${order.number}`,
      entries: entriesOfRefund(amount, shipping, currency),
    });
  }

  /** Money for an order that nobody gets any more, or more than the order costs, goes back, once for each payment. */
  private async giveBack(
    { id: orderId, total }: PayableOrder,
    { captured, authorized }: AttemptSums,
    { id, operation, amount, currency }: PaymentAttempt,
    isUnwanted: boolean,
  ): Promise<void> {
    if (operation !== 'authorize' && operation !== 'capture') return;
    // a hold that the order is covered without is given up as a whole
    const surplus =
      operation === 'capture'
        ? Math.min(amount, captured - total)
        : isCoveredBy(total, captured, authorized - amount)
          ? amount
          : 0;
    const excess = isUnwanted ? amount : surplus;
    if (excess <= 0) return;
    const asked = { orderId, parentId: id, currency, cause: `unwanted:${id}`, reason: 'The order is not to be paid' };
    await this.attempts.createOnce(
      operation === 'capture'
        ? { ...asked, operation: 'refund', amount: excess }
        : { ...asked, operation: 'void', amount },
    );
  }
}

const isCoveredBy = (total: number, captured: number, authorized: number): boolean =>
  Math.max(captured, authorized) >= total;

/** What a change of an attempt means for its order; undefined for nothing. A refund without an outcome leaves the order as it was. */
function eventOf(before: PaymentAttempt, { operation, state }: PaymentAttempt): OrderEventName | undefined {
  const isPayment = operation === 'authorize' || operation === 'capture';
  switch (state) {
    case 'succeeded':
      return SUCCESSES[operation];
    case 'declined':
      return isPayment ? 'payment_declined' : undefined;
    case 'unknown':
    case 'needs_review':
      return isPayment && before.state !== state ? 'payment_unresolved' : undefined;
    default:
      return undefined;
  }
}

const SUCCESSES = {
  authorize: 'payment_authorized',
  capture: 'payment_captured',
  void: 'payment_voided',
  refund: 'payment_refunded',
} as const satisfies Record<PaymentAttempt['operation'], OrderEventName>;
