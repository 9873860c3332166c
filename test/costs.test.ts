import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawDocument } from '../src/app.js';
import { ImportRunner } from '../src/imports/imports.runner.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { testConfig } from './support/database.js';
import { together } from './support/feature.js';
import { type Ask, Shop } from './support/shop.js';
import { type Statement, statementsOf } from './support/statements.js';
import { type Asker, knownAt, Stock } from './support/stock.js';

const COSTS = together(({ statements }) => statements);

const operations = locatedOperationsOf(await drawDocument(testConfig({})));
const nameOf = ({ method, path }: Located): string => `${method.toUpperCase()} ${path}`;

describe('the statements of an operation', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
    stock = new Stock(shop);
    // what is done later is nobody’s answer
    await shop.app.get(ImportRunner).stop();
  });
  afterAll(() => shop.close());

  it('are known of every one', () => {
    expect(Object.keys(COSTS).sort()).toEqual(operations.map(nameOf).sort());
  });

  it.each(operations.map((located) => [nameOf(located), located] as const))('%s', async (name, located) => {
    stock.forget();
    const { role, path, ask } = await request(located);
    const token = await stock.tokenOf(role);
    let status = 0;
    const statements = await statementsOf(shop, async () => {
      status = (await shop.ask(path, { ...ask, token })).status;
    });

    expect([200, 201, 202, 204]).toContain(status);
    expect([statements.length, ...statements.map(inShort)]).toEqual([COSTS[name], ...statements.map(inShort)]);
  });

  /** The operation as the document's own examples ask it, of what there is in the shop. */
  async function request({ path, method, operation }: Located): Promise<{ role: Asker; path: string; ask: Ask }> {
    const role: Asker = operation['x-access'] === 'public' ? 'nobody' : 'admin';
    const at = await stock.fill(path.replaceAll('{id}', '--id--'), { role, path });
    const fill = (text: string): Promise<string> => stock.fill(text, { role, path: at });
    const headers = stock.stranger();
    for (const parameter of operation.parameters ?? []) {
      if ('in' in parameter && parameter.in === 'header' && parameter.required)
        headers[parameter.name] = await fill('--etag--');
    }
    const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
    const [type = '', media] = Object.entries(content)[0] ?? [];
    const example: unknown = media?.example ?? Object.values(media?.examples ?? {}).at(-1);
    const ask: Ask = { method: method.toUpperCase(), headers };
    if (typeof example === 'string') {
      headers['content-type'] = type;
      ask.body = example;
    } else if (typeof example === 'object' && example !== null) {
      const value = 'value' in example && typeof example.value === 'object' ? example.value : example;
      const known = knownAt(path);
      const members = Object.entries(value ?? {}).map(([member, of]: [string, unknown]) => [
        member,
        known[member] ?? of,
      ]);
      ask.json = JSON.parse(await fill(JSON.stringify(Object.fromEntries(members))));
    }
    return { role, path: at, ask };
  }
});

const inShort = ({ text }: Statement): string => text.replace(/\s+/g, ' ').trim().slice(0, 80);
