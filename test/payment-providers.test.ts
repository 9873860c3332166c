import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import Stripe from 'stripe';
import { Transactions } from '../src/common/database/transactions.js';
import { Clock } from '../src/common/time/clock.js';
import {
  PaymentOutcomeUnknown,
  PaymentProvider,
  WebhookNotGenuine,
} from '../src/payments/providers/payment-provider.js';
import { SandboxGateway } from '../src/payments/providers/sandbox.gateway.js';
import { StripeGateway } from '../src/payments/providers/stripe.gateway.js';
import { describeProvider, type ProviderUnderTest } from './support/payment-provider.js';
import { Shop } from './support/shop.js';
import { StripeServer } from './support/stripe-server.js';

const SECRETS = ['whsec_present', 'whsec_former'];

let shop: Shop;
let server: StripeServer;
let sandbox: SandboxGateway;
let stripe: StripeGateway;
beforeAll(async () => {
  shop = await Shop.open();
  server = await StripeServer.start();
  sandbox = shop.app.get(SandboxGateway);
  stripe = stripeAt(server.url);
});
afterAll(async () => {
  await shop.close();
  await server.stop();
});

const stripeAt = (url: string): StripeGateway =>
  new StripeGateway({ stripeSecretKey: 'sk_test_1', stripeWebhookSecrets: SECRETS, stripeUrl: url }, new Clock());

describeProvider('sandbox', (): ProviderUnderTest => ({
  provider: sandbox,
  tokens: { success: 'tok_success', declined: 'tok_declined', insufficientFunds: 'tok_insufficient_funds' },
  loseNextAnswer: () => 'tok_timeout',
  loseNextRequest: () => 'tok_timeout_lost',
  webhook: (eventId, key, { reference, amount }, later = 0) => {
    const clock = jest.spyOn(shop.app.get(Clock), 'now').mockReturnValue(new Date(Date.now() + later * 1000));
    const signed = sandbox.signWebhook({
      eventId,
      key,
      answer: { state: 'succeeded', reference, amount, currency: 'GBP' },
    });
    clock.mockRestore();
    return signed;
  },
}));

/** An event of Stripe, signed as Stripe does. */
function stripeWebhook(
  eventId: string,
  type: string,
  object: object,
  { later = 0, secret = SECRETS[0] ?? '' } = {},
): { body: Buffer; headers: Record<string, string> } {
  const payload = JSON.stringify({ id: eventId, object: 'event', type, data: { object } });
  const timestamp = Math.floor(Date.now() / 1000) + later;
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  return { body: Buffer.from(payload), headers: { 'stripe-signature': signature } };
}

const intentOf = (key: string, reference: string, amount: number): object => ({
  id: reference,
  object: 'payment_intent',
  status: 'succeeded',
  amount,
  amount_received: amount,
  currency: 'gbp',
  metadata: { attempt: key },
});

describeProvider('stripe', (): ProviderUnderTest => ({
  provider: stripe,
  tokens: {
    success: 'pm_card_visa',
    declined: 'pm_card_chargeDeclined',
    insufficientFunds: 'pm_card_chargeDeclinedInsufficientFunds',
  },
  loseNextAnswer: () => {
    // as often as the library sends a request by itself
    server.faults.push('lost answer', 'lost answer');
    return 'pm_card_visa';
  },
  loseNextRequest: () => {
    server.faults.push('reset', 'reset');
    return 'pm_card_visa';
  },
  webhook: (eventId, key, { reference, amount }, later = 0) =>
    stripeWebhook(eventId, 'payment_intent.succeeded', intentOf(key, reference, amount), { later }),
}));

describe('payments by Stripe', () => {
  const payment = { amount: 1000, currency: 'GBP', token: 'pm_card_visa', orderId: randomUUID(), capture: true };

  it('have the id of the attempt as their key, and in their metadata', async () => {
    const key = randomUUID();
    await stripe.authorize({ ...payment, key });

    expect(server.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/v1/payment_intents',
      key,
      form: { amount: '1000', currency: 'gbp', 'metadata[attempt]': key, 'metadata[order]': payment.orderId },
    });
  });

  it('are sent again by the library with the same key when Stripe is away for a moment, and charge once', async () => {
    const [key, before] = [randomUUID(), server.effects];
    server.faults.push(503);
    const { state } = await stripe.authorize({ ...payment, key });

    expect([state, server.effects - before]).toEqual(['succeeded', 1]);
    expect(server.requests.slice(-2).map((request) => request.key)).toEqual([key, key]);
  });

  it.each([500, 503, 429, 401])('have no known outcome when Stripe answers %i, also again', async (status) => {
    server.faults.push(status, status);

    await expect(stripe.authorize({ ...payment, key: randomUUID() })).rejects.toThrow(PaymentOutcomeUnknown);
    server.faults.length = 0;
  });

  it('have no known outcome when nothing listens', async () => {
    const nobody = stripeAt('http://127.0.0.1:1');

    await expect(nobody.authorize({ ...payment, key: randomUUID() })).rejects.toThrow(PaymentOutcomeUnknown);
  });

  it('are declined, without a request, in amounts that Stripe does not take', async () => {
    const before = server.requests.length;
    const answer = await stripe.authorize({ ...payment, key: randomUUID(), amount: 5124, currency: 'KWD' });

    expect(answer).toEqual({ state: 'declined', reference: null, code: 'amount_not_supported' });
    expect(server.requests).toHaveLength(before);
  });

  it.each([
    ['ISK', 5, '500'],
    ['UGX', 7, '700'],
    ['MGA', 500, '5'],
    ['JPY', 500, '500'],
    ['KWD', 5120, '5120'],
  ])('are asked for %s %i in the unit of Stripe, and answered in ours', async (currency, amount, sent) => {
    const answer = await stripe.authorize({ ...payment, key: randomUUID(), amount, currency });

    expect(server.requests.at(-1)?.form.amount).toBe(sent);
    expect(answer).toMatchObject({ state: 'succeeded', amount, currency });
  });

  it('are not captured when they were given up, or captured by another request: that is known', async () => {
    const authorized = async (): Promise<string> => {
      const { reference } = await stripe.authorize({ ...payment, key: randomUUID(), capture: false });
      return reference ?? '';
    };
    const asked = { amount: 1000, currency: 'GBP' };
    const [ended, taken, open] = [await authorized(), await authorized(), await authorized()];
    await stripe.void({ ...asked, key: randomUUID(), payment: ended });
    await stripe.capture({ ...asked, key: randomUUID(), payment: taken });
    const found = (reference: string): Promise<unknown> =>
      stripe.find({ ...asked, key: randomUUID(), operation: 'capture', reference: null, payment: reference });

    expect(await found(ended)).toEqual({ state: 'declined', reference: ended, code: 'canceled' });
    expect(await found(taken)).toEqual({ state: 'declined', reference: taken, code: 'already_captured' });
    expect(await found(open)).toBeUndefined();
  });

  it('are announced with any of the secrets, and with no other', async () => {
    const event = (secret: string): Promise<unknown> =>
      stripe.parseWebhook(stripeWebhook('evt_1', 'payment_intent.succeeded', intentOf('a', 'pi_1', 5), { secret }));

    for (const secret of SECRETS) await expect(event(secret)).resolves.toMatchObject({ eventId: 'evt_1', key: 'a' });
    await expect(event('whsec_other')).rejects.toThrow(WebhookNotGenuine);
  });

  it('are known by the capture, not by the authorization, once they are captured', async () => {
    const intent = { ...intentOf('first', 'pi_1', 5), metadata: { attempt: 'first', capture: 'second' } };

    expect(await stripe.parseWebhook(stripeWebhook('evt_2', 'payment_intent.succeeded', intent))).toMatchObject({
      key: 'second',
      answer: { state: 'succeeded', amount: 5 },
    });
  });

  it('ignore events that are about something else', async () => {
    expect(await stripe.parseWebhook(stripeWebhook('evt_3', 'customer.created', { id: 'cus_1' }))).toEqual({
      eventId: 'evt_3',
      key: null,
      answer: null,
    });
  });

  it.each([
    ['payment_intent.payment_failed', { status: 'requires_payment_method' }, 'declined'],
    ['payment_intent.processing', { status: 'processing' }, 'pending'],
    ['payment_intent.amount_capturable_updated', { status: 'requires_capture' }, 'succeeded'],
  ])('say by %s what became of them', async (type, change, state) => {
    const sent = stripeWebhook('evt_4', type, { ...intentOf('a', 'pi_1', 5), last_payment_error: null, ...change });

    expect((await stripe.parseWebhook(sent)).answer?.state).toBe(state);
  });

  it('say that a refund failed later', async () => {
    const refund = {
      id: 're_1',
      amount: 5,
      currency: 'gbp',
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
      metadata: { attempt: 'a' },
    };

    expect((await stripe.parseWebhook(stripeWebhook('evt_5', 'refund.failed', refund))).answer).toEqual({
      state: 'declined',
      reference: 're_1',
      code: 'expired_or_canceled_card',
    });
  });
});

describe('the payment provider', () => {
  it('is the sandbox, unless the configuration names Stripe', async () => {
    const other = await Shop.open({
      paymentProvider: 'stripe',
      stripeSecretKey: 'sk_test_1',
      stripeWebhookSecrets: SECRETS,
    });
    const names = [shop, other].map(({ app }) => app.get(PaymentProvider).name);
    await other.close();

    expect(names).toEqual(['sandbox', 'stripe']);
  });

  it('is not called inside of a unit of work', async () => {
    const ask = (provider: PaymentProvider): Promise<unknown> =>
      shop.app
        .get(Transactions)
        .run(() => provider.refund({ key: randomUUID(), amount: 1, currency: 'GBP', payment: 'none' }));

    await expect(ask(sandbox)).rejects.toThrow('inside of a unit of work');
    await expect(ask(stripe)).rejects.toThrow('inside of a unit of work');
  });
});
