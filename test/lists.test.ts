import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { resolve, type Schema, type Schemas } from '../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../src/common/openapi/operations.js';
import { Secrets } from '../src/common/security/secrets.js';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import { openAccount, openSession } from './support/accounts.js';
import { testConfig } from './support/database.js';
import { paymentOf, post as postToLedger } from './support/ledger.js';
import { Shop } from './support/shop.js';

const ID_OF_NOTHING = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const ID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

interface Page {
  data: unknown[];
  page: { next: string | null; total?: number };
}

describe('every list', () => {
  let shop: Shop;
  let admin: string;
  let paths: string[];
  /** Lists below another product and another import than those of `paths`. */
  let others: string[];
  let operations: Located[];
  let schemas: Schemas;
  beforeAll(async () => {
    shop = await Shop.open();
    const account = await openAccount(shop, 'admin');
    admin = account.token;
    const post = { method: 'POST', token: admin };
    for (const name of ['Garden', 'House', 'Shed']) {
      await openAccount(shop, 'customer');
      await shop.ask('categories', { ...post, json: { name } });
      await shop.ask('products', { ...post, json: { sku: name, name, price: { amount: 1, currency: 'GBP' } } });
    }
    const [product, another] = (await shop.ask<{ data: { id: string }[] }>('products')).body.data;
    for (const product of (await shop.ask<{ data: { id: string }[] }>('products')).body.data) {
      await shop.ask('reviews', { ...post, json: { productId: product.id, rating: 3, title: 'Title' } });
      for (const delta of [1, 2]) {
        const json = { delta, reason: 'delivery' };
        await shop.ask(`products/${product.id}/stock-adjustments`, { ...post, json });
      }
    }
    const ordered = await makeOrder();
    const method = { name: 'Standard', price: { amount: 395, currency: 'GBP' }, countries: ['GB'] };
    for (const name of ['Standard', 'Express'])
      await shop.ask('shipping-methods', { ...post, json: { ...method, name } });
    await openSession(shop, account.id);
    const customer = await openAccount(shop, 'customer');
    await openSession(shop, customer.id);
    for (let posted = 0; posted < 3; posted++) await postToLedger(shop, paymentOf({ customerId: account.id }));
    const csv = { ...post, headers: { 'content-type': 'text/csv' }, body: 'sku,name\n,\n,\n,\n' };
    const { body: started } = await shop.ask<{ id: string }>('imports', csv);
    const { body: second } = await shop.ask<{ id: string }>('imports', csv);
    others = [`products/${another?.id ?? ''}/stock-movements`, `imports/${second.id}/faults`];
    const document = (await shop.ask<OpenAPIObject>('/openapi.json')).body;
    schemas = document.components?.schemas ?? {};
    operations = locatedOperationsOf(document).filter(({ operation }) =>
      operation.parameters?.some((parameter) => 'in' in parameter && parameter.name === 'cursor'),
    );
    const idIn = (path: string): string =>
      path.includes('imports')
        ? started.id
        : path.includes('users')
          ? customer.id
          : path.includes('orders')
            ? ordered
            : (product?.id ?? '');
    paths = operations.map(({ path }) => path.replace('{id}', idIn(path)));
  });
  afterAll(() => shop.close());

  /** One of two orders, which has two parcels; its id. */
  async function makeOrder(): Promise<string> {
    const post = async <T>(path: string, json: object): Promise<T> => {
      const headers = { 'idempotency-key': randomUUID(), 'if-match': '*' };
      return (await shop.ask<T>(path, { method: 'POST', token: admin, headers, json })).body;
    };
    const gift = { sku: 'GIFT', name: 'Gift', price: { amount: 0, currency: 'GBP' } };
    const { id: productId } = await post<{ id: string }>('products', gift);
    await post(`products/${productId}/stock-adjustments`, { delta: 10, reason: 'delivery' });
    await post('orders', { items: [{ productId, quantity: 1 }] });
    const { id, items } = await post<OrderDto>('orders', { items: [{ productId, quantity: 2 }] });
    for (const { id: lineId } of [...items, ...items])
      await post(`orders/${id}/fulfillments`, { lines: [{ lineId, quantity: 1 }] });
    return id;
  }

  const list = async (path: string, query: string): Promise<Page> =>
    (await shop.ask<Page>(`${path}?${query}`, { token: admin })).body;

  it('counts how many there are in all when it is asked to, and not otherwise (ZAL #160; A4.6)', async () => {
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) {
      const whole = await list(path, 'limit=100');
      const first = await list(path, 'limit=1&include=total');

      expect([path, whole.page.total]).toEqual([path, undefined]);
      expect([path, first.page.total]).toEqual([path, whole.data.length]);
    }
  });

  it('has no more to include than it says', async () => {
    for (const path of paths) {
      const { status } = await shop.ask(`${path}?include=secrets`, { token: admin });

      expect([path, status]).toEqual([path, 400]);
    }
  });

  it('takes a limit from 1 to 100, and refuses others (A4.4)', async () => {
    for (const path of paths) {
      for (const limit of ['0', '-1', '101', 'abc', '1.5', '']) {
        expect([path, limit, (await shop.ask(`${path}?limit=${limit}`, { token: admin })).status]).toEqual([
          path,
          limit,
          400,
        ]);
      }
    }
  });

  it('refuses a cursor that is not ours (A4.3)', async () => {
    for (const path of paths) {
      const { status, body } = await shop.ask(`${path}?cursor=${'A'.repeat(60)}`, { token: admin });

      expect([path, status, body.type]).toEqual([path, 400, 'http://localhost:3000/problems/invalid-cursor']);
    }
  });

  it('refuses a cursor of any other list', async () => {
    const cursors = new Map<string, string>();
    for (const path of [...paths, ...others]) {
      const { next } = (await list(path, 'limit=1')).page;
      if (next !== null) cursors.set(path, next);
    }
    expect(cursors.size).toBeGreaterThan(8);

    for (const path of cursors.keys()) {
      for (const [of, cursor] of cursors) {
        const { status } = await shop.ask(`${path}?${new URLSearchParams({ cursor }).toString()}`, { token: admin });

        expect([path, of, status]).toEqual([path, of, of === path ? 200 : 400]);
      }
    }
  });

  it('refuses a cursor of the same list with another filter or sort', async () => {
    const refused: string[] = [];
    for (const { path, operation } of operations) {
      const at = paths.find((known) => known.replace(ID, '{id}') === path) ?? path;
      const { next: cursor } = (await list(at, 'limit=1')).page;
      if (cursor === null) continue;
      for (const parameter of operation.parameters ?? []) {
        if (!('in' in parameter) || parameter.in !== 'query' || ['cursor', 'limit'].includes(parameter.name)) continue;
        const value = valueOf(parameter.schema);
        const query = new URLSearchParams({ cursor, [parameter.name]: String(value) });
        const { body } = await shop.ask(`${at}?${query.toString()}`, { token: admin });
        refused.push(`${path} ${parameter.name}`);

        expect([at, parameter.name, value, body.type]).toEqual([
          at,
          parameter.name,
          value,
          'http://localhost:3000/problems/invalid-cursor',
        ]);
      }
    }
    expect(refused.length).toBeGreaterThan(20);
  });

  it('has no cursor that is longer than it takes, for any filters and rows', () => {
    const secrets = new Secrets(testConfig({}));
    for (const { path, operation } of operations) {
      const filters = Object.fromEntries(
        (operation.parameters ?? []).flatMap((parameter) => {
          if (!('in' in parameter) || parameter.in !== 'query' || ['cursor', 'limit'].includes(parameter.name))
            return [];
          return [[parameter.name, longest(parameter.schema)]];
        }),
      );
      const cursor = operation.parameters?.find((parameter) => 'in' in parameter && parameter.name === 'cursor');
      const most =
        cursor && 'schema' in cursor && cursor.schema && 'maxLength' in cursor.schema ? cursor.schema.maxLength : 0;
      const position = { key: longestKey(path), id: ID_OF_NOTHING };
      const sealed = secrets.sealDeterministic(
        'cursor',
        JSON.stringify([`${path} ${ID_OF_NOTHING}`, position, filters, 'similar']),
      );

      expect([path, sealed.length <= (most ?? 0)]).toEqual([path, true]);
    }
  });

  /** The longest text that a parameter takes, in characters of four bytes. */
  function longest(schema: object | undefined): unknown {
    const { enum: values, format, maxLength, maxItems, type, items }: Schema = schema ?? {};
    if (values) return values.map(String).sort((a, b) => b.length - a.length)[0];
    if (items) return items.enum ?? Array<unknown>(maxItems ?? 1).fill(longest(items));
    if (format === 'uuid') return ID_OF_NOTHING;
    if (type === 'string') return '\u{1F3EE}'.repeat(maxLength ?? 0);
    return 999_999_999_999;
  }

  /** The longest key that a list can be sorted by: a member of its rows, or a path of names. */
  function longestKey(path: string): string {
    const sorts = operations
      .find((operation) => operation.path === path)
      ?.operation.parameters?.flatMap((parameter) =>
        'in' in parameter && parameter.name === 'sort' && parameter.schema && 'enum' in parameter.schema
          ? (parameter.schema.enum ?? []).map((sort: unknown) => String(sort).replace('-', ''))
          : [],
      );
    const { items } = resolve(contentOf(path).properties?.data ?? {}, schemas);
    const row = resolve(items ?? {}, schemas);
    const members = [...(sorts ?? []), 'path'].flatMap((name) => row.properties?.[name] ?? []);
    const lengths = members.map(({ maxLength, maxItems, items: parts }) =>
      parts ? (maxItems ?? 0) * ((parts.maxLength ?? 0) + 3) : (maxLength ?? 40),
    );
    return '\u{1F3EE}'.repeat(Math.max(40, ...lengths));
  }

  const contentOf = (path: string): Schema => {
    const response = operations.find((located) => located.path === path)?.operation.responses['200'];
    const content = response && 'content' in response ? response.content : undefined;
    return resolve(content?.['application/json']?.schema ?? {}, schemas);
  };
});

/** A value that a filter takes. */
function valueOf(schema: object | undefined): unknown {
  const { enum: values, items, format, type, minimum, maxLength }: Schema = schema ?? {};
  if (values) return values.at(-1);
  if (format === 'date-time') return '2026-11-20T09:30:00.000Z';
  if (maxLength === 2) return 'GB';
  if (items) return items.enum ? 'total' : 'Size:M';
  if (format === 'uuid') return ID_OF_NOTHING;
  if (format === 'date-time') return '2026-11-20T09:30:00Z';
  if (type === 'boolean') return true;
  return type === 'string' ? 'GBP' : (minimum ?? 1);
}
