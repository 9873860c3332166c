import { defineEvent } from '../common/events/define-event.js';
import type { AttemptState } from './entities/payment-attempt.entity.js';
import type { PaymentOperation } from './providers/payment-provider.js';

interface PaymentChangedData {
  orderId: string;
  operation: PaymentOperation;
  state: AttemptState;
  amount: number;
  currency: string;
}

export const PaymentChanged = defineEvent<PaymentChangedData>(
  'payment.changed',
  1,
  'A payment, capture, void or refund was begun, or there is something new about its outcome.',
  {
    orderId: { type: 'string', format: 'uuid', description: 'The order that it is for.' },
    operation: { type: 'string', enum: ['authorize', 'capture', 'void', 'refund'] },
    state: {
      type: 'string',
      enum: ['created', 'sent', 'succeeded', 'declined', 'unknown', 'needs_review'],
      description: 'From `succeeded` on nothing changes; `needs_review` waits for staff.',
    },
    amount: { type: 'integer', description: 'In minor units.' },
    currency: { type: 'string', description: 'ISO 4217.' },
  },
);
