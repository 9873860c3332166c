import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TokensDto } from '../../src/auth/dto/auth.dto.js';
import { Client, type Request } from './client.js';
import { inParallel } from './parallel.js';
import type { Buyer } from './shop-under-test.js';

const PASSWORD = 'open sesame, little shop';

/** How many people register at the same time: the mailbox keeps no more than the latest mails. */
const AT_ONCE = 40;
/** For how long a mail is waited for, in milliseconds. */
const PATIENCE = 120_000;

/** Somebody who is signed in. */
export interface Account extends Buyer {
  token: string;
  refreshToken: string;
  /** While new tokens are on their way. */
  renewing?: Promise<void>;
}

/** The people of the shop, who get their accounts as people do: over HTTP, with the tokens that are mailed to them. */
export class Accounts {
  private readonly customers: Account[] = [];

  constructor(
    private readonly client: Client,
    private readonly urls: () => readonly string[],
  ) {}

  /** Invites an administrator, who chooses a password and signs in. */
  async openAdmin(environment: NodeJS.ProcessEnv): Promise<Account> {
    const email = 'admin@races.test';
    const args = ['dist/src/commands/users-invite-admin.command.js', email, '--print'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment });
    await this.post('reset-password', { token: tokenIn(stdout), password: PASSWORD });
    return this.signIn(email);
  }

  /** @returns so many customers, the same ones each time. */
  async openCustomers(count: number): Promise<readonly Account[]> {
    while (this.customers.length < count) {
      const first = this.customers.length;
      const emails = Array.from(
        { length: Math.min(AT_ONCE, count - first) },
        (_, n) => `buyer-${String(first + n)}@races.test`,
      );
      await inParallel(emails, 4, (email) => this.post('register', { email, password: PASSWORD, name: 'Buyer' }));
      const tokens = await this.mailedTokens(emails);
      this.customers.push(
        ...(await inParallel(emails, 4, async (email) => {
          await this.post('verify-email', { token: tokens.get(email) });
          return this.signIn(email);
        })),
      );
    }
    return this.customers.slice(0, count);
  }

  of({ email }: Buyer): Account {
    const account = this.customers.find((customer) => customer.email === email);
    if (!account) throw new Error(`${email} has no account`);
    return account;
  }

  /** Gets new tokens in place of an access token that has run out; of several requests at once, the first one does it. */
  async renew(account: Account, token: string): Promise<void> {
    if (account.token !== token) return;
    account.renewing ??= this.refresh(account).finally(() => {
      account.renewing = undefined;
    });
    await account.renewing;
  }

  private async refresh(account: Account): Promise<void> {
    const { refreshToken } = account;
    const { status, body } = await this.client.send<TokensDto>(requestOf('refresh', { refreshToken }));
    // the process may have been killed after the first refresh, and before its answer
    const tokens = status === 200 ? body : await this.signIn(account.email);
    Object.assign(account, 'accessToken' in tokens ? toAccount(account.email, tokens) : tokens);
  }

  private async signIn(email: string): Promise<Account> {
    return toAccount(email, await this.post<TokensDto>('login', { email, password: PASSWORD }));
  }

  private async post<T>(path: string, json: object): Promise<T> {
    const { status, body } = await this.client.send<T>(requestOf(path, json));
    if (status < 300) return body;
    throw new Error(`auth/${path} answers ${String(status)}: ${JSON.stringify(body)}`);
  }

  /** The tokens that were mailed to people, from the mailboxes of all processes. */
  private async mailedTokens(emails: readonly string[]): Promise<Map<string, string>> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      const boxes = await Promise.all(
        this.urls().map(
          async (url) =>
            (await fetch(`${url}/dev/mailbox.json`)).json() as Promise<{ data: { to: string; text: string }[] }>,
        ),
      );
      const mails = boxes.flatMap(({ data }) => data).filter(({ to }) => emails.includes(to));
      const tokens = new Map(mails.map(({ to, text }) => [to, tokenIn(text)]));
      if (tokens.size === emails.length) return tokens;
      if (performance.now() > end) throw new Error('the mails to new customers have not come');
      await delay(200);
    }
  }
}

const requestOf = (path: string, json: object): Request => ({ method: 'POST', path: `/api/v1/auth/${path}`, json });

const toAccount = (email: string, { accessToken, refreshToken }: TokensDto): Account => ({
  email,
  token: accessToken,
  refreshToken,
});

function tokenIn(text: string): string {
  const [token] = /(?<![\w-])[\w-]{43}(?![\w-])/.exec(text) ?? [];
  if (token === undefined) throw new Error(`there is no token in: ${text}`);
  return token;
}
