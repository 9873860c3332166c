import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { assertOutsideUnit, Transactions } from '../../common/database/transactions.js';
import { JobsService } from '../../common/jobs/jobs.service.js';
import { Secrets } from '../../common/security/secrets.js';
import { Clock } from '../../common/time/clock.js';
import type { SandboxOperation } from '../entities/sandbox-operation.entity.js';
import { DeliverSandboxWebhook, type SandboxWebhook } from '../payments.jobs.js';
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
import { SandboxOperationsRepository } from './sandbox-operations.repository.js';
import { behaviorOf, type SandboxBehavior } from './sandbox-tokens.js';

/** The header of a webhook of the sandbox: `t=1764151200,v1=<HMAC-SHA-256 of "t.body" in hex>`. */
export const SANDBOX_SIGNATURE = 'sandbox-signature';

/** Why a request about a payment is declined; undefined when it succeeds. */
type Refuse = (payment: SandboxOperation | undefined) => Promise<string | undefined>;

const PURPOSE = 'webhooks of the payment sandbox';

/** A request as the sandbox keeps it, without how it ends. */
type Asked = Pick<SandboxOperation, 'key' | 'operation' | 'reference' | 'payment' | 'amount' | 'currency' | 'token'>;

/** A request as the sandbox keeps it. */
type Remembered = Asked & Pick<SandboxOperation, 'state' | 'code'> & { isRepeated?: boolean };

/**
 * A provider that moves no money and needs no network: the token of a payment says what happens. It remembers in a table of
 * its own, so that several processes, and one that was killed, find the same.
 */
@Injectable()
export class SandboxGateway extends PaymentProvider {
  readonly name = 'sandbox';

  constructor(
    private readonly operations: SandboxOperationsRepository,
    private readonly transactions: Transactions,
    private readonly jobs: JobsService,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {
    super();
  }

  async authorize({ key, amount, currency, token, capture }: NewPayment): Promise<ProviderAnswer> {
    assertOutsideUnit('the payment provider');
    const behavior = behaviorOf(token);
    const operation = capture ? 'capture' : 'authorize';
    const asked: Asked = { key, operation, reference: `sbx_${key}`, payment: null, amount, currency, token };
    return this.execute(asked, behavior, () => Promise.resolve(behavior.code));
  }

  async capture({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('the payment provider');
    const asked: Asked = { key, operation: 'capture', reference: payment, payment, amount, currency, token: null };
    return this.execute(asked, {}, async (paid) => {
      const { captured, isVoided } = await this.operations.sum(payment);
      if (paid?.operation !== 'authorize' || captured > 0) return 'already_captured';
      if (isVoided) return 'payment_voided';
      return amount > paid.amount ? 'amount_too_large' : undefined;
    });
  }

  async void({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('the payment provider');
    const asked: Asked = { key, operation: 'void', reference: payment, payment, amount, currency, token: null };
    return this.execute(asked, {}, async () => {
      const { captured, isVoided } = await this.operations.sum(payment);
      if (captured > 0) return 'already_captured';
      return isVoided ? 'payment_voided' : undefined;
    });
  }

  async refund({ key, amount, currency, payment }: FollowUp): Promise<ProviderAnswer> {
    assertOutsideUnit('the payment provider');
    const asked: Asked = {
      key,
      operation: 'refund',
      reference: `sbx_${key}`,
      payment,
      amount,
      currency,
      token: null,
    };
    const { refund = {} } = behaviorOf(await this.operations.findToken(payment));
    return this.execute(asked, refund, async () => {
      const { captured, refunded } = await this.operations.sum(payment);
      return amount > captured - refunded ? 'amount_too_large' : refund.code;
    });
  }

  async find({ key }: Lookup): Promise<ProviderAnswer | undefined> {
    assertOutsideUnit('the payment provider');
    const operation = await this.operations.find(key);
    return operation && operation.state !== 'lost' ? answerOf(operation) : undefined;
  }

  parseWebhook({ body, headers }: ReceivedWebhook): Promise<ProviderWebhook> {
    assertOutsideUnit('the payment provider');
    const [, time = '', signature = ''] =
      /^t=(\d{1,12}),v1=([\da-f]{64})$/.exec(String(headers[SANDBOX_SIGNATURE])) ?? [];
    const age = this.clock.now().getTime() / 1000 - Number(time);
    if (signature === '' || Math.abs(age) > SIGNATURE_TOLERANCE) return Promise.reject(new WebhookNotGenuine());
    const given = Buffer.from(signature, 'hex');
    const isGenuine = this.signaturesOf(time, body).some((expected) => timingSafeEqual(expected, given));
    if (!isGenuine) return Promise.reject(new WebhookNotGenuine());
    return Promise.resolve(readWebhook(body));
  }

  /** A webhook as the sandbox sends it. */
  signWebhook(webhook: SandboxWebhook): ReceivedWebhook {
    assertOutsideUnit('the payment provider');
    const body = Buffer.from(JSON.stringify(webhook));
    const time = String(Math.floor(this.clock.now().getTime() / 1000));
    const [signature] = this.signaturesOf(time, body);
    return { body, headers: { [SANDBOX_SIGNATURE]: `t=${time},v1=${signature?.toString('hex') ?? ''}` } };
  }

  private signaturesOf(time: string, body: Buffer): Buffer[] {
    return this.secrets.keys(PURPOSE).map((key) => createHmac('sha256', key).update(`${time}.`).update(body).digest());
  }

  /**
   * Does what is asked, once for each key.
   * @param refuse why it is declined; undefined when it succeeds.
   */
  private async execute(asked: Asked, behavior: SandboxBehavior, refuse: Refuse): Promise<ProviderAnswer> {
    const remember = (): Promise<Remembered> => this.remember(asked, behavior, refuse);
    const isOneStatement = asked.payment === null && !behavior.webhooks;
    const operation = await (isOneStatement ? remember() : this.transactions.run(remember));
    // what is lost was asked for once; what was asked for again is answered
    if (behavior.answer === 'nothing' && !operation.isRepeated)
      throw new PaymentOutcomeUnknown('the sandbox did not answer in time');
    return behavior.answer === 'pending' ? { state: 'pending', reference: operation.reference } : answerOf(operation);
  }

  private async remember(asked: Asked, behavior: SandboxBehavior, refuse: Refuse): Promise<Remembered> {
    const payment = asked.payment === null ? undefined : await this.operations.lockPayment(asked.payment);
    // what was done with a payment counts against it: a repetition is looked for first
    const known = asked.payment === null ? undefined : await this.operations.find(asked.key);
    if (known) {
      // counts it
      await this.operations.insert(known);
      return this.repeat(known, asked);
    }
    const code = asked.payment !== null && !payment ? 'no_such_payment' : await refuse(payment);
    const row: Remembered = { ...asked, state: stateOf(behavior, code), code: code ?? null };
    // also of two that come at once with one key, the second finds what the first has written
    if (!(await this.operations.insert(row))) return this.repeat((await this.operations.find(asked.key)) ?? row, asked);
    await this.enqueueWebhooks(asked, behavior, code);
    return row;
  }

  private async repeat(known: Remembered, asked: Asked): Promise<Remembered> {
    if (!isSame(known, asked)) throw new PaymentOutcomeUnknown('the key was used for another request');
    const { key, operation, reference, payment, amount, currency, token, code } = known;
    if (known.state === 'lost') await this.operations.arrive(key);
    const state = known.state === 'lost' ? 'succeeded' : known.state;
    return { key, operation, reference, payment, amount, currency, token, state, code, isRepeated: true };
  }

  private async enqueueWebhooks(asked: Asked, { webhooks = [] }: SandboxBehavior, code?: string): Promise<void> {
    const { key, reference, amount, currency } = asked;
    const outcome: ProviderAnswer =
      code === undefined ? { state: 'succeeded', reference, amount, currency } : { state: 'declined', reference, code };
    for (const { after, event, state } of webhooks) {
      await this.jobs.enqueue(
        DeliverSandboxWebhook,
        { eventId: `${key}:${String(event)}`, key, answer: state === 'pending' ? { state, reference } : outcome },
        { runAt: this.clock.in(after) },
      );
    }
  }
}

const stateOf = ({ isLost, isEndless }: SandboxBehavior, code: string | undefined): SandboxOperation['state'] => {
  if (isLost) return 'lost';
  if (isEndless) return 'pending';
  return code === undefined ? 'succeeded' : 'declined';
};

const isSame = (known: Asked, asked: Asked): boolean =>
  known.operation === asked.operation &&
  known.payment === asked.payment &&
  known.amount === asked.amount &&
  known.currency === asked.currency &&
  known.token === asked.token;

function answerOf({ state, reference, amount, currency, code }: Omit<Remembered, 'isRepeated'>): ProviderAnswer {
  if (state === 'succeeded') return { state, reference, amount, currency };
  if (state === 'declined') return { state, reference, code: code ?? 'declined' };
  return { state: 'pending', reference };
}

/** What the sandbox itself has signed, and so has written. */
function readWebhook(body: Buffer): ProviderWebhook {
  const { eventId, key, answer } = JSON.parse(body.toString('utf8')) as SandboxWebhook;
  return { eventId, key, answer };
}
