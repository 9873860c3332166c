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
    if (outcome.amount !== attempt.amount || outcome.currency !== attempt.currency) return unresolved(attempt, now);
    return { state: 'succeeded', providerReference: outcome.reference, declineCode: null, ...ENDED };
  }
  if (attempt.state === 'declined') return undefined;
  if (outcome.state === 'declined') {
    const providerReference = outcome.reference ?? attempt.providerReference;
    return { state: 'declined', providerReference, declineCode: outcome.code, ...ENDED };
  }
  const change = unresolved(attempt, now);
  const reference = outcome.state === 'pending' ? outcome.reference : null;
  if (reference === null || reference === attempt.providerReference) return change;
  // what is pending is found by its reference later
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
