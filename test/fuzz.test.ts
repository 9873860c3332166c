import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Schemas } from '../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { Arbitraries } from './support/arbitrary.js';
import { DOCUMENT } from './support/document.js';
import { exampleOf } from './support/examples.js';
import { FuzzReport } from './support/fuzz-report.js';
import { type HostileChange, hostileChanges, hostileRequest } from './support/hostile-requests.js';
import { type Asked, requests } from './support/requests.js';
import { type Answer, Shop } from './support/shop.js';
import { knownAt, Stock } from './support/stock.js';

/** How often each operation is asked, and where chance begins; `npm run fuzz -- --runs 1000 --seed 7`. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 15);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

/** How many times as many at most, until one is accepted. */
const ROUNDS = 10;

/** How many changes of each kind are sent to each operation. */
const CHANGES = Math.ceil(RUNS / 15);

const schemas: Schemas = DOCUMENT.components?.schemas ?? {};
const operations = locatedOperationsOf(DOCUMENT);

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
    // what is refused only is not tried at all, unless another system signs it; many fields take more tries
    const isTried = (): boolean => report.isReached(located) || stock.signed(located.path) !== undefined;
    for (let round = 0; round === 0 || (round < ROUNDS && !isTried()); round++) {
      await fc.assert(property, { numRuns: RUNS, seed: SEED + round, endOnFailure: RUNS < 100 });
    }
    expect(isTried()).toBe(true);
  });

  it.each(named)('%s refuses what is hostile', async (_, located) => {
    stock.forget();
    const send = async (change?: HostileChange): Promise<Answer<unknown>> => {
      const example = await exampleOf(located, stock, 'admin');
      const { path, ...ask } = change ? hostileRequest(example, located.path, change) : example;
      const answer = await shop.ask(path, { ...ask, token: await stock.tokenOf('admin') });
      report.count(located, answer.status);
      if (answer.status < 300 && located.method !== 'get') stock.forget();
      return answer;
    };

    const changes = hostileChanges(located, schemas, await foreignCursors(located.path));
    for (const [kind, change] of someOf(changes, operations.indexOf(located))) {
      const answer = await send(change);
      const isRight = change.refusal ? change.refusal.includes(answer.status) : answer.status < 500;
      expect({ kind, change, answer: isRight ? undefined : answer }).toEqual({ kind, change, answer: undefined });
    }
    // without the change the same request is not refused
    expect([400, 422]).not.toContain((await send()).status);
  });

  it('has cursors of several lists to send to the others', async () => {
    expect((await foreignCursors('')).length).toBeGreaterThan(5);
  });

  let cursors: Promise<Map<string, string>> | undefined;

  /** The cursors of second pages of all lists but the one at a path. */
  async function foreignCursors(path: string): Promise<string[]> {
    cursors ??= cursorsOfLists();
    return [...(await cursors)].filter(([of]) => of !== path).map(([, cursor]) => cursor);
  }

  async function cursorsOfLists(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const { path, operation } of operations) {
      if (!operation.parameters?.some((parameter) => 'in' in parameter && parameter.name === 'cursor')) continue;
      const asking: Parameters<Stock['fill']>[1] = {
        role: 'admin',
        path: await stock.fill(path.replace('{id}', '--id--'), { role: 'admin', path }),
      };
      const cursor = await stock.fill('--cursor--', asking);
      if (cursor !== '-') found.set(path, cursor);
    }
    return found;
  }

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

/** Some of each kind by chance, each once. @param index what sets one operation apart from the others. */
function someOf(changes: Map<string, HostileChange[]>, index: number): [kind: string, change: HostileChange][] {
  const ofKinds = [...changes].map(([kind, all]) => {
    const length = Math.min(CHANGES, all.length);
    return fc
      .shuffledSubarray(all, { minLength: length, maxLength: length })
      .map((some) => some.map((change): [string, HostileChange] => [kind, change]));
  });
  return fc.sample(fc.tuple(...ofKinds), { seed: SEED + index, numRuns: 1 }).flat(2);
}
