import { defineError } from '../common/errors/app-error.js';

export const EmailTaken = defineError(
  'email-taken',
  'conflict',
  'The e-mail is taken',
  'Another user has this e-mail. Find that user in the list of users, or invite somebody by another e-mail.',
);
export const LastAdmin = defineError(
  'last-admin',
  'conflict',
  'The shop needs an administrator',
  'The change would leave the shop without an administrator who can sign in. Make somebody else `admin` first; it counts once they have verified their e-mail and chosen a password.',
);
export const UserIsErased = defineError(
  'user-erased',
  'conflict',
  'The user is erased',
  'Only a pseudonym is left of this user, so that their orders still add up: there is nothing to change any more. The person may register again.',
);
