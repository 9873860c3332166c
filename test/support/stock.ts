import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/common/security/roles.js';
import { type Account, openAccount } from './accounts.js';
import { together } from './feature.js';
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
  ...together(({ members }) => members),
  id: '--id--',
  'If-Match': '--etag--',
  cursor: '--cursor--',
};

const THINGS = together(({ things }) => things);

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
    switch (name) {
      case 'id':
        return this.make(path.split('/')[3] ?? '', { role, path });
      case 'etag':
        return (await this.shop.ask(path, { token: account.token })).headers.get('etag') ?? '"0"';
      case 'cursor': {
        const thing = path.split('/')[3] ?? '';
        if (THINGS[thing]) await Promise.all([1, 2].map(() => this.make(thing, { role, path })));
        const { body } = await this.shop.ask<{ page?: { next: string | null } }>(`${path}?limit=1`, account);
        return body.page?.next ?? '-';
      }
      case 'unused':
        return randomUUID();
    }
    const thing = THINGS[name];
    if (!thing) throw new Error(`${path} takes a ${name}: say in test/support/features/ how one is made`);
    return thing({
      shop: this.shop,
      role,
      path,
      account,
      post: async (to, json) =>
        (await this.shop.ask<{ id: string }>(to, { method: 'POST', token: staff, json })).body.id,
      make: (other) => this.make(other, { role, path }),
      stranger: () => this.stranger(),
    });
  }

  private accountOf(role: Role): Promise<Account> {
    const account = this.accounts.get(role) ?? openAccount(this.shop, role);
    this.accounts.set(role, account);
    return account;
  }
}
