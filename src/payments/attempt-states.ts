import type { AttemptState, PaymentAttempt } from './entities/payment-attempt.entity.js';
import type { ProviderAnswer } from './providers/payment-provider.js';

/** What is learned of an attempt: what the provider says, or that nothing is known. */
export type Outcome = ProviderAnswer | { readonly state: 'unknown' };

/** What an outcome changes of an attempt. */
export type AttemptChange = Pick<PaymentAttempt, 'state'> &
  Partial<
    Pick<PaymentAttempt, 'providerReference' | 'declineCode' | 'checks' | 'nextCheckAt' | 'sealedToken' | 'reason'>
  >;

/** How long after it was made the provider is asked for the outcome of an attempt, in seconds; then staff look at it. */
const CHECKS = [5, 30, 2 * 60, 10 * 60, 3600, 6 * 3600, 24 * 3600] as const;
/** The least time between two questions, in seconds. */
const LEAST_PAUSE = 5;
/** After how many seconds without an outcome the process that sends an attempt is taken to have ended. */
export const SEND_TIME = 60;

/**
 * For how long after it was made an attempt may be sent again, in seconds: providers forget keys after a day, and would execute it twice.
 */
export const RESEND_TIME = 23 * 3600;

/** States in which an attempt has no outcome yet. */
export const LIVE_STATES: readonly AttemptState[] = ['created', 'sent', 'unknown', 'needs_review'];

export const isLive = (state: AttemptState): boolean => LIVE_STATES.includes(state);

/**
 * What an outcome changes; undefined for nothing. It only goes forward: what was declined may still succeed, since money that moved
 * counts, and what has succeeded stays so. So outcomes may come in any order, and as often as they like.
 */
export function changeBy(attempt: PaymentAttempt, outcome: Outcome, now: Date): AttemptChange | undefined {
  if (attempt.state === 'succeeded') return undefined;
  if (outcome.state === 'succeeded') {
    if (!fits(attempt, outcome)) return withReference(attempt, unresolved(attempt, now), outcome.reference);
    return { state: 'succeeded', providerReference: outcome.reference, declineCode: null, ...ENDED };
  }
  if (attempt.state === 'declined') return undefined;
  if (outcome.state === 'declined') {
    const providerReference = outcome.reference ?? attempt.providerReference;
    return { state: 'declined', providerReference, declineCode: outcome.code, ...ENDED };
  }
  return withReference(attempt, unresolved(attempt, now), outcome.state === 'pending' ? outcome.reference : null);
}

/** Whether an answer is about the amount that was asked for. One that is not says nothing of the outcome. */
export const fits = (attempt: Pick<PaymentAttempt, 'amount' | 'currency'>, answer: ProviderAnswer): boolean =>
  answer.state !== 'succeeded' || (answer.amount === attempt.amount && answer.currency === attempt.currency);

/** Keeps a reference that is new: what is not resolved is found by it later. */
function withReference(
  attempt: PaymentAttempt,
  change: AttemptChange | undefined,
  reference: string | null,
): AttemptChange | undefined {
  if (reference === null || reference === attempt.providerReference) return change;
  return { state: attempt.state, ...change, providerReference: reference };
}

/** What a check that found no outcome changes. */
export function changeByCheck(attempt: PaymentAttempt, now: Date): AttemptChange {
  const checks = attempt.checks + 1;
  if (checks >= CHECKS.length) return { state: 'needs_review', checks, nextCheckAt: null };
  return { state: 'unknown', checks, nextCheckAt: nextCheck(attempt, checks, now) };
}

const ENDED = { nextCheckAt: null, sealedToken: null } as const;

/** The outcome is unknown from now on; undefined when that is known already. */
function unresolved(attempt: PaymentAttempt, now: Date): AttemptChange | undefined {
  if (attempt.state === 'unknown' || attempt.state === 'needs_review') return undefined;
  return { state: 'unknown', declineCode: null, nextCheckAt: nextCheck(attempt, attempt.checks, now) };
}

function nextCheck({ createdAt }: PaymentAttempt, checks: number, now: Date): Date {
  const planned = createdAt.getTime() + (CHECKS[checks] ?? 0) * 1000;
  return new Date(Math.max(planned, now.getTime() + LEAST_PAUSE * 1000));
}
