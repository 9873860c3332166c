import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { DOCUMENT } from './support/document.js';
import { exampleOf, unexpected } from './support/examples.js';
import { together } from './support/feature.js';
import { type Answer, Shop } from './support/shop.js';
import { type Statement, statementsOf } from './support/statements.js';
import { type Asker, Stock } from './support/stock.js';

const COSTS = together(({ statements }) => statements);

const operations = locatedOperationsOf(DOCUMENT);
const nameOf = ({ method, path }: Located): string => `${method.toUpperCase()} ${path}`;

describe('the statements of an operation', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open({ trustedProxies: ['127.0.0.1'] });
    stock = new Stock(shop);
  });
  afterAll(() => shop.close());

  it('are known of every one', () => {
    expect(Object.keys(COSTS).sort()).toEqual(operations.map(nameOf).sort());
  });

  it.each(operations.map((located) => [nameOf(located), located] as const))('%s', async (name, located) => {
    stock.forget();
    const role: Asker = located.operation['x-access'] === 'public' ? 'nobody' : 'admin';
    const { path, ...ask } = await exampleOf(located, stock, role);
    const token = await stock.tokenOf(role);
    let answer: Answer<unknown> | undefined;
    const statements = await statementsOf(shop, async () => {
      answer = await shop.ask(path, { ...ask, token });
    });

    expect(unexpected(answer, [200, 201, 202, 204])).toBeUndefined();
    expect([statements.length, ...statements.map(inShort)]).toEqual([COSTS[name], ...statements.map(inShort)]);
  });
});

const inShort = ({ text }: Statement): string => text.replace(/\s+/g, ' ').trim().slice(0, 80);
