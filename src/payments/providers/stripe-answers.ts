import type Stripe from 'stripe';
import { PaymentOutcomeUnknown, type ProviderAnswer, type ProviderWebhook } from './payment-provider.js';
import { fromStripeAmount } from './stripe-amounts.js';

/** What a payment intent says of an attempt to do something with it. */
export type IntentOperation = 'authorize' | 'capture' | 'void';

/** The attempts that a payment intent has to do with: who made it, and who captured it later. */
export const MADE_BY = 'attempt';
export const CAPTURED_BY = 'capture';

/** The outcome of an operation, as a payment intent shows it. @throws PaymentOutcomeUnknown for a state that is not known. */
export function answerOfIntent(intent: Stripe.PaymentIntent, operation: IntentOperation): ProviderAnswer {
  const reference = intent.id;
  const currency = intent.currency.toUpperCase();
  const succeeded = (amount: number): ProviderAnswer => ({
    state: 'succeeded',
    reference,
    amount: fromStripeAmount(amount, currency),
    currency,
  });
  const declined = (code: string): ProviderAnswer => ({ state: 'declined', reference, code });
  switch (intent.status) {
    case 'succeeded':
      if (operation === 'void') return declined('already_captured');
      return succeeded(operation === 'capture' ? intent.amount_received : intent.amount);
    case 'requires_capture':
      return operation === 'authorize' ? succeeded(intent.amount) : { state: 'pending', reference };
    case 'canceled':
      return operation === 'void' ? succeeded(intent.amount) : declined('canceled');
    case 'processing':
      return { state: 'pending', reference };
    case 'requires_payment_method':
    case 'requires_action':
    case 'requires_confirmation':
      return declined(codeOf(intent.last_payment_error) ?? 'authentication_required');
    default:
      throw new PaymentOutcomeUnknown(`the state ${String(intent.status)} of a payment is not known`);
  }
}

/** The outcome of a refund. @throws PaymentOutcomeUnknown for a state that is not known. */
export function answerOfRefund(refund: Stripe.Refund): ProviderAnswer {
  const { id: reference, amount } = refund;
  const currency = refund.currency.toUpperCase();
  switch (refund.status) {
    case 'succeeded':
      return { state: 'succeeded', reference, amount: fromStripeAmount(amount, currency), currency };
    case 'failed':
    case 'canceled':
      return { state: 'declined', reference, code: refund.failure_reason ?? refund.status };
    case 'pending':
    case 'requires_action':
      return { state: 'pending', reference };
    default:
      throw new PaymentOutcomeUnknown(`the state ${String(refund.status)} of a refund is not known`);
  }
}

/** What an event says of an attempt; nothing for events that are about none. */
export function webhookOf(event: Stripe.Event): ProviderWebhook {
  const nothing: ProviderWebhook = { eventId: event.id, key: null, answer: null };
  switch (event.type) {
    case 'payment_intent.succeeded': {
      const { object } = event.data;
      const key = object.metadata[CAPTURED_BY] ?? object.metadata[MADE_BY];
      return key === undefined ? nothing : { ...nothing, key, answer: answerOfIntent(object, 'capture') };
    }
    case 'payment_intent.amount_capturable_updated':
    case 'payment_intent.payment_failed':
    case 'payment_intent.processing': {
      const { object } = event.data;
      const key = object.metadata[MADE_BY];
      return key === undefined ? nothing : { ...nothing, key, answer: answerOfIntent(object, 'authorize') };
    }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed': {
      const { object } = event.data;
      const key = object.metadata?.[MADE_BY];
      return key === undefined ? nothing : { ...nothing, key, answer: answerOfRefund(object) };
    }
    default:
      return nothing;
  }
}

/** Refusals after which the payment may be in the state that was asked for: another request, or this one, may have done it. */
const UNCERTAIN = new Set(['payment_intent_unexpected_state', 'idempotency_key_in_use', 'lock_timeout']);

/** A refusal that is certain: the request had no effect, and will have none. Undefined for any other error. */
export function declinedBy(error: Stripe.errors.StripeError): ProviderAnswer | undefined {
  const code = codeOf(error) ?? 'invalid_request';
  const isRefusal = error.type === 'StripeCardError' || error.type === 'StripeInvalidRequestError';
  if (!isRefusal || UNCERTAIN.has(code)) return undefined;
  return { state: 'declined', reference: error.payment_intent?.id ?? null, code };
}

/** Why something failed: the reason of the issuer of the card, if it gave one. */
const codeOf = (error: { decline_code?: string; code?: string } | null): string | undefined =>
  error?.decline_code ?? error?.code;
