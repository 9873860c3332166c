import type Stripe from 'stripe';
import type { Config } from '../../common/config/config.js';
import { assertOutsideUnit } from '../../common/database/transactions.js';
import type { Clock } from '../../common/time/clock.js';
import {
  type FollowUp,
  type Lookup,
  type NewPayment,
  PaymentOutcomeUnknown,
  PaymentProvider,
  type ProviderAnswer,
  type ProviderWebhook,
  type ReceivedWebhook,
  SIGNATURE_TOLERANCE,
  WebhookNotGenuine,
} from './payment-provider.js';
import { toStripeAmount } from './stripe-amounts.js';
import { answerOfIntent, answerOfRefund, CAPTURED_BY, declinedBy, MADE_BY, webhookOf } from './stripe-answers.js';

/** How long one request may take, in milliseconds; with a repetition about twice as long. */
const TIMEOUT = 10_000;
const REPETITIONS = 1;

/** How many refunds of a payment are looked through for one of ours; there are no more on a page. */
const REFUNDS = 100;

type Library = typeof Stripe;

/** Payments by Stripe: payment intents. The library is loaded when it is needed first, since it is large. */
export class StripeGateway extends PaymentProvider {
  readonly name = 'stripe';
  private loaded: Promise<{ library: Library; client: Stripe }> | undefined;

  constructor(
    private readonly config: Pick<Config, 'stripeSecretKey' | 'stripeWebhookSecrets' | 'stripeUrl'>,
    private readonly clock: Clock,
  ) {
    super();
  }

  async authorize({ key, amount, currency, token, orderId, capture }: NewPayment): Promise<ProviderAnswer> {
    assertOutsideUnit('Stripe');
    return this.send(amount, currency, async (client, stripeAmount) => {
      const intent = await client.paymentIntents.create(
        {
          amount: stripeAmount,
          currency: currency.toLowerCase(),
          capture_method: capture ? 'automatic' : 'manual',
          confirm: true,
          // nobody is there to be sent to a page of a bank
          error_on_requires_action: true,
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          ...(token.startsWith('ctoken_') ? { confirmation_token: token } : { payment_method: token }),
          metadata: { [MADE_BY]: key, order: orderId },
        },
        { idempotencyKey: key },
      );
      return answerOfIntent(intent, capture ? 'capture' : 'authorize');
    });
  }

  async capture({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('Stripe');
    return this.send(amount, currency, async (client, stripeAmount) => {
      const intent = await client.paymentIntents.capture(
        payment,
        { amount_to_capture: stripeAmount, metadata: { [CAPTURED_BY]: key } },
        { idempotencyKey: key },
      );
      return answerOfIntent(intent, 'capture');
    });
  }

  async void({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('Stripe');
    return this.send(amount, currency, async (client) =>
      answerOfIntent(await client.paymentIntents.cancel(payment, {}, { idempotencyKey: key }), 'void'),
    );
  }

  async refund({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('Stripe');
    return this.send(amount, currency, async (client, stripeAmount) => {
      const refund = await client.refunds.create(
        { payment_intent: payment, amount: stripeAmount, metadata: { [MADE_BY]: key } },
        { idempotencyKey: key },
      );
      return answerOfRefund(refund);
    });
  }

  /**
   * Stripe finds nothing by an idempotency key, but repeats the answer when the request is sent again with it. So this looks only
   * at what it can retrieve; what it does not find is sent again.
   */
  async find({ key, operation, reference, payment }: Lookup): Promise<ProviderAnswer | undefined> {
    assertOutsideUnit('Stripe');
    return this.ask(async (client) => {
      if (operation === 'refund') return this.findRefund(client, key, payment);
      if (payment !== null) {
        const intent = await client.paymentIntents.retrieve(payment);
        if (operation === 'capture' && intent.metadata[CAPTURED_BY] !== key) return refusalOf(intent);
        return operation === 'void' && intent.status === 'requires_capture'
          ? undefined
          : answerOfIntent(intent, operation);
      }
      return reference === null
        ? undefined
        : answerOfIntent(await client.paymentIntents.retrieve(reference), operation);
    });
  }

  async parseWebhook({ body, headers }: ReceivedWebhook): Promise<ProviderWebhook> {
    assertOutsideUnit('Stripe');
    const signature = headers['stripe-signature'];
    if (typeof signature !== 'string' || isAhead(signature, this.clock.now())) throw new WebhookNotGenuine();
    const { library } = await this.load();
    for (const secret of this.config.stripeWebhookSecrets) {
      try {
        const now = this.clock.now().getTime();
        const { webhooks } = library;
        return webhookOf(webhooks.constructEvent(body, signature, secret, SIGNATURE_TOLERANCE, undefined, now));
      } catch (error) {
        // it may be of another one of the secrets
        if (!(error instanceof library.errors.StripeSignatureVerificationError)) throw error;
      }
    }
    throw new WebhookNotGenuine();
  }

  private async findRefund(client: Stripe, key: string, payment: string | null): Promise<ProviderAnswer | undefined> {
    if (payment === null) return undefined;
    const { data } = await client.refunds.list({ payment_intent: payment, limit: REFUNDS });
    const refund = data.find(({ metadata }) => metadata?.[MADE_BY] === key);
    return refund && answerOfRefund(refund);
  }

  /** Sends what has an effect; an amount that Stripe does not take is declined. */
  private async send(
    amount: number,
    currency: string,
    request: (client: Stripe, amount: number) => Promise<ProviderAnswer>,
  ): Promise<ProviderAnswer> {
    const stripeAmount = toStripeAmount(amount, currency);
    if (stripeAmount === undefined) return { state: 'declined', reference: null, code: 'amount_not_supported' };
    const { library } = await this.load();
    return this.ask(async (client) => {
      try {
        return await request(client, stripeAmount);
      } catch (error) {
        const declined = error instanceof library.errors.StripeError ? declinedBy(error) : undefined;
        if (declined) return declined;
        throw error;
      }
    });
  }

  /** @throws PaymentOutcomeUnknown for anything that goes wrong. */
  private async ask<T>(request: (client: Stripe) => Promise<T>): Promise<T> {
    const { client } = await this.load();
    try {
      return await request(client);
    } catch (error) {
      if (error instanceof PaymentOutcomeUnknown) throw error;
      throw new PaymentOutcomeUnknown('Stripe gave no answer that can be read', { cause: error });
    }
  }

  private load(): Promise<{ library: Library; client: Stripe }> {
    this.loaded ??= import('stripe').then(({ default: library }) => ({ library, client: this.connect(library) }));
    return this.loaded;
  }

  private connect(library: Library): Stripe {
    const { stripeSecretKey, stripeUrl } = this.config;
    if (stripeSecretKey === undefined) throw new Error('STRIPE_SECRET_KEY is missing');
    const options = { timeout: TIMEOUT, maxNetworkRetries: REPETITIONS, telemetry: false };
    if (stripeUrl === undefined) return new library(stripeSecretKey, options);
    const { hostname, port, protocol } = new URL(stripeUrl);
    return new library(stripeSecretKey, {
      ...options,
      host: hostname,
      port: port || undefined,
      protocol: protocol === 'http:' ? 'http' : 'https',
    });
  }
}

/** Why an authorization can not be captured any more; undefined while it can. */
function refusalOf({ id, status }: Stripe.PaymentIntent): ProviderAnswer | undefined {
  if (status === 'canceled') return { state: 'declined', reference: id, code: 'canceled' };
  return status === 'succeeded' ? { state: 'declined', reference: id, code: 'already_captured' } : undefined;
}

/** Whether a signature is of a time too far ahead: the library looks only for those that are too old. */
function isAhead(signature: string, now: Date): boolean {
  const time = Number(/(?:^|,)t=(\d{1,12})(?:,|$)/.exec(signature)?.[1] ?? Number.NaN);
  return !(time * 1000 - now.getTime() <= SIGNATURE_TOLERANCE * 1000);
}
