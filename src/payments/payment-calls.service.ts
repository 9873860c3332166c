import { Injectable, Logger } from '@nestjs/common';
import { Secrets } from '../common/security/secrets.js';
import type { Outcome } from './attempt-states.js';
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
    private readonly secrets: Secrets,
  ) {}

  /** What an attempt keeps of a token until its outcome is known. */
  sealToken(token: string): string {
    return this.secrets.seal(PURPOSE, token);
  }

  /**
   * The outcome of an attempt: the one that is known, what the provider says that became of it, or what it says when it is sent. It may
   * be called again and at once: the provider knows the id of the attempt.
   */
  async perform(attemptId: string): Promise<Outcome> {
    const attempt = await this.attempts.read(attemptId);
    const known = outcomeOf(attempt);
    if (known) return known;
    const parent = attempt.parentId === null ? undefined : await this.attempts.read(attempt.parentId);
    const isFirst = attempt.state === 'created' && (await this.repository.markSent(attemptId));
    try {
      return await this.ask(attempt, parent?.providerReference ?? null, isFirst);
    } catch (error) {
      this.logger.warn({ err: error, attemptId }, 'The outcome of a payment is unknown.');
      return { state: 'unknown' };
    }
  }

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
    return found ?? this.send(attempt, payment);
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

/** The outcome that an attempt has already. */
function outcomeOf({
  state,
  providerReference,
  amount,
  currency,
  declineCode,
}: PaymentAttempt): ProviderAnswer | undefined {
  if (state === 'succeeded') return { state, reference: providerReference ?? '', amount, currency };
  return state === 'declined' ? { state, reference: providerReference, code: declineCode ?? '' } : undefined;
}
