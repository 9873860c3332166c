import { type DataSchema, defineEvent } from '../common/events/define-event.js';
import { FULFILLMENT_STATUSES, type FulfillmentStatus } from './entities/order.entity.js';
import { ORDER_STATUSES, type OrderStatus } from './orders.machine.js';
import { PAYMENT_STATUSES, type PaymentStatus } from './orders.payment-status.js';

/** What an event says of an order beyond its id and version: nothing personal. */
export interface OrderEventData {
  number: string;
  customerId: string;
  status: OrderStatus;
  paymentStatus: PaymentStatus;
  fulfillmentStatus: FulfillmentStatus;
  currency: string;
  total: number;
  fulfillmentId?: string;
}

const DATA: DataSchema<OrderEventData> = {
  number: { type: 'string', description: 'For people; random.' },
  customerId: { type: 'string', format: 'uuid', description: 'The user who pays for it.' },
  status: { type: 'string', enum: [...ORDER_STATUSES] },
  paymentStatus: { type: 'string', enum: [...PAYMENT_STATUSES] },
  fulfillmentStatus: { type: 'string', enum: [...FULFILLMENT_STATUSES] },
  currency: { type: 'string', description: 'ISO 4217.' },
  total: { type: 'integer', description: 'In minor units.' },
  fulfillmentId: {
    type: 'string',
    format: 'uuid',
    description: 'The parcel that was sent, where that is what happened.',
    optional: true,
  },
};

export const OrderPlaced = defineEvent(
  'order.placed',
  1,
  'Somebody placed an order: its stock is reserved until it expires.',
  DATA,
);
export const OrderConfirmed = defineEvent(
  'order.confirmed',
  1,
  'An order is authorized or paid in full, or costs nothing: it can be sent.',
  DATA,
);
export const OrderUpdated = defineEvent(
  'order.updated',
  1,
  'How far an order is paid or sent changed, or what was personal in it was erased; its status stays.',
  DATA,
);
export const OrderCompleted = defineEvent('order.completed', 1, 'All units of an order are sent.', DATA);
export const OrderCancelled = defineEvent(
  'order.cancelled',
  1,
  'An order was cancelled: its stock is returned, and money that was taken for it is to be given back.',
  DATA,
);
export const OrderExpired = defineEvent(
  'order.expired',
  1,
  'An order was not paid in time: its stock is returned.',
  DATA,
);
