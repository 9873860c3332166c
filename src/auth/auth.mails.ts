import type { Mail } from '../common/mail/mailer.js';
import { pageOf, type WebPages } from '../common/mail/pages.js';

/** Notifies the owner of an account that its password has changed; ASVS 6.3.7. */
export const passwordChangedMail = (to: string, pages: WebPages): Mail => ({
  to,
  subject: 'Your password was changed',
  text: `Hello,

the password of your account at Stockroom was changed just now, and every device that was signed in with the old one is signed out.

If this was you, there is nothing to do. If not, ask for a new password at once: ${forgotPassword(pages)}

Stockroom
`,
});

const forgotPassword = (pages: WebPages): string =>
  pageOf(pages, 'forgot-password') ??
  `run POST /api/v1/auth/forgot-password at ${pages.publicUrl}/docs#/Auth/authForgotPassword`;
