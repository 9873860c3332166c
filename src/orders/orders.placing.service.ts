import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError, type Fault } from '../common/errors/app-error.js';
import { ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import type { Caller } from '../common/security/caller.js';
import { Clock } from '../common/time/clock.js';
import { ReservationsService } from '../inventory/reservations.service.js';
import type { CreateOrderDto, ShippingAddressInputDto } from './dto/order-input.dto.js';
import { type OrderDto, type OrderRow, toOrderDto } from './dto/order.dto.js';
import type { ShippingAddress } from './entities/order.entity.js';
import { OrderTooLarge, OrderTotalChanged } from './orders.errors.js';
import { OrderPlaced } from './orders.events.js';
import { newOrderNumber } from './orders.numbers.js';
import { WriteOrders } from './orders.permissions.js';
import { OrdersPricesService, type PricedOrder } from './orders.prices.service.js';
import { type NewOrder, OrdersRepository } from './orders.repository.js';
import { MAX_TOTAL, totalOf, totalOfLine } from './orders.totals.js';
import { type OrderCause, OrdersTransitionsService } from './orders.transitions.service.js';

/** Placing orders: what is asked for, at the prices of now, with its stock reserved. */
@Injectable()
export class OrdersPlacingService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly prices: OrdersPricesService,
    private readonly transitions: OrdersTransitionsService,
    private readonly reservations: ReservationsService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Places an order. Its stock is reserved until the order expires; one that costs nothing is confirmed at once.
   * @throws AppError 422 for what does not exist or does not go together; 409 for what is not sold or not in stock, and when the order
   * costs something else than is expected.
   */
  async place(asked: CreateOrderDto, caller: Caller): Promise<OrderDto> {
    requirePermission(asked, caller);
    return this.transactions.run(async () => {
      const priced = await this.prices.priceOf(asked, caller);
      const total = requireTotal(priced, asked);
      const draft = { ...this.draft(asked, priced), customerId: asked.customerId ?? caller.userId, total };
      const cause = { actorId: caller.userId };
      // one after the other, and sent together; the stock last: others who want the same product wait for it until the commit
      const [order] = await Promise.all([
        this.insert(draft, priced, cause),
        this.reservations.reserve(draft.id, priced.quantities, draft.expiresAt),
      ]);
      if (total > 0) return toOrderDto(order);
      return toOrderDto(await this.transitions.apply(order, 'confirm', cause));
    });
  }

  private draft(
    asked: CreateOrderDto,
    { currency }: PricedOrder,
  ): Omit<NewOrder, 'customerId' | 'total'> & { expiresAt: Date } {
    return {
      id: uuidv7(),
      number: newOrderNumber(),
      status: 'pending',
      paymentStatus: 'unpaid',
      currency,
      reference: asked.reference ?? null,
      shippingAddress: asked.shippingAddress ? toAddress(asked.shippingAddress) : null,
      shippingMethodId: asked.shippingMethodId ?? null,
      expiresAt: this.clock.in(this.config.reservationMinutes * 60),
      createdAt: this.clock.now(),
    };
  }

  /** Inserts an order, and announces it. @throws AppError 422 when there is no such customer. */
  private async insert(order: NewOrder, { lines }: PricedOrder, cause: OrderCause): Promise<OrderRow> {
    const inserted = await this.orders.insert(
      { ...order, paymentStatus: order.total === 0 ? 'paid' : 'unpaid' },
      lines.map((line) => ({ ...line, id: uuidv7(), total: totalOfLine(line) })),
    );
    if (!inserted) throw noSuchCustomer();
    this.events.publish(OrderPlaced, inserted, inserted);
    this.transitions.record(inserted, ['placed'], cause);
    return inserted;
  }
}

const noSuchCustomer = (): AppError =>
  new AppError(ValidationFailed, 'The customer does not exist.', {
    errors: [{ pointer: '#/customerId', code: 'exists', detail: 'must be the id of a customer who is not erased' }],
  });

const toAddress = ({
  name,
  phone,
  street,
  city,
  region,
  postcode,
  country,
}: ShippingAddressInputDto): ShippingAddress => ({
  name,
  phone: phone ?? null,
  street,
  city,
  region: region ?? null,
  postcode: postcode ?? null,
  country,
});

/** @throws AppError 422 for members that are for staff alone. */
function requirePermission({ customerId, items }: CreateOrderDto, caller: Caller): void {
  if (caller.permissions.has(WriteOrders.name)) return;
  const refused = (pointer: string): Fault => ({
    pointer,
    code: 'permission',
    detail: `may be sent with ${WriteOrders.name} alone`,
  });
  const errors = [
    ...(customerId == null ? [] : [refused('#/customerId')]),
    ...items.flatMap(({ unitPrice }, at) => (unitPrice == null ? [] : [refused(`#/items/${String(at)}/unitPrice`)])),
  ];
  if (errors.length > 0) throw new AppError(ValidationFailed, 'Some members are for staff alone.', { errors });
}

/** What the order costs. @throws AppError 422 when that is more than an order may cost; 409 when it is not what was expected. */
function requireTotal({ lines, currency }: PricedOrder, { expectedTotal }: CreateOrderDto): number {
  const total = totalOf(lines);
  if (total > MAX_TOTAL) throw new AppError(OrderTooLarge, 'The order comes to more than an order may.');
  if (expectedTotal && (expectedTotal.amount !== total || expectedTotal.currency !== currency)) {
    throw new AppError(OrderTotalChanged, `The order costs ${String(total)} minor units of ${currency} now.`, {
      members: { total: { amount: total, currency } },
    });
  }
  return total;
}
