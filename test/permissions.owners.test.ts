import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { resolve } from '../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { permissionsOf } from '../src/common/security/permissions.js';
import { settled } from './support/accounts.js';
import { DOCUMENT } from './support/document.js';
import { type Example, exampleOf, unexpected } from './support/examples.js';
import { together } from './support/feature.js';
import { membersOf, withValue } from './support/members.js';
import { featureAt } from './support/paths.js';
import { Shop } from './support/shop.js';
import { knownAt, Stock } from './support/stock.js';

const operations = locatedOperationsOf(DOCUMENT);
const schemas = DOCUMENT.components?.schemas ?? {};
const IDS = together(({ ids }) => ids);
const SCOPES = together(({ scopes }) => scopes);
const REFUSED = [403, 404, 422];

/** Tables in which a request leaves something that was refused, too. */
const BOOKKEEPING = ['event_consumers', 'event_sequencer', 'idempotency_keys', 'job_schedules', 'jobs', 'sessions'];

/** An id in a request, and who asks with one of another customer in its place. */
interface Named {
  located: Located;
  asker: 'customer' | 'admin';
  /** `query customerId`, `body items.0.productId` */
  place: string;
  /** Has the request name what belongs to another customer, whose own request is `theirs`. */
  swap: (mine: Example, theirs: Example, stockOfThem: Stock) => Promise<Example>;
}

/** By whom an operation is asked: by a customer, or by an administrator where customers may not. Nobody owns what is public. */
function askerOf({ operation: { 'x-access': access } }: Located): Named['asker'] | undefined {
  if (access === 'public') return undefined;
  return access === 'signed-in' || permissionsOf(['customer']).has(String(access)) ? 'customer' : 'admin';
}

/** Whether one who asks is refused what belongs to another customer. Staff are, where it is part of something else. */
function isForeign(known: string, asker: Named['asker'], path: string): boolean {
  const thing = /^--([a-z-]+)--$/.exec(known)?.[1] ?? '';
  // generated features may refer to others of their kind, of which they show the id alone
  if (thing === 'uuid' || thing === featureAt(path)) return false;
  const reading = operations.find(({ method, path }) => method === 'get' && path === `/api/v1/${thing}/{id}`);
  const scope = SCOPES[thing] ?? (reading && askerOf(reading) === undefined ? 'open' : 'owned');
  return scope === 'part' || (scope === 'owned' && asker === 'customer');
}

/** What is known of the id at a place: the placeholder of what it names. */
function knownOf({ method, path }: Located, names: readonly string[]): string {
  const known =
    names.reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], knownAt(path)) ??
    IDS[names.at(-1) ?? ''];
  if (typeof known === 'string') return known;
  throw new Error(
    `${method.toUpperCase()} ${path} takes the id ${names.join('.')}: say under ids in test/support/features/ what it names`,
  );
}

/** Every id that one who may ask could fill with that of something of another customer. */
function namedBy(located: Located): Named[] {
  const { path, operation } = located;
  const asker = askerOf(located);
  if (asker === undefined) return [];
  const named: Named[] = [];
  const add = (names: string[], place: string, put: (mine: Example, id: string) => Example): void => {
    const known = knownOf(located, names);
    if (!isForeign(known, asker, path)) return;
    const swap: Named['swap'] = async (mine, theirs, stock) =>
      put(mine, await stock.fill(known, { role: 'customer', path: theirs.path }));
    named.push({ located, asker, place, swap });
  };
  const segments = path.split('/');
  const parameters = segments.flatMap((segment, at) => (segment.startsWith('{') ? [at] : []));
  // what a path begins with is its owner's: permissions.test.ts asks for it
  for (const at of parameters.slice(1)) {
    // but for what is everybody's
    if (SCOPES[segments[at]?.slice(1, -1) ?? ''] === 'open') continue;
    const swap: Named['swap'] = (mine, theirs) =>
      Promise.resolve({
        ...mine,
        path: mine.path
          .split('/')
          .with(at, theirs.path.split('/')[at] ?? '')
          .join('/'),
      });
    named.push({ located, asker, place: `path ${segments[at] ?? ''}`, swap });
  }
  for (const parameter of operation.parameters ?? []) {
    if (!('in' in parameter) || parameter.in !== 'query' || !parameter.schema) continue;
    const { name, schema } = parameter;
    if (resolve(schema, schemas).format === 'uuid')
      add([name], `query ${name}`, (mine, id) => ({ ...mine, path: `${mine.path}?${name}=${id}` }));
  }
  const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
  const body = content['application/json']?.schema;
  for (const member of body ? membersOf(body, schemas) : []) {
    if (member.schema.format === 'uuid')
      add(member.path, `body ${member.path.join('.')}`, (mine, id) => ({
        ...mine,
        json: withValue(mine.json, member.path, id),
      }));
  }
  return named;
}

/** Everything in the database but what a refused request leaves there. */
async function contentOf(shop: Shop): Promise<Record<string, string>> {
  await settled(shop);
  const database = shop.app.get(DataSource);
  const tables = await database.query<{ name: string }[]>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL($1)`,
    [BOOKKEEPING],
  );
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ hash: string }[]>(
      `SELECT md5(coalesce(string_agg(row::text, '' ORDER BY row::text), '')) AS hash FROM "${name}" row`,
    );
    content[name] = row?.hash ?? '';
  }
  return content;
}

/** Id by id, drawn from the document: what belongs to another customer is neither shown nor changed, wherever a request names it. */
describe("another customer's", () => {
  let shop: Shop;
  let [mine, theirs]: Stock[] = [];
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
  });
  beforeEach(() => {
    [mine, theirs] = [new Stock(shop), new Stock(shop)];
  });
  afterAll(() => shop.close());

  const matrix = operations
    .flatMap(namedBy)
    .map((named) => [named.place, named.located.method.toUpperCase(), named.located.path, named] as const);

  it.each(matrix)('%s of %s %s is refused', async (_place, _method, _path, { located, asker, swap }) => {
    if (!mine || !theirs) throw new Error('There is no stock.');
    const ownRequest = await exampleOf(located, mine, asker);
    const theirRequest = await exampleOf(located, theirs, 'customer');
    const isList = located.method === 'get' && !located.path.includes('{');
    // so that there is something of theirs to be found
    if (isList) await theirs.fill(`--${featureAt(located.path)}--`, { role: 'customer', path: theirRequest.path });
    const { path, ...ask } = await swap(ownRequest, theirRequest, theirs);
    const [token, staff] = [await mine.tokenOf(asker), await mine.tokenOf('admin')];
    const before = await contentOf(shop);
    const answer = await shop.ask<{ data?: unknown[] }>(path, { ...ask, token });

    if (isList && answer.status === 200) {
      const staffs = await shop.ask<{ data?: unknown[] }>(path, { ...ask, token: staff });
      expect([answer.body.data, staffs.body.data]).toEqual([[], [expect.anything()]]);
    } else expect(unexpected(answer, REFUSED)).toBeUndefined();
    expect(await contentOf(shop)).toEqual(before);
  });
});
