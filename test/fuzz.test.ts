import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc, { type Arbitrary } from 'fast-check';
import { drawDocument } from '../src/app.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import type { Schemas } from '../src/common/openapi/schema.js';
import { ROLES } from '../src/common/security/roles.js';
import { openAccount, signIn } from './support/accounts.js';
import { Arbitraries } from './support/arbitrary.js';
import { testConfig } from './support/database.js';
import { type Ask, Shop } from './support/shop.js';

/** How often each operation is asked, and where chance begins; `npm run fuzz -- --runs 1000 --seed 7`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const document = await drawDocument(testConfig({}));
const schemas: Schemas = document.components?.schemas ?? {};
const operations = locatedOperationsOf(document).map((located): [string, Located] => [
  `${located.method.toUpperCase()} ${located.path}`,
  located,
]);

/** One request, by whom. */
interface Asked extends Ask {
  role: (typeof ROLES)[number] | 'nobody';
  path: string;
}

describe('whatever is asked, the answer is as the document has it, and no failure of ours', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterAll(() => shop.close());

  it.each(operations)('%s', async (_, located) => {
    // fresh ones each time: some of what is asked ends sessions and accounts
    const tokens = new Map<string, string>();
    for (const role of ROLES) tokens.set(role, await signIn(shop, role));
    const ids = await stock(shop);
    const contract = await shop.contract();

    const property = fc.asyncProperty(
      requests(located, new Arbitraries(schemas, idsFor(located.path, ids))),
      async ({ role, path, ...ask }) => {
        const { status } = await shop.ask(path, { ...ask, token: tokens.get(role) });
        expect(status).toBeLessThan(500);
        if (ask.json === undefined || status >= 300) return;
        const pointer = contract.pointer(
          'paths',
          located.path,
          located.method,
          'requestBody',
          'content',
          'application/json',
          'schema',
        );
        expect(contract.faultsOf(JSON.parse(JSON.stringify(ask.json)), pointer)).toBeUndefined();
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: RUNS < 100 });
  });
});

/** Makes one of each thing, so that some of what is asked for is there; their ids by the segment of the path. */
async function stock(shop: Shop): Promise<Record<string, string>> {
  const token = await signIn(shop, 'staff');
  const make = async (path: string, json: object): Promise<string> =>
    (await shop.ask<{ id: string }>(path, { method: 'POST', token, json })).body.id;
  const name = randomUUID();
  const csv = { 'content-type': 'text/csv' };
  const begun = await shop.ask<{ id: string }>('imports', { method: 'POST', token, headers: csv, body: 'sku\n"' });
  return {
    categories: await make('categories', { name }),
    products: await make('products', { sku: name, name, price: { amount: 1999, currency: 'GBP' } }),
    users: (await openAccount(shop, 'customer')).id,
    imports: begun.body.id,
  };
}

/** The ids that fit a path, or all where none is in it. */
function idsFor(path: string, ids: Record<string, string>): string[] {
  const id = ids[path.split('/')[3] ?? ''];
  return id === undefined || !path.includes('{') ? Object.values(ids) : [id];
}

/** Requests to an operation: most of them nearly as it takes them. */
function requests({ path, method, operation }: Located, values: Arbitraries): Arbitrary<Asked> {
  const parameters = (operation.parameters ?? []).flatMap((parameter) => ('in' in parameter ? [parameter] : []));
  const among = (place: string, always: boolean): Arbitrary<Record<string, unknown>> => {
    const chosen = parameters.filter((parameter) => parameter.in === place);
    const each = chosen.map(({ name, schema = {} }) => {
      const [valid, near] = [values.valid(schema), values.near(schema)];
      return [name, fc.oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: near })] as const;
    });
    // many filters at once find nothing, and a cursor goes with none
    return always
      ? fc.record(Object.fromEntries(each))
      : fc.subarray(each, { maxLength: Math.min(each.length, 2) }).chain((some) => fc.record(Object.fromEntries(some)));
  };
  const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
  const [type] = Object.keys(content);
  const schema = content['application/json']?.schema;
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('{', '[]', 'null', '"', '{"a":1,"a":2}', 'sku\n"'),
  );
  const raw = fc.record({ body: garbage, headers: fc.constant({ 'content-type': type ?? 'application/json' }) });
  const json =
    schema &&
    fc.record({
      json: fc.oneof({ weight: 2, arbitrary: values.valid(schema) }, { weight: 1, arbitrary: values.near(schema) }),
    });
  const body: Arbitrary<Ask> = json
    ? fc.oneof({ weight: 6, arbitrary: json }, { weight: 1, arbitrary: raw })
    : type === undefined
      ? fc.constant({})
      : raw;
  return fc
    .record({
      role: fc.constantFrom<Asked['role']>('nobody', 'customer', 'staff', 'admin', 'admin'),
      inPath: among('path', true),
      query: among('query', false),
      headers: fc.oneof(
        { weight: 3, arbitrary: among('header', true) },
        { weight: 1, arbitrary: among('header', false) },
      ),
      body,
    })
    .map(({ role, inPath, query, headers, body: { headers: own, ...ask } }) => ({
      ...ask,
      role,
      method: method.toUpperCase(),
      path: pathOf(path, inPath, query),
      headers: { ...headersOf(headers), ...own },
    }));
}

function pathOf(template: string, inPath: Record<string, unknown>, query: Record<string, unknown>): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(inPath[name])) || '-');
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
  );
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

/** Headers are of visible characters, or there is no request. */
const headersOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value).replaceAll(/[^ -~]/g, '?')]));

const textOf = (value: unknown): string =>
  (typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(String).join(',')
      : JSON.stringify(value)
  ).toWellFormed();
