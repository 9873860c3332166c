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
export const UserUnverified = defineError(
  'user-unverified',
  'conflict',
  'The user’s e-mail is not verified',
  'The user registered with a password and has not verified the e-mail: the password may be a stranger’s, who would get the role. Invite the person with POST /users: it replaces the registration, and mails a link to choose another password.',
);
export const UserIsErased = defineError(
  'user-erased',
  'conflict',
  'The user is erased',
  'An erased user cannot be changed. The person may register again.',
);
