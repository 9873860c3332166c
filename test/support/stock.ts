import { randomUUID } from 'node:crypto';
import { AuthService } from '../../src/auth/auth.service.js';
import type { Role } from '../../src/common/security/roles.js';
import { type Account, mailTo, openAccount, PASSWORD, tokenIn } from './accounts.js';
import type { Shop } from './shop.js';

/** Who asks. */
export type Asker = Role | 'nobody';

/** Who asks, and where. */
interface Asking {
  role: Asker;
  path: string;
}

/** What a member or a parameter of this name may well be: placeholders that {@link Stock.fill} fills. */
export const KNOWN: Record<string, unknown> = {
  id: '--id--',
  sku: '--unused--',
  currency: 'GBP',
  parentId: '--category--',
  categoryId: '--category--',
  categoryIds: ['--category--'],
  'If-Match': '--etag--',
  cursor: '--cursor--',
  email: '--email--',
  password: PASSWORD,
  currentPassword: PASSWORD,
  token: '--token--',
  refreshToken: '--refreshToken--',
};

/** What there is in the shop, made when it is asked for: a request may say `--category--` where the id of one goes. */
export class Stock {
  private readonly accounts = new Map<Role, Promise<Account>>();
  private readonly made = new Map<string, Promise<string>>();

  private clients = 0;

  constructor(private readonly shop: Shop) {}

  /** A client that has not been met before, so that no quota of one is spent; for a shop that trusts its proxy. */
  stranger(): Record<string, string> {
    const client = ++this.clients;
    return { 'x-forwarded-for': `10.${[16, 8, 0].map((bits) => String((client >> bits) & 255)).join('.')}` };
  }

  /** The access token of a role; undefined of nobody. */
  async tokenOf(role: Asker): Promise<string | undefined> {
    return role === 'nobody' ? undefined : (await this.accountOf(role)).token;
  }

  /** The text with what there is in the place of each placeholder. */
  async fill(text: string, asking: Asking): Promise<string> {
    let filled = text;
    for (const [placeholder, name = ''] of text.matchAll(/--([a-zA-Z]+)--/g)) {
      const key = `${name} ${asking.role} ${asking.path}`;
      const value = this.made.get(key) ?? this.make(name, asking);
      this.made.set(key, value);
      filled = filled.replace(placeholder, await value);
    }
    return filled;
  }

  /** Has everything made anew: some of it is used up. */
  forget(): void {
    this.accounts.clear();
    this.made.clear();
  }

  private async make(name: string, { role, path }: Asking): Promise<string> {
    const staff = (await this.accountOf('staff')).token;
    const account = await this.accountOf(role === 'nobody' ? 'customer' : role);
    const post = async (to: string, json: object): Promise<string> =>
      (await this.shop.ask<{ id: string }>(to, { method: 'POST', token: staff, json })).body.id;
    switch (name) {
      case 'id':
        return this.make(path.split('/')[3] ?? '', { role, path });
      case 'products':
        return post('products', { sku: randomUUID(), name: 'Lantern', price: { amount: 1999, currency: 'GBP' } });
      case 'category':
      case 'categories':
        return post('categories', { name: randomUUID() });
      case 'users':
        return (await openAccount(this.shop, 'customer')).id;
      case 'imports': {
        const csv = { method: 'POST', token: staff, headers: { 'content-type': 'text/csv' }, body: 'sku\n"' };
        return (await this.shop.ask<{ id: string }>('imports', csv)).body.id;
      }
      case 'auth': {
        const { token } = account;
        return (await this.shop.ask<{ data: { id: string }[] }>('auth/sessions', { token })).body.data[0]?.id ?? '-';
      }
      case 'etag':
        return (await this.shop.ask(path, { token: account.token })).headers.get('etag') ?? '"0"';
      case 'cursor': {
        await Promise.all([1, 2].map(() => this.make('categories', { role, path })));
        const { body } = await this.shop.ask<{ page?: { next: string | null } }>(`${path}?limit=1`, account);
        return body.page?.next ?? '-';
      }
      case 'unused':
        return randomUUID();
      case 'email':
        // who is invited is nobody yet
        return path.endsWith('/users') ? `${randomUUID()}@stock.test` : account.email;
      case 'token':
        return this.mailed(path.endsWith('verify-email'));
      case 'refreshToken': {
        const client = { address: '127.0.0.1', userAgent: 'tests' };
        return (await this.shop.app.get(AuthService).signIn(account.id, client)).refreshToken;
      }
      default:
        throw new Error(`${path} takes a ${name}, of which none is made yet`);
    }
  }

  /** A link as it is mailed, to verify an address or to reset a password. */
  private async mailed(verifying: boolean): Promise<string> {
    const email = verifying ? `${randomUUID()}@stock.test` : (await openAccount(this.shop, 'customer')).email;
    const json = verifying ? { email, name: 'Ada', password: PASSWORD } : { email };
    const headers = this.stranger();
    await this.shop.ask(verifying ? 'auth/register' : 'auth/forgot-password', { method: 'POST', headers, json });
    return tokenIn(mailTo(this.shop, email));
  }

  private accountOf(role: Role): Promise<Account> {
    const account = this.accounts.get(role) ?? openAccount(this.shop, role);
    this.accounts.set(role, account);
    return account;
  }
}
