import { describe, expect, it } from '@jest/globals';
import { describeStates } from './describe-states.js';

describe('the page of the states of orders', () => {
  const page = describeStates([
    {
      from: 'pending',
      action: 'cancel',
      to: 'cancelled',
      condition: 'it rains',
      guard: () => true,
      effects: ['release the reservation', 'return the money'],
    },
  ]);

  it('draws each transition, and what is final', () => {
    expect(page).toContain('  pending --> cancelled: cancel\n');
    expect(page).toContain('  cancelled --> [*]\n');
    expect(page).not.toContain('pending --> [*]');
  });

  it('lists conditions and effects, and what is allowed in each status', () => {
    expect(page).toContain('| pending | cancel | cancelled | it rains | release the reservation; return the money |\n');
    expect(page).toContain('- pending: cancel\n- confirmed: nothing: the status is final\n');
  });
});
