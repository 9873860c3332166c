import { byId } from './bare.schemas.js';

export { byId };

const text = { type: 'string' } as const;
const nullable = { type: ['string', 'null'] } as const;
const whole = { type: 'integer' } as const;
const money = { type: 'object', properties: { amount: whole, currency: text } } as const;
const time = { type: 'string', format: 'date-time' } as const;
const nullableTime = { type: ['string', 'null'], format: 'date-time' } as const;

/** An order as it goes out. */
export const order = {
  type: 'object',
  properties: {
    id: text,
    number: text,
    customerId: text,
    status: text,
    paymentStatus: text,
    fulfillmentStatus: text,
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          productId: text,
          sku: text,
          name: text,
          quantity: whole,
          unitPrice: money,
          total: money,
          fulfilledQuantity: whole,
          refundedQuantity: whole,
        },
      },
    },
    shipping: { type: 'null' },
    shippingAddress: { type: 'null' },
    total: money,
    refunded: money,
    reference: nullable,
    expiresAt: nullableTime,
    version: whole,
    createdAt: time,
    updatedAt: time,
  },
} as const;

export const orderPage = {
  type: 'object',
  properties: {
    data: { type: 'array', items: order },
    page: { type: 'object', properties: { limit: whole, next: nullable } },
  },
} as const;

export const orderQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    cursor: { type: 'string', maxLength: 2048 },
  },
} as const;

export const newOrder = {
  type: 'object',
  additionalProperties: false,
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['productId', 'quantity'],
        properties: {
          productId: { type: 'string', format: 'uuid' },
          quantity: { type: 'integer', minimum: 1, maximum: 100_000 },
        },
      },
    },
  },
} as const;

/** A payment as it goes out. */
export const payment = {
  type: 'object',
  properties: {
    id: text,
    orderId: text,
    operation: text,
    state: text,
    amount: money,
    parentId: nullable,
    provider: text,
    providerReference: nullable,
    declineCode: nullable,
    checks: whole,
    nextCheckAt: nullableTime,
    reason: nullable,
    actorId: nullable,
    createdAt: time,
    updatedAt: time,
  },
} as const;

export const newPayment = {
  type: 'object',
  additionalProperties: false,
  required: ['token'],
  properties: { token: { type: 'string', minLength: 1, maxLength: 200 } },
} as const;
