import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { InternalError } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { type Mail, Mailer } from '../common/mail/mailer.js';
import { AccountsService } from '../users/accounts.service.js';
import { type FulfillmentDto, toFulfillmentDto } from './dto/fulfillment.dto.js';
import { type OrderDto, toOrderDto } from './dto/order.dto.js';
import { FulfillmentsRepository } from './fulfillments.repository.js';
import { orderConfirmedMail, orderSentMail } from './order-mails.js';
import { OrderCompleted, OrderConfirmed, OrderUpdated } from './orders.events.js';
import { OrdersRepository } from './orders.repository.js';

/** The mails that customers get about their orders: one for each event, since its handler is done once. */
@Injectable()
export class OrdersMailsService implements OnModuleInit {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly fulfillments: FulfillmentsRepository,
    private readonly accounts: AccountsService,
    private readonly mailer: Mailer,
    private readonly events: EventsService,
  ) {}

  onModuleInit(): void {
    this.events.handle('mails of confirmed orders', [OrderConfirmed], ({ aggregateId }) =>
      this.send(aggregateId, orderConfirmedMail),
    );
    this.events.handle('mails of sent orders', [OrderUpdated, OrderCompleted], async ({ aggregateId, data }) => {
      if (data.fulfillmentId === undefined) return;
      const fulfillment = await this.requireFulfillment(data.fulfillmentId);
      await this.send(aggregateId, (to, order) => orderSentMail(to, order, fulfillment));
    });
  }

  /** Sends a mail about an order to its customer, as they are now: somebody who is erased gets none. */
  async send(orderId: string, write: (to: string, order: OrderDto) => Mail): Promise<void> {
    const order = await this.orders.find(orderId);
    const customer = order && (await this.accounts.findById(order.customerId));
    if (customer) await this.mailer.send(write(customer.email, toOrderDto(order)));
  }

  private async requireFulfillment(id: string): Promise<FulfillmentDto> {
    const row = await this.fulfillments.find(id);
    if (!row) throw new AppError(InternalError, `the fulfillment ${id} was announced and is not there`);
    return toFulfillmentDto(row);
  }
}
