import { defineError } from '../common/errors/app-error.js';

export const InvalidCredentials = defineError(
  'invalid-credentials',
  'unauthenticated',
  'E-mail or password is wrong',
  'There is no account with this e-mail and password. Try again, or ask for a new password with POST /auth/forgot-password.',
);
export const InvalidRefreshToken = defineError(
  'invalid-refresh-token',
  'unauthenticated',
  'The refresh token is not valid',
  'The refresh token is not one of ours, was used before, or its session has ended. Log in again. A client must keep the refresh token of the latest answer, and no other.',
);
export const EmailUnverified = defineError(
  'email-unverified',
  'forbidden',
  'The e-mail is not verified yet',
  'The password is right, but nobody has shown yet that the e-mail is theirs. Follow the mail that came when registering, or ask for another with POST /auth/resend-verification.',
);
export const AccountDisabled = defineError(
  'account-disabled',
  'forbidden',
  'The account is disabled',
  'The password is right, but an administrator of the shop has closed this account.',
);
export const InvalidLink = defineError(
  'invalid-link',
  'invalid',
  'The token does not work',
  'The token of the mail has run out, was used, or a newer mail has taken its place. Ask for another mail.',
);
export const WrongPassword = defineError(
  'wrong-password',
  'invalid',
  'The current password is wrong',
  'Changing a password needs the present one, so that an open screen is not enough. If it is forgotten, ask for a new one with POST /auth/forgot-password.',
);
