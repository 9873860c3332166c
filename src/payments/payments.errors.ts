import { defineError } from '../common/errors/app-error.js';
import type { Schema } from '../common/json-schema/schema.js';

const amount = (description: string): Schema => ({
  type: 'integer',
  format: 'int64',
  minimum: 0,
  maximum: 999_999_999_999,
  description,
});

const code: Schema = {
  type: 'string',
  maxLength: 100,
  pattern: '^[a-z0-9_]+$',
  example: 'insufficient_funds',
  description: 'why, in the words of the payment provider: `insufficient_funds`.',
};

export const PaymentDeclined = defineError(
  'payment-declined',
  'declined',
  'The payment was declined',
  'The payment provider declined the payment, and no money moved. `declineCode` says why. Pay again, by another token and with a new `Idempotency-Key`; the order keeps its reservation until it expires.',
  { declineCode: code },
);
export const PaymentInProgress = defineError(
  'payment-in-progress',
  'conflict',
  'Another payment is in progress',
  'Another payment of this order is on its way to the provider. Look at the payments of the order after the seconds in `Retry-After`.',
);
export const PaymentUnresolved = defineError(
  'payment-unresolved',
  'conflict',
  'The outcome of a payment is unknown',
  'A payment of this order was sent, and its outcome is not known yet: it may have succeeded. The shop asks the provider again. Look at the payments of the order after the seconds in `Retry-After`; to pay again could charge twice.',
);
export const OrderNotPayable = defineError(
  'order-not-payable',
  'conflict',
  'The order can not be paid',
  'Only a pending order that is not paid can be paid. Read the order: it was paid, cancelled, or has expired.',
);
export const PaymentsClosed = defineError(
  'payments-closed',
  'unavailable',
  'The shop takes no payments',
  'No payment provider is configured. Those who run the shop set `PAYMENT_PROVIDER`.',
);
export const PaymentNotAuthorized = defineError(
  'payment-not-authorized',
  'conflict',
  'The payment can not be captured',
  'Only a payment that is authorized, and neither captured nor given up, can be captured, once. Read the payments of the order.',
);
export const PaymentResolved = defineError(
  'payment-resolved',
  'conflict',
  'The outcome of the payment is known',
  'Only a payment whose outcome is unknown can be resolved. Read it again.',
);
export const RefundTooLarge = defineError(
  'refund-too-large',
  'invalid',
  'More than can be refunded',
  'Refunds of an order make up what was captured at most, and each line is refunded once. `refundable` says how much can still be refunded.',
  { refundable: amount('how much can still be refunded, in minor units.') },
);
export const RefundDeclined = defineError(
  'refund-declined',
  'conflict',
  'The refund was declined',
  'The payment provider declined the refund, and no money moved. `declineCode` says why. What can be refunded is as it was: try again with a new `Idempotency-Key`.',
  { declineCode: code },
);
export const WebhookRefused = defineError(
  'webhook-refused',
  'malformed',
  'The webhook is not genuine',
  'The signature of the body is missing, wrong, or of another time: send the bytes that were signed, and look at the secrets of webhooks.',
);
