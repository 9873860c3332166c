import { describe, expect, it } from '@jest/globals';
import { raw } from 'sql-template-tag';
import type { Caller } from './caller.js';
import { ownedBy, ownsOrMay, requireOwner } from './owners.js';
import type { Permission } from './permissions.js';

const ReadNotes: Permission = { name: 'notes:read', roles: ['staff'], description: 'Read the notes of others.' };
const caller = (userId: string, ...permissions: string[]): Caller => ({
  userId,
  sessionId: 's',
  roles: [],
  permissions: new Set(permissions),
});
const owner = caller('1');
const stranger = caller('2', 'notes:write');
const staff = caller('3', 'notes:read');
const note = { ownerId: '1', text: 'kept' };
const missing = (): Error => new Error('missing');

describe('what a user owns', () => {
  it('is there for its owner and for holders of the permission', () => {
    expect([owner, staff].map((one) => requireOwner(note, one, ReadNotes, missing))).toEqual([note, note]);
  });

  it('is missing for others, like what does not exist', () => {
    expect(() => requireOwner(note, stranger, ReadNotes, missing)).toThrow('missing');
    expect(() => requireOwner(null, staff, ReadNotes, missing)).toThrow('missing');
    expect(() => requireOwner(undefined, owner, ReadNotes, missing)).toThrow('missing');
    expect([owner, stranger, staff].map((one) => ownsOrMay(note, one, ReadNotes))).toEqual([true, false, true]);
  });

  it('is all that a list has without the permission', () => {
    const [condition, ...others] = ownedBy(raw('n.owner_id'), stranger, ReadNotes);

    expect([condition?.sql, condition?.values, others]).toEqual(['n.owner_id = ?', ['2'], []]);
    expect(ownedBy(raw('n.owner_id'), staff, ReadNotes)).toEqual([]);
  });
});
