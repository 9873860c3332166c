import { randomUUID } from 'node:crypto';
import { mailTo, openAccount, openSession, PASSWORD, settled, tokenIn } from '../accounts.js';
import type { Feature, Making } from '../feature.js';

export const feature: Feature = {
  statements: {
    'POST /api/v1/auth/register': 6,
    'POST /api/v1/auth/verify-email': 7,
    'POST /api/v1/auth/resend-verification': 3,
    'POST /api/v1/auth/forgot-password': 5,
    'POST /api/v1/auth/reset-password': 10,
    'POST /api/v1/auth/login': 2,
    'POST /api/v1/auth/refresh': 1,
    'POST /api/v1/auth/logout': 2,
    'POST /api/v1/auth/change-password': 9,
    'GET /api/v1/auth/sessions': 2,
    'DELETE /api/v1/auth/sessions': 2,
    'DELETE /api/v1/auth/sessions/{id}': 2,
    'GET /.well-known/jwks.json': 0,
  },
  members: {
    email: '--email--',
    password: PASSWORD,
    currentPassword: PASSWORD,
    token: '--token--',
    refreshToken: '--refreshToken--',
  },
  things: {
    auth: async ({ shop, account: { token } }) =>
      (await shop.ask<{ data: { id: string }[] }>('auth/sessions', { token })).body.data[0]?.id ?? '-',
    token: (making) => mailed(making, making.path.endsWith('verify-email')),
    refreshToken: async ({ shop, account }) => (await openSession(shop, account.id)).refreshToken,
  },
};

/** A link as it is mailed, to verify an address or to reset a password. */
async function mailed({ shop, stranger }: Making, verifying: boolean): Promise<string> {
  const email = verifying ? `${randomUUID()}@stock.test` : (await openAccount(shop, 'customer')).email;
  const json = verifying ? { email, name: 'Ada', password: PASSWORD } : { email };
  const path = verifying ? 'auth/register' : 'auth/forgot-password';
  await shop.ask(path, { method: 'POST', headers: stranger(), json });
  await settled(shop);
  return tokenIn(mailTo(shop, email));
}
