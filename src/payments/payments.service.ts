import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { type ConstraintErrors, mapConstraintErrors } from '../common/database/constraints.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import { OrderPaymentsService, type PayableOrder } from '../orders/order-payments.service.js';
import { WriteOrders } from '../orders/orders.permissions.js';
import { AttemptsService } from './attempts.service.js';
import type { CapturePaymentDto, PayOrderDto, ResolvePaymentDto } from './dto/payment-input.dto.js';
import type { OrderPaymentsQuery, PaymentListQuery } from './dto/payment-query.dto.js';
import { type PaymentDto, type PaymentPage, toPaymentDto } from './dto/payment.dto.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentCallsService } from './payment-calls.service.js';
import {
  OrderNotPayable,
  PaymentDeclined,
  PaymentInProgress,
  PaymentNotAuthorized,
  PaymentResolved,
  PaymentsClosed,
  PaymentUnresolved,
} from './payments.errors.js';
import { type AttemptFlow, PaymentFlows } from './payments.flows.js';
import { PaymentsRepository } from './payments.repository.js';
import { SettlementService } from './settlement.service.js';

type PayInput = PayOrderDto & { orderId: string; caller: Caller };
type CaptureInput = CapturePaymentDto & { orderId: string; paymentId: string; caller: Caller };

/** How long a client waits before it looks again at a payment that is on its way, in seconds. */
const RETRY_AFTER = 5;

/** For how long at least the stock of an order stays reserved once its payment is sent, in seconds: longer than a provider may take. */
const CALL_TIME = 120;

/** The payments of orders. */
@Injectable()
export class PaymentsService {
  private readonly payFlow: AttemptFlow<PayInput>;
  private readonly captureFlow: AttemptFlow<CaptureInput>;

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly attempts: AttemptsService,
    private readonly flows: PaymentFlows,
    private readonly calls: PaymentCallsService,
    private readonly settlement: SettlementService,
    private readonly orders: OrderPaymentsService,
    private readonly pages: Pages,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    this.payFlow = flows.register('payments.pay', (input: PayInput) => this.preparePayment(input));
    this.captureFlow = flows.register('payments.capture', (input: CaptureInput) => this.prepareCapture(input));
  }

  /**
   * Pays an order in full, or only authorizes that.
   * @throws AppError 402 when it is declined; 404; 409 when the order can not be paid, or the outcome of another payment is not known yet.
   */
  async pay(orderId: string, input: PayOrderDto, caller: Caller): Promise<PaymentDto> {
    return refuseDeclined(
      await this.flows.run(this.payFlow, { token: input.token, capture: input.capture, orderId, caller }),
    );
  }

  /** Takes the money of an authorized payment: all of it, or less. @throws AppError 402, 404, 409; 422 for more than was authorized. */
  async capture(orderId: string, paymentId: string, input: CapturePaymentDto, caller: Caller): Promise<PaymentDto> {
    return refuseDeclined(await this.flows.run(this.captureFlow, { amount: input.amount, orderId, paymentId, caller }));
  }

  /** One page of the payments of an order. @throws AppError 404, also for someone else's. */
  async list(orderId: string, asked: OrderPaymentsQuery, caller: Caller): Promise<PaymentPage> {
    await this.orders.find(orderId, caller);
    return mapPage(await this.repository.readPageOf(orderId, this.pages.open(asked, orderId)), toPaymentDto);
  }

  /** @throws AppError 404, also for one of another order. */
  async read(orderId: string, paymentId: string, caller: Caller): Promise<PaymentDto> {
    await this.orders.find(orderId, caller);
    return toPaymentDto(await this.findOf(orderId, paymentId));
  }

  /** One page of the payments of all orders. */
  async listAll(asked: PaymentListQuery): Promise<PaymentPage> {
    return mapPage(await this.repository.readPage(this.pages.open(asked)), toPaymentDto);
  }

  /** Staff say what became of a payment whose outcome is unknown. @throws AppError 404; 409 when it is known; 422 without a reference. */
  async resolve(
    paymentId: string,
    { outcome, note, providerReference }: ResolvePaymentDto,
    { userId }: Caller,
  ): Promise<PaymentDto> {
    const attempt = await this.attempts.read(paymentId);
    if (attempt.state !== 'unknown' && attempt.state !== 'needs_review') {
      throw new AppError(PaymentResolved, 'The outcome of this payment is not unknown.');
    }
    const reference = providerReference ?? attempt.providerReference;
    const by = { actorId: userId, note };
    if (outcome === 'declined') {
      const declined = { state: outcome, reference, code: 'resolved_by_staff' } as const;
      return toPaymentDto(await this.settlement.settle(attempt, declined, by));
    }
    if (reference === null) throw referenceNeeded();
    const { amount, currency } = attempt;
    return toPaymentDto(await this.settlement.settle(attempt, { state: outcome, reference, amount, currency }, by));
  }

  /** In the unit of work of the request. */
  private async preparePayment({ orderId, token, capture = true, caller }: PayInput): Promise<PaymentAttempt> {
    if (this.config.production && this.config.paymentProvider === undefined) {
      throw new AppError(PaymentsClosed, 'No payment provider is configured.', { retryAfter: 3600 });
    }
    if (!capture && !caller.permissions.has(WriteOrders.name)) throw staffOnly();
    const order = await this.lockOrder(orderId, caller);
    if (order.status !== 'pending' || order.paymentStatus !== 'unpaid' || order.total === 0) {
      throw new AppError(OrderNotPayable, `The order is ${order.status} and ${order.paymentStatus}.`);
    }
    if (!(await this.orders.hold(order, CALL_TIME))) throw new AppError(OrderNotPayable, 'The order has expired.');
    return this.create({
      orderId,
      operation: capture ? 'capture' : 'authorize',
      parentId: null,
      amount: order.total,
      currency: order.currency,
      sealedToken: this.calls.sealToken(token),
      actorId: caller.userId,
    });
  }

  /** In the unit of work of the request. */
  private async prepareCapture({ orderId, paymentId, amount, caller }: CaptureInput): Promise<PaymentAttempt> {
    const { status } = await this.lockOrder(orderId, caller);
    if (status === 'cancelled' || status === 'expired') {
      throw new AppError(PaymentNotAuthorized, `The order is ${status}: the payment is given up.`);
    }
    const parent = await this.findOf(orderId, paymentId);
    const isHeld = (await this.repository.findHeld(orderId)).some(({ id }) => id === paymentId);
    if (!isHeld)
      throw new AppError(PaymentNotAuthorized, 'The payment is not authorized, or was captured or given up.');
    if (amount !== undefined && amount > parent.amount) throw moreThanAuthorized(parent.amount);
    const { currency } = parent;
    const asked = { orderId, parentId: paymentId, amount: amount ?? parent.amount, currency, actorId: caller.userId };
    return this.create({ ...asked, operation: 'capture' });
  }

  private async create(asked: Parameters<AttemptsService['create']>[0]): Promise<PaymentAttempt> {
    return mapConstraintErrors(CONSTRAINT_ERRORS, this.attempts.create(asked));
  }

  /**
   * The order, locked; to see it is not enough to pay for it.
   * @throws AppError 404; 409 as long as a payment of the order has no outcome.
   */
  private async lockOrder(orderId: string, caller: Caller): Promise<PayableOrder> {
    // one after the other, and sent together
    const [order, open] = await Promise.all([
      this.orders.lockFor(orderId, caller, WriteOrders),
      this.repository.findOpen(orderId),
    ]);
    if (open) this.refuseBeside(open);
    return order;
  }

  /** @throws AppError 409. */
  private refuseBeside(open: PaymentAttempt): never {
    if (open.state === 'created' || open.state === 'sent') throw inProgress();
    const pause = open.nextCheckAt ? (open.nextCheckAt.getTime() - this.clock.now().getTime()) / 1000 : 3600;
    throw new AppError(PaymentUnresolved, `The outcome of the payment ${open.id} is unknown.`, {
      retryAfter: Math.max(RETRY_AFTER, Math.ceil(pause)),
    });
  }

  private async findOf(orderId: string, paymentId: string): Promise<PaymentAttempt> {
    const attempt = await this.attempts.read(paymentId);
    if (attempt.orderId !== orderId) throw new AppError(NotFound, `The order has no payment ${paymentId}.`);
    return attempt;
  }
}

/** @throws AppError 402 for a payment that was declined. */
function refuseDeclined(payment: PaymentDto): PaymentDto {
  if (payment.state !== 'declined') return payment;
  const declineCode = payment.declineCode ?? '';
  throw new AppError(PaymentDeclined, `The provider declined the payment: ${declineCode}.`, {
    members: { declineCode },
  });
}

const inProgress = (): AppError =>
  new AppError(PaymentInProgress, 'Another payment of the order is on its way to the provider.', {
    retryAfter: RETRY_AFTER,
  });

const staffOnly = (): AppError =>
  new AppError(ValidationFailed, 'Only staff authorize a payment without capturing it.', {
    errors: [{ pointer: '#/capture', code: 'permission', detail: 'must be true, or left out' }],
  });

const moreThanAuthorized = (authorized: number): AppError =>
  new AppError(ValidationFailed, 'More than was authorized can not be captured.', {
    errors: [{ pointer: '#/amount', code: 'max', detail: `must not be more than ${String(authorized)}` }],
  });

const referenceNeeded = (): AppError =>
  new AppError(ValidationFailed, 'A payment that succeeded has a reference of the provider.', {
    errors: [{ pointer: '#/providerReference', code: 'required', detail: 'must be given: the shop does not know it' }],
  });

/** What the table refuses, in words. */
const CONSTRAINT_ERRORS: ConstraintErrors = {
  payment_attempts_open_unique: inProgress,
  payment_attempts_parent_unique: () => new AppError(PaymentNotAuthorized, 'The payment was captured or given up.'),
};
