import { defineProblem } from '../common/errors/problem.js';

export const InvalidCredentials = defineProblem(
  'invalid-credentials',
  401,
  'E-mail or password is wrong',
  'There is no account with this e-mail and password. Try again, or ask for a new password with POST /auth/forgot-password.',
);
export const InvalidRefreshToken = defineProblem(
  'invalid-refresh-token',
  401,
  'The refresh token is not valid',
  'The refresh token is not one of ours, was used before, or its session has ended. Log in again. A client must keep the refresh token of the latest answer, and no other.',
);
export const EmailUnverified = defineProblem(
  'email-unverified',
  403,
  'The e-mail is not verified yet',
  'The password is right, but nobody has shown yet that the e-mail is theirs. Follow the mail that came when registering, or ask for another with POST /auth/resend-verification.',
);
export const AccountDisabled = defineProblem(
  'account-disabled',
  403,
  'The account is disabled',
  'The password is right, but an administrator of the shop has closed this account.',
);
export const InvalidLink = defineProblem(
  'invalid-link',
  422,
  'The token does not work',
  'The token of the mail has run out, was used, or a newer mail has taken its place. Ask for another mail.',
);
export const WrongPassword = defineProblem(
  'wrong-password',
  422,
  'The current password is wrong',
  'Changing a password needs the present one, so that an open screen is not enough. If it is forgotten, ask for a new one with POST /auth/forgot-password.',
);
