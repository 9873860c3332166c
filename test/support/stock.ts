import { randomBytes, randomUUID } from 'node:crypto';
import type { Role } from '../../src/common/security/roles.js';
import { type Account, openAccount } from './accounts.js';
import { membersAt, signerAt, together } from './feature.js';
import { featureAt, resourceAt } from './paths.js';
import type { Shop } from './shop.js';

/** Who asks. What users own belongs to the asker; for nobody and for another customer, to a customer. */
export type Asker = Role | 'nobody' | 'another customer';

/** Who asks, and where. */
interface Asking {
  role: Asker;
  path: string;
}

/** What members and parameters may well be in requests to a path: placeholders that {@link Stock.fill} fills. */
export const knownAt = (path: string): Record<string, unknown> => ({
  currency: 'GBP',
  ...membersAt(path),
  id: '--id--',
  'If-Match': '--etag--',
  cursor: '--cursor--',
});

const THINGS = together(({ things }) => things);

/** `--products--`, `--unused:20--`; a number with the quotes around it, which it loses. */
const PLACEHOLDER = /--([a-z][a-zA-Z\d]*(?:-[a-z\d]+)*)(?::(\d+))?--|"--(number):(-?\d+)--"/g;

/** What there is in the shop, made when it is asked for: a request may say `--category--` where the id of one goes. */
export class Stock {
  private readonly accounts = new Map<Asker, Promise<Account>>();
  private readonly made = new Map<string, Promise<string>>();

  private clients = 0;
  private values = 0;

  constructor(private readonly shop: Shop) {}

  /** A client that has not been met before, so that no quota of one is spent; for a shop that trusts its proxy. */
  stranger(): Record<string, string> {
    const client = ++this.clients;
    return { 'x-forwarded-for': `10.${[16, 8, 0].map((bits) => String((client >> bits) & 255)).join('.')}` };
  }

  /** A request to a path as another system signs it; undefined where none does. */
  signed(path: string): { body: string; headers: Record<string, string> } | undefined {
    return signerAt(path)?.(this.shop);
  }

  /** The access token of a role; undefined of nobody. */
  async tokenOf(role: Asker): Promise<string | undefined> {
    return role === 'nobody' ? undefined : (await this.accountOf(role)).token;
  }

  /**
   * The text with what there is in the place of each placeholder, and in the place of these a value that none has yet:
   * `--unused:20--` a text so long, `"--number:5--"` a whole number from there on, `--moment--` a point in time, `--uuid--`.
   */
  async fill(text: string, asking: Asking): Promise<string> {
    let filled = text;
    for (const [placeholder, name, length, number = '', from] of text.matchAll(PLACEHOLDER)) {
      const key = `${placeholder} ${asking.role} ${asking.path}`;
      const value = this.made.get(key) ?? this.make(name ?? number, asking, Number(length ?? from ?? 0));
      this.made.set(key, value);
      filled = filled.replace(placeholder, await value);
    }
    return filled;
  }

  /** Has everything created again: some of it is used up. */
  forget(): void {
    this.accounts.clear();
    this.made.clear();
  }

  private async make(name: string, { role, path }: Asking, detail = 0): Promise<string> {
    const staff = (await this.accountOf('staff')).token;
    const account = await this.accountOf(role === 'nobody' || role === 'another customer' ? 'customer' : role);
    const post = async (token: string, to: string, json: object): Promise<string> => {
      const headers = { 'idempotency-key': randomUUID() };
      const { status, body } = await this.shop.ask<{ id?: string }>(to, { method: 'POST', token, headers, json });
      if (body.id === undefined) throw new Error(`POST ${to} made none: ${String(status)} ${JSON.stringify(body)}`);
      return body.id;
    };
    switch (name) {
      case 'id':
        return this.make(featureAt(path), { role, path });
      case 'etag':
        // of the resource, where the path is that of something to do with it: /api/v1/stock-takes/{id}/closing
        return (await this.shop.ask(resourceAt(path), { token: account.token })).headers.get('etag') ?? '"0"';
      case 'cursor': {
        const thing = featureAt(path);
        if (THINGS[thing]) await Promise.all([1, 2].map(() => this.make(thing, { role, path })));
        const { body } = await this.shop.ask<{ page?: { next: string | null } }>(`${path}?limit=1`, account);
        return body.page?.next ?? '-';
      }
      case 'unused':
        return randomBytes(detail).toString('hex').slice(0, detail);
      case 'number':
        return String(detail + ++this.values);
      case 'moment':
        return new Date(Date.UTC(2030, 0) + ++this.values * 60_000).toISOString();
      case 'uuid':
        return randomUUID();
    }
    const thing = THINGS[name];
    if (!thing) throw new Error(`${path} takes a ${name}: say in test/support/features/ how one is made`);
    return thing({
      shop: this.shop,
      role,
      path,
      account,
      post: (to, json) => post(staff, to, json),
      own: (to, json) => post(account.token, to, json),
      make: (other) => this.make(other, { role, path }),
      stranger: () => this.stranger(),
    });
  }

  private accountOf(role: Exclude<Asker, 'nobody'>): Promise<Account> {
    const account = this.accounts.get(role) ?? openAccount(this.shop, role === 'another customer' ? 'customer' : role);
    this.accounts.set(role, account);
    return account;
  }
}
