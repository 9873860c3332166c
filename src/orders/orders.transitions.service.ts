import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { requestContext } from '../common/context/request-context.js';
import { AppError } from '../common/errors/app-error.js';
import { InternalError } from '../common/errors/errors.js';
import type { EventType } from '../common/events/define-event.js';
import { EventsService } from '../common/events/events.service.js';
import { Clock } from '../common/time/clock.js';
import { ReservationsService } from '../inventory/reservations.service.js';
import type { OrderRow } from './dto/order.dto.js';
import type { OrderEvent, OrderEventName } from './entities/order-event.entity.js';
import { OrderActionNotAllowed } from './orders.errors.js';
import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  type OrderEventData,
  OrderExpired,
  OrderUpdated,
} from './orders.events.js';
import { OrdersHistoryRepository } from './orders.history.repository.js';
import { allowedActions, type OrderAction, type OrderFacts, type Transition, transitionOf } from './orders.machine.js';
import { type OrderChange, OrdersRepository } from './orders.repository.js';

/** Who does something to an order, why, and what it is about. */
export interface OrderCause {
  /** Null for the shop itself. */
  actorId: string | null;
  reason?: string | null;
  subjectId?: string | null;
  amount?: number | null;
}

/** What else there is to a transition. */
interface Step {
  /** What changes of the order beside its status. */
  change?: OrderChange;
  /** What the condition of the transition is asked about; by default, the order with the change. */
  facts?: OrderFacts;
  /** What happened before it in the same step, as the history names it. */
  earlier?: readonly OrderEventName[];
}

/** What each action is announced as, and what the history calls it. */
const ANNOUNCED: Readonly<Record<OrderAction, { type: EventType<OrderEventData>; name: OrderEventName }>> = {
  confirm: { type: OrderConfirmed, name: 'confirmed' },
  fulfill: { type: OrderUpdated, name: 'fulfilled' },
  complete: { type: OrderCompleted, name: 'completed' },
  cancel: { type: OrderCancelled, name: 'cancelled' },
  expire: { type: OrderExpired, name: 'expired' },
};

/** The one writer of the status of orders: what it does to an order is a row of the table of the machine. */
@Injectable()
export class OrdersTransitionsService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly history: OrdersHistoryRepository,
    private readonly reservations: ReservationsService,
    private readonly events: EventsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Does something to an order that is locked, in the open unit of work: changes it, does what follows for the stock, which others may
   * wait for until the commit, announces it and writes it down.
   * @returns the order as it is then.
   * @throws AppError 409 that says what is allowed.
   */
  async apply(order: OrderRow, action: OrderAction, cause: OrderCause, step: Step = {}): Promise<OrderRow> {
    const { change = {}, facts = factsOf({ ...order, ...change }), earlier = [] } = step;
    const transition = requireTransition(order, action, facts);
    const { to } = transition;
    const { type, name } = ANNOUNCED[action];
    const names = [...earlier, name];
    const ids = names.map(() => uuidv7());
    // one after the other, and sent together
    const [changed] = await Promise.all([
      this.write(order, { ...change, status: to, ...(to !== 'pending' && { expiresAt: null }) }, type, cause),
      this.settleStock(order, transition, cause, ids.at(-1) ?? ''),
    ]);
    this.record(changed, names, cause, ids);
    return changed;
  }

  /**
   * Changes an order that is locked, in the open unit of work, without another status, and announces it.
   * @returns the order as it is then.
   */
  async change(order: OrderRow, change: OrderChange, cause: OrderCause): Promise<OrderRow> {
    return this.write(order, change, OrderUpdated, cause);
  }

  /**
   * Writes down what happened to an order, in the open unit of work.
   * @param ids of the events, ascending.
   */
  record(
    order: OrderRow,
    names: readonly OrderEventName[],
    cause: OrderCause,
    ids: readonly string[] = names.map(() => uuidv7()),
  ): void {
    const { id: orderId, version, status } = order;
    const { actorId, reason = null, subjectId = null, amount = null } = cause;
    const requestId = requestContext().requestId ?? null;
    const createdAt = this.clock.now();
    const events = names.map((name, at): OrderEvent => {
      const what = { name, version, status, subjectId, amount, reason };
      return { id: ids[at] ?? '', orderId, ...what, actorId, requestId, createdAt };
    });
    this.history.insert(events);
  }

  private async write(
    order: OrderRow,
    change: OrderChange,
    type: EventType<OrderEventData>,
    { subjectId }: OrderCause,
  ): Promise<OrderRow> {
    const changed = await this.orders.update(order.id, change);
    const isFulfillment = type === OrderCompleted || (type === OrderUpdated && change.fulfillmentStatus !== undefined);
    const about = isFulfillment && subjectId ? { fulfillmentId: subjectId } : {};
    this.events.publish(type, changed, { ...changed, ...about });
    return changed;
  }

  private async settleStock(
    { id, lines }: OrderRow,
    { effects }: Transition,
    { actorId }: OrderCause,
    eventId: string,
  ): Promise<void> {
    if (effects.includes('consume the reservation') && !(await this.reservations.consume(id, actorId))) {
      throw new AppError(InternalError, `the order ${id} is confirmed, and nothing is reserved for it`);
    }
    if (effects.includes('release the reservation')) await this.reservations.release(id);
    if (!effects.includes('restock the items')) return;
    // units whose money was paid back already went back to the stock then, or were not fit for it
    const kept = lines.map((line) => ({ ...line, quantity: line.quantity - line.refundedQuantity }));
    const quantities = kept.flatMap(({ type, productId, quantity }) =>
      type === 'item' && productId !== null && quantity > 0 ? [{ productId, quantity }] : [],
    );
    if (quantities.length === 0) return;
    await this.reservations.restock(quantities, { refundId: eventId, reason: 'An order was cancelled', actorId });
  }
}

/** @throws AppError 409 that says what is allowed. */
export function requireTransition(order: OrderRow, action: OrderAction, facts = factsOf(order)): Transition {
  const transition = transitionOf(order.status, action, facts);
  if (transition) return transition;
  const { status } = order;
  const allowed = allowedActions(status, facts);
  const rest = allowed.length === 0 ? 'Nothing can be done with it any more.' : `Allowed: ${allowed.join(', ')}.`;
  throw new AppError(OrderActionNotAllowed, `The order is ${status}, and ${action} is not allowed. ${rest}`, {
    members: { orderStatus: status, allowed },
  });
}

/** What the machine asks of an order whose payments are not looked at: one that costs something is covered once it is confirmed. */
export function factsOf({ lines, paymentStatus, total }: OrderRow): OrderFacts {
  const items = lines.filter(({ type }) => type === 'item');
  return {
    paymentStatus,
    isCovered: total === 0,
    fulfilledUnits: items.reduce((sum, { fulfilledQuantity }) => sum + fulfilledQuantity, 0),
    openUnits: items.reduce((sum, line) => sum + openUnitsOf(line), 0),
  };
}

/** How many units of a line are left to send. Of a line whose money is paid back in part, those are refunded first that are not sent. */
export const openUnitsOf = ({ quantity, fulfilledQuantity, refundedQuantity }: OrderRow['lines'][number]): number =>
  Math.max(0, quantity - fulfilledQuantity - refundedQuantity);
