import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Account } from './accounts.js';
import type { Shop } from './shop.js';
import { featureAt } from './paths.js';
import type { Asker } from './stock.js';

/** What the tests have to know of a feature in addition to what the document says. */
export interface Feature {
  /**
   * How many statements each operation takes when it succeeds, those included that begin and end a transaction and, where
   * somebody signed in asks, the one that finds out who that is. A number that changes is a decision: say it there.
   */
  statements: Record<string, number>;
  /**
   * What a member or a parameter of a name may well be in this feature's requests: `--thing--` where one of
   * {@link Feature.things} goes, or a value that none has yet, as {@link Stock.fill} makes them.
   */
  members?: Record<string, unknown>;
  /** What the ids of a name are of, where {@link Feature.members} does not say it: `--thing--`, or `--uuid--` of nothing in the shop. */
  ids?: Record<string, string>;
  /**
   * Of things that have no path of their own: which every customer may name, and which nobody may but below what they are part of. The
   * others belong to a customer.
   */
  scopes?: Record<string, 'open' | 'part'>;
  /** How one of each thing is made that requests name: the id of a product, say. */
  things?: Record<string, (making: Making) => Promise<string>>;
  /** Rows of which a list needs a hundred: the columns of the table but `id`, and an expression of `n` for each. */
  rows?: Record<string, string>;
  /** The body and the headers of requests that another system signs. */
  sign?: (shop: Shop) => { body: string; headers: Record<string, string> };
}

/** For whom a thing is made, and what it is made with. */
export interface Making {
  shop: Shop;
  role: Asker;
  /** Where the thing is to be used: `/api/v1/products/{id}`. */
  path: string;
  /** Who asks there; a customer for nobody. */
  account: Account;
  /** Has staff make something; its id. */
  post: (path: string, json: object) => Promise<string>;
  /** Has the account itself make something, which it owns then; its id. */
  own: (path: string, json: object) => Promise<string>;
  /** Makes another thing. */
  make: (name: string) => Promise<string>;
  /** A client that has not been met before. */
  stranger: () => Record<string, string>;
}

const folder = join(import.meta.dirname, 'features');
const require = createRequire(import.meta.url);

/** Every feature by its name, which begins its paths: one file each in features/. */
const features: ReadonlyMap<string, Feature> = new Map(
  globSync('*.ts', { cwd: folder })
    .sort()
    .map((file): [string, Feature] => {
      const { feature } = require(join(folder, file)) as { feature: Feature };
      return [basename(file, '.ts'), feature];
    }),
);

/** What is known of the members and parameters of requests to a path. */
export const membersAt = (path: string): Record<string, unknown> => features.get(featureAt(path))?.members ?? {};

/** How another system signs requests to a path; undefined where none does. */
export const signerAt = (path: string): Feature['sign'] => features.get(featureAt(path))?.sign;

/** What all features say of one kind, together. @throws Error when two of them say different things of the same name. */
export function together<T>(of: (feature: Feature) => Record<string, T> | undefined): Record<string, T> {
  const all: Record<string, T> = {};
  for (const [name, said] of [...features.values()].flatMap((feature) => Object.entries(of(feature) ?? {}))) {
    if (name in all && !isDeepStrictEqual(all[name], said)) throw new Error(`two features know something of ${name}`);
    all[name] = said;
  }
  return all;
}
