import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { IdempotencyKeys } from '../common/http/idempotency/idempotency-keys.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { ownsOrMay } from '../common/security/owners.js';
import type { Permission } from '../common/security/permissions.js';
import { UserErased } from '../users/users.events.js';
import { type OrderEventPage, toOrderEventDto } from './dto/order-event.dto.js';
import type { CancelOrderDto } from './dto/order-input.dto.js';
import type { OrderEventQuery, OrderQuery } from './dto/order-query.dto.js';
import { type OrderDto, type OrderPage, type OrderRow, toOrderDto } from './dto/order.dto.js';
import { FulfillmentsRepository } from './fulfillments.repository.js';
import { OrderUpdated } from './orders.events.js';
import { OrdersHistoryRepository } from './orders.history.repository.js';
import { ReadOrders, WriteOrders } from './orders.permissions.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersTransitionsService } from './orders.transitions.service.js';

/** The orders of the shop, as their customers and staff see and cancel them. */
@Injectable()
export class OrdersService implements OnModuleInit {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly history: OrdersHistoryRepository,
    private readonly fulfillments: FulfillmentsRepository,
    private readonly transitions: OrdersTransitionsService,
    private readonly events: EventsService,
    private readonly idempotencyKeys: IdempotencyKeys,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.events.handle('personal data of orders', [UserErased], ({ aggregateId }) => this.erasePersonal(aggregateId));
  }

  /** One page of the caller's own orders, or of all with the permission to read them. */
  async list(asked: OrderQuery, caller: Caller): Promise<OrderPage> {
    return mapPage(await this.orders.readPage(this.pages.open(asked), caller), toOrderDto);
  }

  /** @throws AppError 404, also for someone else's without the permission to read it. */
  async read(id: string, caller: Caller): Promise<OrderDto> {
    return toOrderDto(requireCustomer(await this.orders.find(id), id, caller, ReadOrders));
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller: Caller | undefined): Promise<number | undefined> {
    const state = await this.orders.findState(id);
    return state && caller && ownsOrMay({ ownerId: state.customerId }, caller, ReadOrders) ? state.version : undefined;
  }

  /** One page of what happened to an order, the oldest first. @throws AppError 404. */
  async listEvents(id: string, asked: OrderEventQuery, caller: Caller): Promise<OrderEventPage> {
    requireCustomer(await this.orders.findState(id), id, caller, ReadOrders);
    return mapPage(await this.history.readPage(this.pages.open(asked, id), id), toOrderEventDto);
  }

  /**
   * Cancels an order of which nothing is sent. Its stock is returned; who handles `order.cancelled` returns the money.
   * @throws AppError 404; 412 when it has changed; 409 in a state in which it cannot be cancelled.
   */
  async cancel(
    id: string,
    { reason = null }: CancelOrderDto,
    expected: ExpectedVersions,
    caller: Caller,
  ): Promise<OrderDto> {
    return this.transactions.run(async () => {
      const order = requireCustomer(await this.orders.lock(id), id, caller, WriteOrders);
      requireVersion(expected, order.version);
      return toOrderDto(await this.transitions.apply(order, 'cancel', { actorId: caller.userId, reason }));
    });
  }

  /** Removes what is personal in the orders of somebody who was erased; sums, countries and cities stay. */
  private async erasePersonal(customerId: string): Promise<void> {
    const erased = await this.orders.erasePersonal(customerId);
    await this.history.eraseReasons(customerId);
    await this.fulfillments.eraseTrackingNumbers(customerId);
    await this.idempotencyKeys.forget(await this.orders.findIdsOf(customerId));
    this.events.publishAll(
      OrderUpdated,
      erased.map((order) => ({ id: order.id, version: order.version, data: order })),
    );
  }
}

/**
 * The order, if the caller is its customer or has the permission for the orders of others.
 * @throws AppError 404 for no order and for someone else's.
 */
export function requireCustomer<T extends Pick<OrderRow, 'customerId'>>(
  order: T | undefined,
  id: string,
  caller: Caller,
  others: Permission,
): T {
  if (order && ownsOrMay({ ownerId: order.customerId }, caller, others)) return order;
  throw new AppError(NotFound, `There is no order ${id}.`);
}
