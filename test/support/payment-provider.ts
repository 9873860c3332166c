import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type {
  FollowUp,
  Lookup,
  NewPayment,
  PaymentOperation,
  PaymentProvider,
  ProviderAnswer,
  ProviderWebhook,
  ReceivedWebhook,
} from '../../src/payments/providers/payment-provider.js';
import { PaymentOutcomeUnknown, WebhookNotGenuine } from '../../src/payments/providers/payment-provider.js';

/** A provider under test, and what the suite has to know of it. */
export interface ProviderUnderTest {
  provider: PaymentProvider;
  tokens: { success: string; declined: string; insufficientFunds: string };
  /** Has the next payment happen, and its answer not arrive. @returns the token to pay with. */
  loseNextAnswer: () => string;
  /** Has the next request not arrive. @returns the token to pay with. */
  loseNextRequest: () => string;
  /** A webhook that says that the request of this key succeeded, signed so many seconds from now. */
  webhook: (
    eventId: string,
    key: string,
    paid: { reference: string; amount: number },
    later?: number,
  ) => ReceivedWebhook;
}

const CURRENCY = 'GBP';

/** What each implementation of {@link PaymentProvider} keeps to. */
export function describeProvider(name: string, current: () => ProviderUnderTest): void {
  describe(`the payment provider ${name}`, () => {
    const payment = (more: Partial<NewPayment> = {}): NewPayment => ({
      key: randomUUID(),
      amount: 1000,
      currency: CURRENCY,
      token: current().tokens.success,
      orderId: randomUUID(),
      capture: true,
      ...more,
    });
    const pay = async (more: Partial<NewPayment> = {}): Promise<string> =>
      referenceOf(await current().provider.authorize(payment(more)));
    const after = (reference: string, amount: number, key: string = randomUUID()): FollowUp => ({
      key,
      amount,
      currency: CURRENCY,
      payment: reference,
    });
    const lookup = (
      { key, amount, currency }: FollowUp | NewPayment,
      operation: PaymentOperation,
      of: string | null = null,
    ): Lookup => ({ key, amount, currency, operation, reference: null, payment: of });

    it('charges in one step, and says what was charged', async () => {
      const answer = await current().provider.authorize(payment({ amount: 1234 }));

      expect(answer).toEqual({
        state: 'succeeded',
        reference: referenceOf(answer),
        amount: 1234,
        currency: CURRENCY,
      });
    });

    it.each([
      ['declined', /decline/],
      ['insufficientFunds', /^insufficient_funds$/],
    ] as const)('declines a payment by the token %s, and says why', async (token, code) => {
      const answer = await current().provider.authorize(payment({ token: current().tokens[token] }));

      expect(answer).toMatchObject({ state: 'declined', code: expect.stringMatching(code) });
    });

    it('charges once for one key, and answers the same again', async () => {
      const asked = payment();
      const first = await current().provider.authorize(asked);

      expect(await current().provider.authorize(asked)).toEqual(first);
      const paid = referenceOf(first);
      expect((await current().provider.refund(after(paid, 1000))).state).toBe('succeeded');
      expect((await current().provider.refund(after(paid, 1))).state).toBe('declined');
    });

    it('declines nothing and charges nothing for a key of another request', async () => {
      const asked = payment();
      await current().provider.authorize(asked);

      await expect(current().provider.authorize({ ...asked, amount: 999 })).rejects.toThrow(PaymentOutcomeUnknown);
    });

    it('captures an authorized payment, also in part, and once', async () => {
      const { provider } = current();
      const reference = await pay({ capture: false });
      const asked = after(reference, 600);

      expect(await provider.capture(asked)).toEqual({
        state: 'succeeded',
        reference,
        amount: 600,
        currency: CURRENCY,
      });
      expect((await provider.capture(asked)).state).toBe('succeeded');
      expect((await provider.refund(after(reference, 601))).state).toBe('declined');
      expect((await provider.refund(after(reference, 600))).state).toBe('succeeded');
    });

    it('gives up an authorized payment, which can not be captured then', async () => {
      const { provider } = current();
      const reference = await pay({ capture: false });
      const asked = after(reference, 1000);

      expect((await provider.void(asked)).state).toBe('succeeded');
      expect((await provider.void(asked)).state).toBe('succeeded');
      expect(await outcomeOf(provider.capture(after(reference, 1000)))).not.toBe('succeeded');
    });

    it('does not give up a payment that was captured', async () => {
      const { provider } = current();
      const reference = await pay();

      expect(await outcomeOf(provider.void(after(reference, 1000)))).not.toBe('succeeded');
      expect((await provider.find(lookup(after(reference, 1000), 'void', reference)))?.state).not.toBe('succeeded');
      expect((await provider.refund(after(reference, 1000))).state).toBe('succeeded');
    });

    it('refunds in parts, never more than was captured, and each key once', async () => {
      const { provider } = current();
      const reference = await pay();
      const [first, second, third] = [after(reference, 400), after(reference, 600), after(reference, 1)];

      const answers = [
        await provider.refund(first),
        await provider.refund(first),
        await provider.refund(second),
        await provider.refund(third),
      ];

      expect(answers.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded', 'declined']);
      expect(referenceOf(answers[0])).toBe(referenceOf(answers[1]));
      expect(referenceOf(answers[2])).not.toBe(referenceOf(answers[0]));
      expect(await provider.find(lookup(second, 'refund', reference))).toEqual(answers[2]);
      expect(await provider.find(lookup(after(reference, 600), 'refund', reference))).toBeUndefined();
    });

    it('has an unknown outcome when no answer comes, and charges once when it is asked again', async () => {
      const { provider, loseNextAnswer } = current();
      const asked = payment({ token: loseNextAnswer() });
      await expect(provider.authorize(asked)).rejects.toThrow(PaymentOutcomeUnknown);

      const answer = (await provider.find(lookup(asked, 'capture'))) ?? (await provider.authorize(asked));

      expect(answer).toMatchObject({ state: 'succeeded', amount: 1000 });
      expect((await provider.refund(after(referenceOf(answer), 1000))).state).toBe('succeeded');
      expect((await provider.refund(after(referenceOf(answer), 1))).state).toBe('declined');
    });

    it('knows nothing of a request that did not arrive, and does it when it is sent again', async () => {
      const { provider, loseNextRequest } = current();
      const asked = payment({ token: loseNextRequest() });
      await expect(provider.authorize(asked)).rejects.toThrow(PaymentOutcomeUnknown);

      expect(await provider.find(lookup(asked, 'capture'))).toBeUndefined();
      expect(await provider.authorize(asked)).toMatchObject({ state: 'succeeded', amount: 1000 });
    });

    it('reads a webhook that it signed itself', async () => {
      const { provider, webhook } = current();
      const [event, key] = [randomUUID(), randomUUID()];
      const expected: ProviderWebhook = {
        eventId: event,
        key,
        answer: { state: 'succeeded', reference: 'pi_1', amount: 700, currency: CURRENCY },
      };

      expect(await provider.parseWebhook(webhook(event, key, { reference: 'pi_1', amount: 700 }))).toEqual(expected);
    });

    it.each([
      ['too old', -301],
      ['too far ahead', 301],
    ])('refuses a webhook whose signature is %s', async (_, later) => {
      const { provider, webhook } = current();
      const sent = webhook(randomUUID(), randomUUID(), { reference: 'pi_1', amount: 1 }, later);

      await expect(provider.parseWebhook(sent)).rejects.toThrow(WebhookNotGenuine);
    });

    it('refuses a webhook without a signature, with a wrong one, and with another body', async () => {
      const { provider, webhook } = current();
      const { body, headers } = webhook(randomUUID(), randomUUID(), { reference: 'pi_1', amount: 1 });
      const wrong = Object.fromEntries(
        Object.entries(headers).map(([header, value]) => [header, String(value).replace(/v1=../, 'v1=zz')]),
      );
      const other = Buffer.from(body.toString('utf8').replace('pi_1', 'pi_2'));
      // the same JSON in other bytes
      const spaced = Buffer.from(JSON.stringify(JSON.parse(body.toString('utf8')), null, 1));

      for (const sent of [
        { body, headers: {} },
        { body, headers: wrong },
        { body: other, headers },
        { body: spaced, headers },
      ]) {
        await expect(provider.parseWebhook(sent)).rejects.toThrow(WebhookNotGenuine);
      }
    });
  });
}

function referenceOf(answer: ProviderAnswer | undefined): string {
  if (answer?.state !== 'succeeded') throw new Error(`this did not succeed: ${JSON.stringify(answer)}`);
  return answer.reference;
}

/** What came of a request; one that is refused may have no known outcome. */
const outcomeOf = (answer: Promise<ProviderAnswer>): Promise<string> =>
  answer.then(
    ({ state }) => state,
    (error: unknown) => {
      if (error instanceof PaymentOutcomeUnknown) return 'unknown';
      throw error;
    },
  );
