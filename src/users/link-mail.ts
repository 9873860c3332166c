import type { Mail } from '../common/mail/mailer.js';
import { pageOf, type WebPages } from '../common/mail/pages.js';

/** Why a link is mailed. */
export type Occasion = 'verify-email' | 'registered-again' | 'reset-password' | 'invite' | 'already-registered';

interface Words {
  subject: string;
  /** What happened. */
  news: string;
  /** What the link is for. */
  aim: string;
  page: 'verify-email' | 'reset-password';
  lifetime: string;
}

const WORDS: Readonly<Record<Occasion, Words>> = {
  'verify-email': {
    subject: 'Confirm your e-mail',
    news: 'An account at Stockroom was opened with this e-mail.',
    aim: 'confirm that the e-mail is yours',
    page: 'verify-email',
    lifetime: '60 minutes',
  },
  'registered-again': {
    subject: 'Confirm your e-mail',
    news: `An account at Stockroom was opened with this e-mail again. Only the name and the password of this latest time count, and
earlier mails do not work any more. If you did not open an account a second time, do not use this mail: open the account
again yourself.`,
    aim: 'confirm that the e-mail is yours',
    page: 'verify-email',
    lifetime: '60 minutes',
  },
  'reset-password': {
    subject: 'Set a new password',
    news: 'Somebody asked for a new password for your account at Stockroom.',
    aim: 'set a new password',
    page: 'reset-password',
    lifetime: '60 minutes',
  },
  invite: {
    subject: 'You are invited to Stockroom',
    news: 'There is an account at Stockroom waiting for you.',
    aim: 'choose your password',
    page: 'reset-password',
    lifetime: '7 days',
  },
  'already-registered': {
    subject: 'You already have an account',
    news: 'Somebody tried to open an account at Stockroom with this e-mail, but you already have one. You can sign in with your password.',
    aim: 'set a new password, if you have forgotten yours',
    page: 'reset-password',
    lifetime: '60 minutes',
  },
};

/** Too short on purpose: sent unchanged, it is refused, and the token still works. */
const PASSWORD_PLACEHOLDER = 'YOUR PASSWORD';

/** What the page of the shop would send to the API. */
const CALLS = {
  'verify-email': { operation: 'authVerifyEmail', body: (token: string) => ({ token }) },
  'reset-password': {
    operation: 'authResetPassword',
    body: (token: string) => ({ token, password: PASSWORD_PLACEHOLDER }),
  },
} as const;

/**
 * The mail that brings a one-time token: a link to the page of the shop at `WEB_URL`. Without one it says how to use the
 * token in /docs. Nothing in it comes from the person who caused it: it goes to people who may never have asked for it.
 */
export function linkMail({
  to,
  occasion,
  token,
  pages,
}: {
  to: string;
  occasion: Occasion;
  token: string;
  pages: WebPages;
}): Mail {
  const { subject, news, aim, page, lifetime } = WORDS[occasion];
  const text = `Hello,

${news}

To ${aim}, ${linkOf(pages, page, token, lifetime)}

It works once. If this was not you, do nothing: nobody gets in without this mail.

Stockroom
`;
  return { to, subject, text };
}

/** The web address that a token is used at, or how to use it without one. */
export function linkOf(pages: WebPages, page: Words['page'], token: string, lifetime: string): string {
  const url = pageOf(pages, page, { token });
  if (url !== undefined) return `open this page within ${lifetime}:\n\n${url}`;
  const { operation, body } = CALLS[page];
  return `run this operation within ${lifetime}:

POST /api/v1/auth/${page} with ${JSON.stringify(body(token))}

"Try it out" runs it here: ${pages.publicUrl}/docs#/Auth/${operation}`;
}
