import type { Mail } from '../common/mail/mailer.js';

/** Notifies somebody that their account is gone (ASVS 6.3.7); sent to the address that it had. */
export const erasedMail = (to: string): Mail => ({
  to,
  subject: 'Your account was deleted',
  text: `Hello,

your account at Stockroom was deleted just now, with your name and e-mail address. It cannot be restored.

If you did not ask for this, write to the shop. You can open a new account with this e-mail address.

Stockroom
`,
});
