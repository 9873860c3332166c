import { jest } from '@jest/globals';
import type { TokensDto } from '../../src/auth/dto/auth.dto.js';
import { Mailbox, MailTransport } from '../../src/common/mail/mailer.js';
import { Clock } from '../../src/common/time/clock.js';
import { type Account, openAccount, PASSWORD, settled } from './accounts.js';
import type { Answer, Shop } from './shop.js';

/** What a password is changed to. */
export const NEW_PASSWORD = 'seven herons over the pier';

let people = 0;
export const freshEmail = (): string => `person-${String(++people)}@example.com`;

/** What the tests of signing in do again and again. */
interface AuthClient {
  /** Posts, and waits for what the request has left to be done; `address` for a shop that trusts its proxy. */
  post: <T = Record<string, unknown>>(
    path: string,
    json: unknown,
    token?: string,
    address?: string,
  ) => Promise<Answer<T>>;
  register: (email: string, change?: object) => Promise<Answer<object>>;
  login: (email: string, password?: string, address?: string) => Promise<Answer<TokensDto>>;
  refresh: (refreshToken: string) => Promise<Answer<TokensDto>>;
  whoAmI: (token: string) => Promise<number>;
  account: () => Promise<Account>;
  mailsTo: (email: string) => number;
  /** From here on it is so many seconds later. */
  later: (seconds: number) => void;
}

/** Does it in the shop that is open by then. */
export function authClient(open: () => Shop): AuthClient {
  const post = async <T = Record<string, unknown>>(
    path: string,
    json: unknown,
    token?: string,
    address?: string,
  ): Promise<Answer<T>> => {
    const headers = address === undefined ? undefined : { 'x-forwarded-for': address };
    const answer = await open().ask<T>(`auth/${path}`, { method: 'POST', json, token, headers });
    await settled(open());
    return answer;
  };
  return {
    post,
    register: (email, change = {}) => post('register', { email, password: PASSWORD, name: 'Ada', ...change }),
    login: (email, password = PASSWORD, address?: string) => post('login', { email, password }, undefined, address),
    refresh: (refreshToken) => post('refresh', { refreshToken }),
    whoAmI: async (token) => (await open().ask('users/me', { token })).status,
    account: () => openAccount(open(), 'customer'),
    mailsTo: (email) => {
      const mailer = open().app.get(MailTransport);
      return mailer instanceof Mailbox ? mailer.mails.filter(({ to }) => to === email).length : 0;
    },
    later: (seconds) => {
      jest.spyOn(open().app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + seconds * 1000));
    },
  };
}
