import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventsService } from '../common/events/events.service.js';
import { OrdersMailsService } from '../orders/orders.mails.service.js';
import { paymentDeclinedMail, paymentRefundedMail } from './payment-mails.js';
import { PaymentChanged } from './payments.events.js';

/** The mails that customers get about their payments: one for each event, since its handler is done once. */
@Injectable()
export class PaymentsMailsService implements OnModuleInit {
  constructor(
    private readonly orders: OrdersMailsService,
    private readonly events: EventsService,
  ) {}

  onModuleInit(): void {
    this.events.handle('mails of payments', [PaymentChanged], async ({ data }) => {
      const { orderId, operation, state, amount, currency } = data;
      const isPayment = operation === 'authorize' || operation === 'capture';
      if (operation === 'refund' && state === 'succeeded') {
        await this.orders.send(orderId, (to, order) => paymentRefundedMail(to, order, { amount, currency }));
      }
      if (isPayment && state === 'declined') {
        await this.orders.send(orderId, (to, order) => paymentDeclinedMail(to, order, { amount, currency }));
      }
    });
  }
}
