import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { Caller } from '../common/security/caller.js';
import type { Permission } from '../common/security/permissions.js';
import { Clock } from '../common/time/clock.js';
import { ReservationsService } from '../inventory/reservations.service.js';
import type { OrderRow } from './dto/order.dto.js';
import type { OrderEventName } from './entities/order-event.entity.js';
import { isCovered, type PaymentSums, paymentStatusOf } from './orders.payment-status.js';
import { ReadOrders } from './orders.permissions.js';
import { type LineQuantity, type OrderChange, OrdersRepository } from './orders.repository.js';
import { requireCustomer } from './orders.service.js';
import { factsOf, type OrderCause, OrdersTransitionsService } from './orders.transitions.service.js';

export type { PaymentSums };

/** An order as payments see it. */
export interface PayableOrder extends OrderRow {
  /** The part of the total that sending costs, in minor units. */
  shippingTotal: number;
}

/** An order that is locked. */
export interface LockedOrder extends PayableOrder {
  /** Whether all that it has in it is reserved for it. While it is locked, that stays so. */
  isReserved: boolean;
}

/** What happened to a payment attempt of an order. */
export interface PaymentEvent {
  event: Extract<OrderEventName, `payment_${string}`>;
  attemptId: string;
  /** In minor units. */
  amount: number;
  /** Who did it; null for the shop itself or the provider. */
  actorId: string | null;
  /** The units whose money was paid back, where that was by line. */
  lines?: readonly LineQuantity[];
}

/**
 * For how long the stock of an order is reserved while the outcome of a payment is unknown, in seconds: longer than the provider is asked for
 * it, and at last it is for staff. The order does not expire meanwhile.
 */
const UNRESOLVED_SECONDS = 14 * 24 * 3600;

/** What payments do to orders, each in the open unit of work of its caller. */
@Injectable()
export class OrderPaymentsService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly transitions: OrdersTransitionsService,
    private readonly reservations: ReservationsService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * An order that the caller pays for, or may see.
   * @param others the permission for the orders of others.
   * @throws AppError 404, also for someone else's.
   */
  async find(orderId: string, caller: Caller, others: Permission = ReadOrders): Promise<PayableOrder> {
    return toPayable(requireCustomer(await this.orders.find(orderId), orderId, caller, others));
  }

  /** As {@link find}; locks the order until the end of the transaction. @throws AppError 404. */
  async lockFor(orderId: string, caller: Caller, others: Permission = ReadOrders): Promise<PayableOrder> {
    return toPayable(requireCustomer(await this.orders.lock(orderId), orderId, caller, others));
  }

  /** Locks an order until the end of the transaction; undefined when it is not there. */
  async lock(orderId: string): Promise<LockedOrder | undefined> {
    // one after the other, and sent together
    const [order, isReserved] = await Promise.all([this.orders.lock(orderId), this.orders.isReserved(orderId)]);
    return order && { ...toPayable(order), isReserved };
  }

  /** Whether an order was cancelled or has expired; also one that is not there. */
  async hasEnded(orderId: string): Promise<boolean> {
    const order = await this.orders.find(orderId);
    return !order || order.status === 'cancelled' || order.status === 'expired';
  }

  /**
   * Keeps the stock of an order that is locked and waits reserved for at least so many seconds: it does not expire while it is paid.
   * @returns false when it was due already.
   */
  async hold(order: PayableOrder, seconds: number): Promise<boolean> {
    const [now, least] = [this.clock.now(), this.clock.in(seconds)];
    if (!order.expiresAt || order.expiresAt <= now) return false;
    if (order.expiresAt >= least) return true;
    await this.reservations.extend(order.id, least);
    await this.transitions.change(order, { expiresAt: least }, { actorId: null });
    return true;
  }

  /** The orders of a customer. */
  async idsOf(customerId: string): Promise<string[]> {
    return this.orders.findIdsOf(customerId);
  }

  /**
   * Records what happened to a payment of an order that is locked: the one writer of how far an order is paid. An order that is waiting and is
   * authorized or paid in full is confirmed. The same sums again change nothing but the history.
   * @param sums over all attempts of the order, this one included.
   * @returns the order as it is then; `isUnwanted` when money came that the order has no use for, since it is cancelled or expired, or
   * its stock is gone: the caller gives it back.
   */
  async recordPayment(
    order: LockedOrder,
    sums: PaymentSums,
    { event, attemptId, amount, actorId, lines = [] }: PaymentEvent,
  ): Promise<{ order: PayableOrder; isUnwanted: boolean }> {
    const cause: OrderCause = { actorId, subjectId: attemptId, amount };
    if (lines.length > 0) await this.orders.addRefunded(order.id, lines);
    const change: OrderChange = {
      paymentStatus: paymentStatusOf(order.total, sums),
      refunded: sums.refunded,
    };
    const isMoney = event === 'payment_authorized' || event === 'payment_captured';
    if (order.status === 'pending' && isMoney && isCovered(order.total, sums)) {
      return this.confirm(order, change, cause, event);
    }
    const updated = await this.update(order, change, cause, lines.length > 0);
    this.transitions.record(updated, [event], cause);
    if (lines.length > 0) await this.completeSent(updated);
    const isDead = order.status === 'cancelled' || order.status === 'expired';
    return { order: toPayable(updated), isUnwanted: isMoney && isDead };
  }

  /** Completes an order of which a part was sent, when the money of all the rest was paid back. */
  private async completeSent(order: OrderRow): Promise<void> {
    const facts = factsOf(order);
    if (order.status !== 'confirmed' || facts.openUnits > 0 || facts.fulfilledUnits === 0) return;
    await this.transitions.apply(order, 'complete', { actorId: null }, { change: { fulfillmentStatus: 'fulfilled' } });
  }

  /** Confirms an order that is paid for; one whose stock is gone expires, and its money is unwanted. */
  private async confirm(
    order: LockedOrder,
    change: OrderChange,
    cause: OrderCause,
    event: OrderEventName,
  ): Promise<{ order: PayableOrder; isUnwanted: boolean }> {
    const facts = { ...factsOf({ ...order, ...change }), isCovered: true };
    const action = order.isReserved ? 'confirm' : 'expire';
    const updated = await this.transitions.apply(order, action, cause, { change, facts, earlier: [event] });
    return { order: toPayable(updated), isUnwanted: !order.isReserved };
  }

  /** Writes how far an order is paid, and until when its stock is reserved. */
  private async update(order: OrderRow, change: OrderChange, cause: OrderCause, isByLine: boolean): Promise<OrderRow> {
    const seconds = this.extensionOf(order, change);
    if (seconds !== undefined) {
      const expiresAt = this.clock.in(seconds);
      await this.reservations.extend(order.id, expiresAt);
      return this.transitions.change(order, { ...change, expiresAt }, cause);
    }
    const isSame = change.paymentStatus === order.paymentStatus && change.refunded === order.refunded;
    return isSame && !isByLine ? order : this.transitions.change(order, change, cause);
  }

  /** For how long the stock of an order that waits is reserved from now on, in seconds; undefined for as long as before. */
  private extensionOf({ status, paymentStatus }: OrderRow, change: OrderChange): number | undefined {
    if (status !== 'pending' || change.paymentStatus === paymentStatus) return undefined;
    if (change.paymentStatus === 'unresolved') return UNRESOLVED_SECONDS;
    // the customer gets the time back that the payment has taken
    return paymentStatus === 'unresolved' ? this.config.reservationMinutes * 60 : undefined;
  }
}

const toPayable = (order: OrderRow): PayableOrder => ({
  ...order,
  shippingTotal: order.lines.reduce((sum, { type, total }) => (type === 'shipping' ? sum + total : sum), 0),
});
