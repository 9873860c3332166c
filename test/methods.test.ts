import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import type { OpenAPIObject } from '@nestjs/swagger';
import { signIn } from './support/accounts.js';
import { rawAnswer } from './support/raw.js';
import { Shop } from './support/shop.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const MERGE_PATCH = 'application/merge-patch+json, application/json';

/** A path of the document as an address. */
const addressOf = (path: string): string => path.replaceAll(/\{\w+\}/g, NOBODYS_ID);

describe('a method (RFC 9110 §9)', () => {
  let shop: Shop;
  let admin: string;
  let document: OpenAPIObject;
  beforeAll(async () => {
    shop = await Shop.open();
    admin = await signIn(shop, 'admin');
    document = (await shop.ask<OpenAPIObject>('/openapi.json')).body;
  });
  afterAll(() => shop.close());

  const asked = (method: string, path = '/api/v1/products'): ReturnType<typeof rawAnswer> =>
    rawAnswer(shop.url, `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);

  /** Each address of the document, and the methods that it takes by it. */
  const addresses = (): [string, Set<string>][] =>
    Object.entries(document.paths).map(([path, item]) => {
      const documented = Object.keys(item).map((method) => method.toUpperCase());
      return [addressOf(path), new Set([...documented, ...(documented.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])];
    });
  const allowed = (headers: Headers): Set<string> => new Set(headers.get('allow')?.split(', '));

  it.each(['TRACE', 'PUT', 'DELETE', 'PROPFIND', 'LOCK'])(
    '%s where it is not taken is 405 with Allow (§15.5.6)',
    async (method) => {
      const { status, headers, body } = await asked(method);

      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
      expect(JSON.parse(body)).toMatchObject({
        type: 'http://localhost:3000/problems/method-not-allowed',
        status: 405,
      });
    },
  );

  it('that nobody knows is 501 (§15.6.2)', async () => {
    const { status, headers, body } = await asked('BREW');

    expect([status, headers.get('content-type')]).toEqual([501, 'application/problem+json; charset=utf-8']);
    expect(headers.get('x-request-id')).toBe((JSON.parse(body) as { requestId: string }).requestId);
    expect(JSON.parse(body)).toMatchObject({ type: 'http://localhost:3000/problems/not-implemented', status: 501 });
  });

  it('of no HTTP at all is 400', async () => {
    expect((await rawAnswer(shop.url, '\u0016\u0003\u0001 hello\r\n\r\n')).status).toBe(400);
  });

  it('is refused on every address with 405 and Allow, but those that the document has there (§15.5.6)', async () => {
    for (const [address, taken] of addresses()) {
      for (const method of ['TRACE', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (taken.has(method)) continue;
        const { status, headers } = await asked(method, address);

        expect([address, method, status, allowed(headers)]).toEqual([address, method, 405, taken]);
      }
    }
  });

  it('OPTIONS is 204 on every address, with Allow, and Accept-Patch where PATCH is taken (§9.3.7, RFC 5789 §3.1)', async () => {
    for (const [address, taken] of addresses()) {
      const { status, headers } = await shop.ask(address, { method: 'OPTIONS' });

      expect([address, status, allowed(headers)]).toEqual([address, 204, taken]);
      expect([address, headers.get('accept-patch')]).toEqual([address, taken.has('PATCH') ? MERGE_PATCH : null]);
    }
  });

  it('HEAD is what GET is, without the body, on every address (§9.3.2)', async () => {
    const same = ['content-type', 'content-length', 'etag', 'link', 'cache-control', 'vary'];
    for (const [address, taken] of addresses()) {
      if (!taken.has('GET')) continue;
      const headers = { 'accept-encoding': 'identity', 'x-request-id': 'the-same' };
      const get = await shop.ask(address, { token: admin, headers });
      const head = await shop.ask(address, { token: admin, headers, method: 'HEAD' });

      expect([address, head.status, head.body]).toEqual([address, get.status, '']);
      expect(same.map((name) => head.headers.get(name))).toEqual(same.map((name) => get.headers.get(name)));
    }
  });

  it('that takes a body refuses another type with 415, and says which it takes (§15.5.16, RFC 5789 §2.2)', async () => {
    const taking = locatedOperationsOf(document).filter(({ operation }) => operation.requestBody);
    for (const { path, method, operation } of taking) {
      const types = Object.keys(
        operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {},
      );
      const { status, headers } = await shop.ask(addressOf(path), {
        method: method.toUpperCase(),
        token: admin,
        headers: { 'content-type': 'application/zip', 'if-match': '*' },
        body: 'x',
      });

      expect([path, status]).toEqual([path, 415]);
      // there is no Accept-Put
      const header = method === 'put' ? 'accept' : `accept-${method}`;
      expect(new Set(headers.get(header)?.split(', '))).toEqual(new Set(types));
    }
    expect(taking.length).toBeGreaterThan(15);
  });
});
