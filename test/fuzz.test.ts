import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawDocument } from '../src/app.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import type { Schemas } from '../src/common/openapi/schema.js';
import { Arbitraries } from './support/arbitrary.js';
import { testConfig } from './support/database.js';
import { FuzzReport } from './support/fuzz-report.js';
import { type Asked, requests } from './support/requests.js';
import { Shop } from './support/shop.js';
import { knownAt, Stock } from './support/stock.js';

/** How often each operation is asked, and where chance begins; `npm run fuzz -- --runs 1000 --seed 7`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const document = await drawDocument(testConfig({}));
const schemas: Schemas = document.components?.schemas ?? {};
const operations = locatedOperationsOf(document);

describe('any request gets an answer as the document has it, and no failure of ours', () => {
  const report = new FuzzReport();
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
    stock = new Stock(shop);
  });
  afterAll(async () => {
    if (process.env.FUZZ_RUNS) process.stdout.write(report.toText(operations));
    await shop.close();
  });

  const named = operations.map((located): [string, Located] => [
    `${located.method.toUpperCase()} ${located.path}`,
    located,
  ]);
  it.each(named)('%s', async (_, located) => {
    const contract = await shop.contract();
    const body = contract.pointer('paths', located.path, located.method, 'requestBody', 'content', 'application/json');

    const property = fc.asyncProperty(
      requests(located, new Arbitraries(schemas, knownAt(located.path))),
      async (asked) => {
        const { status, json } = await send(asked);
        report.count(located, status);
        expect(status).toBeLessThan(500);
        if (status < 300 && json !== undefined) expect(contract.faultsOf(json, `${body}/schema`)).toBeUndefined();
        if (status < 300 && located.method !== 'get') stock.forget();
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: RUNS < 100 });

    // what is refused only is not tried at all
    expect(report.isReached(located)).toBe(true);
  });

  /** Sends it, with what there is in the place of what it says is known. */
  async function send({ role, json, ...asked }: Asked): Promise<{ status: number; json: unknown }> {
    const path = await stock.fill(asked.path, { role, path: asked.path });
    const fill = (text: string): Promise<string> => stock.fill(text, { role, path: path.replace(/\?.*/, '') });
    const headers = stock.stranger();
    for (const [name, value] of Object.entries(asked.headers)) headers[name] = await fill(value);
    const filled: unknown = json === undefined ? undefined : JSON.parse(await fill(JSON.stringify(json)));
    const token = await stock.tokenOf(role);
    const { status } = await shop.ask(path, { ...asked, headers, json: filled, token });
    return { status, json: filled };
  }
});
