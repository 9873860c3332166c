import { defineError } from '../common/errors/app-error.js';
import type { Schema } from '../common/json-schema/schema.js';
import { ORDER_ACTIONS, ORDER_STATUSES } from './orders.machine.js';

const money: Schema = {
  type: 'object',
  required: ['amount', 'currency'],
  additionalProperties: false,
  description: 'what the order comes to now, in minor units.',
  example: { amount: 4299, currency: 'GBP' },
  properties: {
    amount: { type: 'integer', format: 'int64', minimum: 0, maximum: 999_999_999_999 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$', maxLength: 3 },
  },
};

export const OrderActionNotAllowed = defineError(
  'order-action-not-allowed',
  'conflict',
  'The order is not in a state for this',
  'What you asked for is not done with an order of this status. `orderStatus` says how the order is, `allowed` what can be done with it now.',
  {
    orderStatus: { type: 'string', enum: [...ORDER_STATUSES], description: 'the status of the order.' },
    allowed: {
      type: 'array',
      items: { type: 'string', enum: [...ORDER_ACTIONS] },
      maxItems: ORDER_ACTIONS.length,
      description: 'what can be done with it.',
    },
  },
);
export const OrderTotalChanged = defineError(
  'order-total-changed',
  'conflict',
  'The order costs something else',
  'A price changed since you added the order up. `total` is what it costs now: show it to the customer, and send the order again with it as `expectedTotal`.',
  { total: money },
);
export const ProductNotSold = defineError(
  'product-not-sold',
  'conflict',
  'A product is not sold',
  'A product of the order is not sold yet, or not any more. `errors` names each one: take it out of the order.',
);
export const MixedCurrencies = defineError(
  'mixed-currencies',
  'invalid',
  'The order has several currencies',
  'All prices of an order, that of sending it included, are in one currency. `errors` names what is in another one: place an order of its own for it, or choose another shipping method.',
);
export const ShippingNotToCountry = defineError(
  'shipping-not-to-country',
  'invalid',
  'The shipping method does not go there',
  'The shipping method does not go to the country of the address. List those that do by GET /shipping-methods?country=…, and choose one of them.',
);
export const OrderTooLarge = defineError(
  'order-too-large',
  'invalid',
  'The order costs too much',
  'An order comes to 999,999,999,999 minor units at most. Place several orders.',
);
export const FulfillmentTooLarge = defineError(
  'fulfillment-too-large',
  'conflict',
  'More than is left to send',
  'Fewer units of a line are left to send than you name. Read the order again: `quantity` less `fulfilledQuantity` is what is left.',
);
