import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { EventsService } from '../common/events/events.service.js';
import { OrderPaymentsService } from '../orders/order-payments.service.js';
import { OrderCancelled, OrderExpired } from '../orders/orders.events.js';
import { UserErased } from '../users/users.events.js';
import { AttemptsService } from './attempts.service.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentChanged } from './payments.events.js';
import { PaymentsRepository } from './payments.repository.js';

/** After how many seconds money that could not be given back is given back again; then staff have to do it. */
const PAUSES = [0, 3600, 6 * 3600, 24 * 3600, 72 * 3600] as const;

/** Gives back by itself what was paid for an order that was cancelled or has expired, and gives up what was only authorized. */
@Injectable()
export class PaymentReturnsService implements OnModuleInit {
  private readonly logger = new Logger(PaymentReturnsService.name);

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly attempts: AttemptsService,
    private readonly orders: OrderPaymentsService,
    private readonly events: EventsService,
  ) {}

  onModuleInit(): void {
    this.events.handle('money of cancelled orders', [OrderCancelled, OrderExpired], ({ aggregateId }) =>
      this.returnAll(aggregateId),
    );
    this.events.handle('money not given back', [PaymentChanged], async ({ aggregateId, data }) => {
      if (data.state === 'declined') await this.returnAgain(aggregateId);
    });
    this.events.handle('personal data of payments', [UserErased], async ({ aggregateId }) => {
      await this.repository.eraseReasons(await this.orders.idsOf(aggregateId));
    });
  }

  /** Gives back all that was paid for an order that has ended, and is not on its way back. */
  private async returnAll(orderId: string): Promise<void> {
    const order = await this.orders.lock(orderId);
    if (!order) return;
    const { currency } = order;
    const asked = { orderId, currency, reason: `The order is ${order.status}` };
    for (const { id, refundable } of await this.repository.findCaptured(orderId)) {
      // eslint-disable-next-line stockroom/no-queries-in-loops -- an order has one or two
      if (refundable > 0) await this.send({ ...asked, parentId: id, amount: refundable, operation: 'refund' });
    }
    for (const { id, amount } of await this.repository.findHeld(orderId)) {
      // eslint-disable-next-line stockroom/no-queries-in-loops -- an order has one or two
      await this.send({ ...asked, parentId: id, amount, operation: 'void' });
    }
  }

  /** After a refund, void or capture was declined: what it leaves with the shop is given back as before. */
  private async returnAgain(attemptId: string): Promise<void> {
    const { orderId, parentId, operation, amount, currency, cause, reason } = await this.attempts.read(attemptId);
    if (parentId === null) return;
    if (await this.orders.hasEnded(orderId)) await this.returnAll(orderId);
    else if (cause !== null && (operation === 'refund' || operation === 'void')) {
      await this.orders.lock(orderId);
      await this.send({
        orderId,
        parentId,
        amount,
        currency,
        operation,
        reason: reason ?? 'The order is not to be paid',
      });
    }
  }

  /** Under the lock of the order: later after each time that it was declined. */
  private async send(
    asked: Pick<PaymentAttempt, 'orderId' | 'currency' | 'amount' | 'reason' | 'operation'> & { parentId: string },
  ): Promise<void> {
    const { parentId, operation } = asked;
    const { all, declined } = await this.repository.countReturns(parentId);
    const pause = PAUSES[declined];
    if (pause !== undefined) {
      await this.attempts.createOnce({ ...asked, cause: `returned:${parentId}:${String(all)}` }, pause);
      return;
    }
    this.logger.error(
      { paymentId: parentId, operation },
      'Money of a customer could not be given back: look at the payment, and refund it.',
    );
  }
}
