import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeBy, changeByCheck, type Outcome } from './attempt-states.js';
import type { AttemptState, PaymentAttempt } from './entities/payment-attempt.entity.js';

const CREATED = new Date('2026-11-26T12:00:00.000Z');
const after = (seconds: number): Date => new Date(CREATED.getTime() + seconds * 1000);

const attemptIn = (state: AttemptState, more: Partial<PaymentAttempt> = {}): PaymentAttempt => ({
  id: 'attempt',
  orderId: 'order',
  operation: 'capture',
  parentId: null,
  amount: 1000,
  currency: 'GBP',
  provider: 'sandbox',
  providerReference: null,
  state,
  declineCode: null,
  checks: 0,
  nextCheckAt: after(60),
  sealedToken: 'sealed',
  cause: null,
  reason: null,
  restock: false,
  actorId: null,
  version: 1,
  createdAt: CREATED,
  updatedAt: CREATED,
  ...more,
});

const SUCCEEDED: Outcome = { state: 'succeeded', reference: 'ref', amount: 1000, currency: 'GBP' };
const DECLINED: Outcome = { state: 'declined', reference: null, code: 'card_declined' };
const PENDING: Outcome = { state: 'pending', reference: 'ref' };
const UNKNOWN: Outcome = { state: 'unknown' };

describe('an attempt', () => {
  it.each(['created', 'sent', 'unknown', 'needs_review', 'declined'] as const)(
    'that is %s succeeds when the provider says so: money that moved counts',
    (state) => {
      expect(changeBy(attemptIn(state), SUCCEEDED, after(1))).toEqual({
        state: 'succeeded',
        providerReference: 'ref',
        declineCode: null,
        nextCheckAt: null,
        sealedToken: null,
      });
    },
  );

  it.each(['created', 'sent', 'unknown', 'needs_review'] as const)('that is %s can be declined', (state) => {
    expect(changeBy(attemptIn(state), DECLINED, after(1))).toMatchObject({
      state: 'declined',
      declineCode: 'card_declined',
      sealedToken: null,
    });
  });

  it('that has succeeded stays so, also when something else comes later', () => {
    for (const outcome of [SUCCEEDED, DECLINED, PENDING, UNKNOWN]) {
      expect(changeBy(attemptIn('succeeded'), outcome, after(1))).toBeUndefined();
    }
  });

  it.each([UNKNOWN, PENDING, DECLINED])('that was declined is not opened again by %j', (outcome) => {
    expect(changeBy(attemptIn('declined'), outcome, after(1))).toBeUndefined();
  });

  it.each([
    { ...SUCCEEDED, amount: 999 },
    { ...SUCCEEDED, currency: 'EUR' },
  ])('is unknown, and not paid, when the provider says another amount or currency: %j', (outcome) => {
    expect(changeBy(attemptIn('sent'), outcome, after(1))).toMatchObject({
      state: 'unknown',
      providerReference: 'ref',
    });
    expect(changeBy(attemptIn('needs_review', { providerReference: 'ref' }), outcome, after(1))).toBeUndefined();
  });

  it('keeps the reference of what is pending, also when it is unknown already', () => {
    expect(changeBy(attemptIn('unknown'), PENDING, after(1))).toEqual({ state: 'unknown', providerReference: 'ref' });
    expect(changeBy(attemptIn('unknown', { providerReference: 'ref' }), PENDING, after(1))).toBeUndefined();
  });

  it('P28: is asked for after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h and 24 h, and is then for staff, never declined by itself', () => {
    let attempt = attemptIn('sent');
    const asked: number[] = [];
    let change = changeBy(attempt, UNKNOWN, after(1));
    while (change?.nextCheckAt) {
      asked.push((change.nextCheckAt.getTime() - CREATED.getTime()) / 1000);
      attempt = Object.assign({}, attempt, change);
      change = changeByCheck(attempt, change.nextCheckAt);
    }

    expect(asked).toEqual([6, 30, 120, 600, 3600, 21_600, 86_400]);
    expect(change).toEqual({ state: 'needs_review', checks: 7, nextCheckAt: null });
  });

  it('P22: has the same state in the end in any order, and however often, outcomes come', () => {
    const outcomes = fc.shuffledSubarray([SUCCEEDED, DECLINED, PENDING, UNKNOWN, SUCCEEDED, DECLINED], {
      minLength: 1,
    });
    const RANKS: AttemptState[] = ['sent', 'unknown', 'declined', 'succeeded'];

    fc.assert(
      fc.property(outcomes, (said) => {
        const attempt = said.reduce(
          (now, outcome) => Object.assign({}, now, changeBy(now, outcome, after(1))),
          attemptIn('sent'),
        );
        const best = Math.max(...said.map(({ state }) => RANKS.indexOf(state === 'pending' ? 'unknown' : state)));

        expect(attempt.state).toBe(RANKS[best]);
      }),
    );
  });
});
