import { Injectable, Logger } from '@nestjs/common';
import { Secrets } from '../common/security/secrets.js';
import { Clock } from '../common/time/clock.js';
import { OrderPaymentsService } from '../orders/order-payments.service.js';
import { fits, type Outcome, RESEND_TIME, SEND_TIME } from './attempt-states.js';
import { AttemptsService } from './attempts.service.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentOutcomeUnknown, PaymentProvider, type ProviderAnswer } from './providers/payment-provider.js';

const PURPOSE = 'payment tokens';

/** Asks the payment provider, outside of any unit of work. */
@Injectable()
export class PaymentCallsService {
  private readonly logger = new Logger(PaymentCallsService.name);

  constructor(
    private readonly attempts: AttemptsService,
    private readonly repository: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly orders: OrderPaymentsService,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** What an attempt keeps of a token until its outcome is known. */
  sealToken(token: string): string {
    return this.secrets.seal(PURPOSE, token);
  }

  /** The outcome that an attempt has already; undefined for none. */
  known({ state, providerReference, amount, currency, declineCode }: PaymentAttempt): ProviderAnswer | undefined {
    if (state === 'succeeded') return { state, reference: providerReference ?? '', amount, currency };
    return state === 'declined' ? { state, reference: providerReference, code: declineCode ?? '' } : undefined;
  }

  /**
   * The outcome of an attempt: the one that is known, what the provider says that became of it, or what it says when it is sent. It may
   * be called again and at once: the provider knows the id of the attempt.
   */
  async perform(attemptId: string): Promise<Outcome> {
    const sent = await this.repository.markSent(attemptId);
    const isFirst = sent !== undefined;
    const attempt = sent ?? (await this.attempts.read(attemptId));
    const known = this.known(attempt);
    if (known) return known;
    const parent = attempt.parentId === null ? undefined : await this.attempts.read(attempt.parentId);
    if (isFirst && (await this.isUseless(attempt))) return { state: 'declined', reference: null, code: 'order_ended' };
    try {
      const answer = await this.ask(attempt, parent?.providerReference ?? null, isFirst);
      if (fits(attempt, answer)) return answer;
      this.logger.error({ attemptId, answer }, 'The provider says another amount than was asked for.');
      return { state: 'pending', reference: answer.reference };
    } catch (error) {
      this.logger.warn({ err: error, attemptId }, 'The outcome of a payment is unknown.');
      return { state: 'unknown' };
    }
  }

  /** Whether it is a payment that comes late, after a crash or an outage, for an order that was cancelled or has expired meanwhile. */
  private async isUseless({ parentId, orderId, createdAt }: PaymentAttempt): Promise<boolean> {
    if (parentId !== null || this.ageOf(createdAt) < SEND_TIME / 2) return false;
    return this.orders.hasEnded(orderId);
  }

  /** In seconds. */
  private ageOf(createdAt: Date): number {
    return (this.clock.now().getTime() - createdAt.getTime()) / 1000;
  }

  /**
   * Sends an attempt, or asks what became of it. What the provider knows nothing of is sent again, also when its order has ended: only so
   * is its outcome certain, and what succeeds is given back.
   */
  private async ask(attempt: PaymentAttempt, payment: string | null, isFirst: boolean): Promise<ProviderAnswer> {
    if (attempt.provider !== this.provider.name) {
      throw new PaymentOutcomeUnknown(
        `the attempt is for the provider ${attempt.provider}, and PAYMENT_PROVIDER names another one`,
      );
    }
    const { id: key, amount, currency, operation, providerReference: reference } = attempt;
    const found = isFirst
      ? undefined
      : await this.provider.find({ key, amount, currency, operation, reference, payment });
    if (found) return found;
    if (!isFirst && (attempt.state === 'needs_review' || this.ageOf(attempt.createdAt) >= RESEND_TIME)) {
      throw new PaymentOutcomeUnknown('the provider knows nothing of it, and it is not sent again');
    }
    return this.send(attempt, payment);
  }

  private send(attempt: PaymentAttempt, payment: string | null): Promise<ProviderAnswer> {
    const { id: key, amount, currency, operation, orderId } = attempt;
    if (payment !== null) {
      if (operation === 'authorize') throw new PaymentOutcomeUnknown('an authorization follows nothing');
      return this.provider[operation]({ key, amount, currency, payment });
    }
    const token = this.secrets.open(PURPOSE, attempt.sealedToken ?? '');
    if (token === undefined)
      throw new PaymentOutcomeUnknown('none of SECRETS opens the token: add the one that it was sealed with');
    return this.provider.authorize({ key, amount, currency, token, orderId, capture: operation === 'capture' });
  }
}
