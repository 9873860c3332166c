import type { Mail } from '../common/mail/mailer.js';

/** Tells the owner of an account that its password is another now; ASVS 6.3.7. */
export const passwordChangedMail = (to: string, publicUrl: string): Mail => ({
  to,
  subject: 'Your password was changed',
  text: `Hello,

the password of your account at Stockroom was changed just now, and everybody who was signed in with the old one is signed out.

If this was you, there is nothing to do. If not, set a new one at once:

  curl -X POST ${publicUrl}/api/v1/auth/forgot-password -H 'content-type: application/json' -d '${JSON.stringify({ email: to })}'

Stockroom
`,
});
