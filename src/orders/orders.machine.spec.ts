import { describe, expect, it } from '@jest/globals';
import {
  allowedActions,
  ORDER_ACTIONS,
  ORDER_STATUSES,
  type OrderAction,
  type OrderFacts,
  type OrderStatus,
  TRANSITIONS,
  transitionOf,
} from './orders.machine.js';

const FACTS: OrderFacts = { paymentStatus: 'unpaid', isCovered: false, fulfilledUnits: 0, openUnits: 3 };
const next = (status: OrderStatus, action: OrderAction, facts: Partial<OrderFacts> = {}): OrderStatus | undefined =>
  transitionOf(status, action, { ...FACTS, ...facts })?.to;

describe('the machine of orders', () => {
  it.each([
    ['pending', 'confirm', { isCovered: true }, 'confirmed'],
    ['pending', 'confirm', { isCovered: false }, undefined],
    ['pending', 'expire', {}, 'expired'],
    ['pending', 'expire', { paymentStatus: 'unresolved' }, undefined],
    ['pending', 'cancel', { paymentStatus: 'unresolved' }, 'cancelled'],
    ['pending', 'fulfill', { isCovered: true }, undefined],
    ['confirmed', 'cancel', {}, 'cancelled'],
    ['confirmed', 'cancel', { fulfilledUnits: 1 }, undefined],
    ['confirmed', 'expire', {}, undefined],
    ['confirmed', 'fulfill', { openUnits: 1 }, 'confirmed'],
    ['confirmed', 'fulfill', { openUnits: 0 }, undefined],
    ['confirmed', 'complete', { openUnits: 0 }, 'completed'],
    ['confirmed', 'complete', { openUnits: 1 }, undefined],
  ] as const)('%s, %s with %j: %s', (status, action, facts, expected) => {
    expect(next(status, action, facts)).toBe(expected);
  });

  it.each(['completed', 'cancelled', 'expired'] as const)('lets nothing happen to what is %s', (status) => {
    const facts = { ...FACTS, isCovered: true, fulfilledUnits: 3 };

    expect(ORDER_ACTIONS.filter((action) => transitionOf(status, action, facts))).toEqual([]);
    expect(allowedActions(status, facts)).toEqual([]);
  });

  it('says what is allowed now, not what might be', () => {
    expect(allowedActions('pending', FACTS)).toEqual(['cancel', 'expire']);
    expect(allowedActions('confirmed', FACTS)).toEqual(['fulfill', 'cancel']);
    expect(allowedActions('confirmed', { ...FACTS, fulfilledUnits: 1 })).toEqual(['fulfill']);
  });

  it('has one row at most for each status and action', () => {
    const keys = TRANSITIONS.map(({ from, action }) => `${from} ${action}`);

    expect(new Set(keys).size).toBe(keys.length);
  });

  it('returns stock in each way out of an order that is not completed, by exactly one effect (I4)', () => {
    const ways = TRANSITIONS.filter(({ to }) => to === 'cancelled' || to === 'expired');

    expect(ways).toHaveLength(3);
    for (const { effects } of ways) {
      const returning = effects.filter((one) => one === 'release the reservation' || one === 'restock the items');
      expect(returning).toHaveLength(1);
    }
  });

  it('leads to every status', () => {
    const reached = new Set(['pending', ...TRANSITIONS.map(({ to }) => to)]);

    expect([...reached].sort()).toEqual([...ORDER_STATUSES].sort());
  });
});
