import { type DataSchema, defineEvent } from '../common/events/define-event.js';
import type { Role } from '../common/security/roles.js';

/** What an event says of a user beyond their id and version. */
interface UserEventData {
  roles: Role[];
  disabled: boolean;
  verified: boolean;
}

const DATA: DataSchema<UserEventData> = {
  roles: { type: 'array', items: { type: 'string' } },
  disabled: { type: 'boolean', description: 'Whether the user may not sign in.' },
  verified: { type: 'boolean', description: 'Whether the e-mail is known to be theirs.' },
};

export const UserCreated = defineEvent('user.created', 1, 'Somebody registered, or was invited.', DATA);
export const UserUpdated = defineEvent(
  'user.updated',
  1,
  'A user was changed: the name, a role, whether they may sign in, or whether their e-mail is verified. A password alone is not announced.',
  DATA,
);
export const UserErased = defineEvent(
  'user.erased',
  1,
  'Nothing personal is left of a user. One who never verified the e-mail may be deleted altogether.',
  {},
);
