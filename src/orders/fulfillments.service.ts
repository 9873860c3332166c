import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError, type Fault } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import {
  type CreateFulfillmentDto,
  type FulfilledLineDto,
  type FulfillmentDto,
  type FulfillmentPage,
  toFulfillmentDto,
} from './dto/fulfillment.dto.js';
import type { FulfillmentQuery } from './dto/order-query.dto.js';
import type { OrderRow } from './dto/order.dto.js';
import { FulfillmentsRepository } from './fulfillments.repository.js';
import { FulfillmentTooLarge } from './orders.errors.js';
import { ReadOrders } from './orders.permissions.js';
import { type LineQuantity, OrdersRepository } from './orders.repository.js';
import { requireCustomer } from './orders.service.js';
import { factsOf, openUnitsOf, OrdersTransitionsService, requireTransition } from './orders.transitions.service.js';

/** The parcels of orders: partial, and several for one order. */
@Injectable()
export class FulfillmentsService {
  constructor(
    private readonly fulfillments: FulfillmentsRepository,
    private readonly orders: OrdersRepository,
    private readonly transitions: OrdersTransitionsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** One page of the parcels of an order, the oldest first. @throws AppError 404. */
  async list(orderId: string, asked: FulfillmentQuery, caller: Caller): Promise<FulfillmentPage> {
    requireCustomer(await this.orders.findState(orderId), orderId, caller, ReadOrders);
    const page = await this.fulfillments.readPage(this.pages.open(asked, orderId), orderId);
    return mapPage(page, toFulfillmentDto);
  }

  /**
   * Records that units of an order were sent. With the last ones the order is completed.
   * @throws AppError 404; 412 when the order has changed; 409 when it is not confirmed, or fewer units are left; 422 for lines that it does
   * not have.
   */
  async create(
    orderId: string,
    { lines, carrier = null, trackingNumber = null }: CreateFulfillmentDto,
    expected: ExpectedVersions,
    { userId: actorId }: Caller,
  ): Promise<FulfillmentDto> {
    return this.transactions.run(async () => {
      const order = await this.orders.lock(orderId);
      if (!order) throw new AppError(NotFound, `There is no order ${orderId}.`);
      requireVersion(expected, order.version);
      requireTransition(order, 'fulfill');
      const quantities = requireOpen(lines, order);

      const row = { orderId, carrier, trackingNumber, actorId, lines: quantities };
      const fulfillment = { id: uuidv7(), ...row, createdAt: this.clock.now() };
      await this.fulfillments.insert(fulfillment);
      await this.orders.addFulfilled(orderId, quantities);
      await this.advance(order, quantities, { actorId, subjectId: fulfillment.id });
      return toFulfillmentDto(fulfillment);
    });
  }

  /** Brings the order to where it is with these units sent. */
  private async advance(
    order: OrderRow,
    quantities: readonly LineQuantity[],
    cause: { actorId: string; subjectId: string },
  ): Promise<void> {
    const before = factsOf(order);
    const units = sumOf(quantities);
    const { fulfilledUnits, openUnits } = before;
    const after = { ...before, fulfilledUnits: fulfilledUnits + units, openUnits: openUnits - units };
    const isLast = after.openUnits === 0;
    await this.transitions.apply(order, isLast ? 'complete' : 'fulfill', cause, {
      change: { fulfillmentStatus: isLast ? 'fulfilled' : 'partially_fulfilled' },
      facts: after,
      earlier: isLast ? ['fulfilled'] : [],
    });
  }
}

/**
 * The units of each line, added up.
 * @throws AppError 422 for lines that are no items of the order; 409 when fewer units of one are left.
 */
function requireOpen(asked: readonly FulfilledLineDto[], { lines }: OrderRow): LineQuantity[] {
  const open = new Map(lines.filter(({ type }) => type === 'item').map((line) => [line.id, openUnitsOf(line)]));
  const place = (at: number, member: string): string => `#/lines/${String(at)}/${member}`;
  const unknown = asked.flatMap(({ lineId }, at): Fault[] =>
    open.has(lineId)
      ? []
      : [{ pointer: place(at, 'lineId'), code: 'exists', detail: 'must be the id of an item of the order' }],
  );
  if (unknown.length > 0) {
    throw new AppError(ValidationFailed, 'Some of the lines are not in the order.', { errors: unknown });
  }
  const sums = new Map<string, number>();
  for (const { lineId, quantity } of asked) sums.set(lineId, (sums.get(lineId) ?? 0) + quantity);
  const excessive = asked.flatMap(({ lineId }, at): Fault[] => {
    const left = open.get(lineId) ?? 0;
    const detail = `must be at most ${String(left)}, which are left to send, for all of this line together`;
    return (sums.get(lineId) ?? 0) > left ? [{ pointer: place(at, 'quantity'), code: 'open', detail }] : [];
  });
  if (excessive.length > 0) {
    throw new AppError(FulfillmentTooLarge, 'Fewer units are left to send.', { errors: excessive });
  }
  return [...sums].map(([lineId, quantity]) => ({ lineId, quantity }));
}

const sumOf = (quantities: readonly LineQuantity[]): number =>
  quantities.reduce((sum, { quantity }) => sum + quantity, 0);
