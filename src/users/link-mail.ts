import type { Mail } from '../common/mail/mailer.js';

/** Why a link is mailed. */
export type Occasion = 'verify-email' | 'reset-password' | 'invite' | 'already-registered';

interface Words {
  subject: string;
  /** What happened. */
  news: string;
  /** What the call does. */
  aim: string;
  call: 'verify-email' | 'reset-password';
  lifetime: string;
}

const WORDS: Readonly<Record<Occasion, Words>> = {
  'verify-email': {
    subject: 'Confirm your e-mail',
    news: 'An account at Stockroom was opened with this e-mail.',
    aim: 'confirm that the e-mail is yours',
    call: 'verify-email',
    lifetime: '60 minutes',
  },
  'reset-password': {
    subject: 'Set a new password',
    news: 'Somebody asked for a new password for your account at Stockroom.',
    aim: 'set one',
    call: 'reset-password',
    lifetime: '60 minutes',
  },
  invite: {
    subject: 'You are invited to Stockroom',
    news: 'There is an account at Stockroom waiting for you.',
    aim: 'choose your password',
    call: 'reset-password',
    lifetime: '7 days',
  },
  'already-registered': {
    subject: 'You already have an account',
    news: 'Somebody tried to open an account at Stockroom with this e-mail, but you already have one. Log in to it as ever.',
    aim: 'set a new password, if you have forgotten yours',
    call: 'reset-password',
    lifetime: '60 minutes',
  },
};

/** Too short on purpose: sent as it stands, it is refused, and the token still works. */
const PASSWORD_PLACEHOLDER = 'YOUR PASSWORD';

/**
 * The mail that brings a one-time token. There is no web page for it to lead to, so it says which call to make. Nothing in it
 * comes from whoever caused it: it goes to people who may never have asked for it.
 */
export function linkMail({
  to,
  occasion,
  token,
  publicUrl,
}: {
  to: string;
  occasion: Occasion;
  token: string;
  publicUrl: string;
}): Mail {
  const { subject, news, aim, call, lifetime } = WORDS[occasion];
  const body = JSON.stringify({ token, ...(call === 'reset-password' && { password: PASSWORD_PLACEHOLDER }) });
  const text = `Hello,

${news}
To ${aim}, call within ${lifetime}

  POST /api/v1/auth/${call} with ${body}

at ${publicUrl}/docs, or in a terminal:

  curl -X POST ${publicUrl}/api/v1/auth/${call} -H 'content-type: application/json' -d '${body}'

The token works once. If this was not you, do nothing: nobody gets in without the token.

Stockroom
`;
  return { to, subject, text };
}
