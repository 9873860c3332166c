import { randomUUID } from 'node:crypto';
import { setImmediate as immediate } from 'node:timers/promises';
import { brotliCompressSync, Gunzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { locatedOperationsOf } from '../src/common/openapi/operations.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { rawAnswer } from './support/raw.js';
import { type Answer, type Ask, Shop } from './support/shop.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const CREDENTIALS = '{"email":"nobody@bodies.test","password":"not the password"}';
const MIB = 1024 * 1024;

interface Refusal {
  type: string;
  detail: string;
  errors?: { pointer?: string; parameter?: string; code: string }[];
}

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

describe('a body', () => {
  let staff: string;
  let product: ProductDto;
  beforeAll(async () => {
    staff = await signIn(shop, 'staff');
    const json = { sku: 'BODY', name: 'Lantern', price: { amount: 1, currency: 'GBP' } };
    product = (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json })).body;
  });

  const login = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = JSON_TYPE,
  ): Promise<Answer<Refusal>> => shop.ask<Refusal>('auth/login', { method: 'POST', headers, body });
  const patch = (body: string, type: string): Promise<Answer<Refusal>> =>
    shop.ask<Refusal>(`products/${product.id}`, {
      method: 'PATCH',
      token: staff,
      headers: { 'if-match': '*', 'idempotency-key': randomUUID(), 'content-type': type },
      body,
    });

  describe('of a media type (RFC 9110 §15.5.16)', () => {
    it.each([
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
    ])('%s is read', async (type) => {
      expect((await login(CREDENTIALS, { 'content-type': type })).body.type).toMatch(/invalid-credentials$/);
    });

    it.each([
      'application/json; charset=latin1',
      'application/json; charset=utf-16',
      'application/xml',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/merge-patch+json',
      'application/vnd.api+json',
      'json',
    ])('%s is 415 to POST, naming what is taken', async (type) => {
      const { status, headers } = await login(CREDENTIALS, { 'content-type': type });

      expect(status).toBe(415);
      expect([headers.get('accept-post'), headers.get('accept')]).toEqual(['application/json', 'application/json']);
    });

    it('that is not named is 415', async () => {
      expect((await login(new Uint8Array(Buffer.from(CREDENTIALS)), {})).status).toBe(415);
    });

    it.each(['application/json', 'application/merge-patch+json', 'application/merge-patch+json; charset=utf-8'])(
      '%s is a merge patch to PATCH (RFC 7396)',
      async (type) => {
        expect((await patch('{"name":"Lantern"}', type)).status).toBe(200);
      },
    );

    it.each(['application/json-patch+json', 'application/xml', 'application/merge-patch+json; charset=latin1'])(
      '%s is 415 to PATCH, with Accept-Patch (RFC 5789 §2.2)',
      async (type) => {
        const { status, headers } = await patch('[]', type);

        expect([status, headers.get('accept-patch')]).toEqual([415, 'application/merge-patch+json, application/json']);
      },
    );

    it('is announced by OPTIONS where PATCH is taken (RFC 5789 §3.1)', async () => {
      const one = await shop.ask(`products/${product.id}`, { method: 'OPTIONS' });
      const all = await shop.ask('products', { method: 'OPTIONS' });

      expect([one.status, one.headers.get('allow')]).toEqual([204, 'GET, HEAD, PATCH, DELETE, OPTIONS']);
      expect(one.headers.get('accept-patch')).toBe('application/merge-patch+json, application/json');
      expect(all.headers.has('accept-patch')).toBe(false);
    });

    it('that a stream takes is named by 415', async () => {
      const answer = await shop.ask('imports', { method: 'POST', token: staff, headers: JSON_TYPE, body: '{}' });

      expect([answer.status, answer.headers.get('accept-post')]).toEqual([
        415,
        'text/csv, text/tab-separated-values, text/plain, application/vnd.ms-excel, application/x-ndjson, application/ndjson, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, multipart/form-data',
      ]);
    });
  });

  describe('of JSON, strictly', () => {
    it.each([
      ['is none (RFC 8259)', '{"email":'],
      ['is not UTF-8 (ASVS 1.1.1)', Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d)],
      ['has surrogates for UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
      ['is UTF-16', new Uint8Array(Buffer.from(CREDENTIALS, 'utf16le'))],
    ])('that %s is 400', async (_, body) => {
      const { status, body: problem } = await login(body);

      expect([status, problem.type]).toEqual([400, 'http://localhost:3000/problems/bad-request']);
    });

    it.each([
      ['a member twice (ASVS 1.5.3)', '{"email":"a@b.test","email":"c@d.test"}', '#/email', 'duplicate'],
      ['__proto__ (ASVS 15.3.6)', '{"a":{"__proto__":{"admin":true}}}', '#/a/__proto__', 'forbidden'],
      ['constructor', '{"constructor":1}', '#/constructor', 'forbidden'],
      ['a number that can’t be kept', '{"a":[9007199254740993]}', '#/a/0', 'number'],
      ['more than 32 levels', '['.repeat(33) + ']'.repeat(33), `#${'/0'.repeat(32)}`, 'depth'],
      ['more items than any list has', `{"email":[${'1,'.repeat(1000)}1]}`, '#/email/1000', 'items'],
    ])('with %s is 400, naming it', async (_, body, pointer, code) => {
      const { status, body: problem } = await login(body);

      expect(status).toBe(400);
      expect(problem.errors).toEqual([expect.objectContaining({ pointer, code })]);
    });

    it('is refused alike as a merge patch', async () => {
      expect((await patch('{"name":"a","name":"b"}', 'application/merge-patch+json')).status).toBe(400);
    });

    it.each<[string, Ask]>([
      ['with Content-Type', { headers: JSON_TYPE, body: '' }],
      ['without Content-Type', {}],
    ])('that is empty where one is needed is 400, and says so (%s)', async (_, ask) => {
      const { status, body } = await shop.ask<Refusal>('auth/login', { method: 'POST', ...ask });

      expect([status, body.type]).toEqual([400, 'http://localhost:3000/problems/bad-request']);
      expect(body.detail).toBe('This operation needs a JSON body, and there is none.');
    });

    it('that is empty is no matter where none is needed', async () => {
      const token = await signIn(shop, 'customer');
      const answer = await shop.ask('auth/logout', { method: 'POST', token, headers: JSON_TYPE, body: '' });

      expect(answer.status).toBe(204);
    });

    it.each([
      ['text/plain', '', 415],
      ['application/json', `"${'x'.repeat(MIB)}"`, 413],
    ])('is refused where none is needed as well: %s', async (type, body, status) => {
      const token = await signIn(shop, 'customer');
      const headers = { 'content-type': type };

      expect((await shop.ask('auth/sessions', { method: 'DELETE', token, headers, body })).status).toBe(status);
    });
  });

  describe('that is too large (RFC 9110 §15.5.14)', () => {
    const head = (framing: string): string =>
      `POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;
    const expectRefusal = ({ status, headers, body }: Awaited<ReturnType<typeof rawAnswer>>): void => {
      expect([status, headers.get('connection')]).toEqual([413, 'close']);
      expect(JSON.parse(body)).toMatchObject({ type: 'http://localhost:3000/problems/payload-too-large' });
    };

    it.each([
      ['auth/login', 16 * 1024],
      ['auth/register', 16 * 1024],
      ['products', 64 * 1024],
    ])('is 413 beyond the limit of its operation, which the document names: %s', async (path, limit) => {
      const { body: document } = await shop.ask<OpenAPIObject>('/openapi.json');
      const operations = locatedOperationsOf(document).filter(({ method }) => method === 'post');
      const documented = operations.find((located) => located.path === `/api/v1/${path}`)?.operation['x-body-limit'];
      const bodyOf = (length: number): string => `"${'x'.repeat(length - 2)}"`;
      const send = async (body: string): Promise<number> =>
        (await shop.ask(path, { method: 'POST', token: staff, headers: JSON_TYPE, body })).status;

      expect(documented).toBe(limit);
      expect([await send(bodyOf(limit)), await send(bodyOf(limit + 1))]).toEqual([422, 413]);
    });

    it('is 413 by what it announces, before any of it came', async () => {
      expectRefusal(await rawAnswer(shop.url, head(`content-length: ${String(MIB + 1)}`)));
    });

    it('is 413 in chunks as soon as it is, without waiting for the rest', async () => {
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      expectRefusal(await rawAnswer(shop.url, head('transfer-encoding: chunked'), ...Array<string>(17).fill(chunk)));
    });

    it.each([
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ])('is 413 when it is unpacked from %s', async (coding, compress) => {
      const body = new Uint8Array(compress(Buffer.alloc(64 * MIB, 0x20)));

      expect((await login(body, { ...JSON_TYPE, 'content-encoding': coding })).status).toBe(413);
    });
  });

  describe('that is a bomb', () => {
    it('is unpacked no further once it is refused', async () => {
      const destroy = jest.spyOn(Gunzip.prototype, 'destroy');
      const body = new Uint8Array(gzipSync(Buffer.alloc(512 * MIB, 0x20)));
      const { status } = await login(body, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      while (destroy.mock.contexts.length === 0) await immediate();
      const [unpacking] = destroy.mock.contexts;
      destroy.mockRestore();

      expect(status).toBe(413);
      expect(unpacking instanceof Gunzip && unpacking.bytesWritten).toBeLessThan(body.length);
    });
  });

  describe('in a content coding (RFC 9110 §8.4)', () => {
    // of somebody who has not failed before
    const credentialsOf = (coding: string): string =>
      JSON.stringify({ email: `${Buffer.from(coding).toString('hex')}@bodies.test`, password: 'not the password' });

    it.each([
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ])('%s is unpacked', async (coding, compress) => {
      const body = new Uint8Array(compress(CREDENTIALS));

      expect((await login(body, { ...JSON_TYPE, 'content-encoding': coding })).status).toBe(401);
    });

    it.each(['GZIP', 'x-gzip', 'X-GZip', 'gzip, identity'])('is called %s as well (§8.4.1)', async (coding) => {
      const body = new Uint8Array(gzipSync(credentialsOf(coding)));

      expect((await login(body, { ...JSON_TYPE, 'content-encoding': coding })).status).toBe(401);
    });

    it.each(['identity', 'IDENTITY'])('that is none is read as it is: %s', async (coding) => {
      const answer = await login(credentialsOf(coding), { ...JSON_TYPE, 'content-encoding': coding });

      expect(answer.status).toBe(401);
    });

    it.each(['gzip, gzip', 'gzip, br', 'a'.repeat(99)])('that is another is 415: %s', async (coding) => {
      expect((await login(CREDENTIALS, { ...JSON_TYPE, 'content-encoding': coding })).status).toBe(415);
    });

    it('that is not taken is 415 with Accept-Encoding (§12.5.3)', async () => {
      const { status, headers } = await login(CREDENTIALS, { ...JSON_TYPE, 'content-encoding': 'compress' });

      expect([status, headers.get('accept-encoding')]).toEqual([415, 'br, gzip']);
    });

    it('that it is not in is 400', async () => {
      expect((await login(CREDENTIALS, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(400);
    });
  });
});

describe('a body of a request that is refused for who sends it', () => {
  // what would be refused with 400, 413 or 415 if it were looked at
  const BODIES: [string, Record<string, string>, string | Uint8Array<ArrayBuffer>][] = [
    ['no JSON', JSON_TYPE, '{'],
    ['in a coding that it is not in', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 'x'],
    ['of a media type that is not taken', { 'content-type': 'text/plain' }, 'x'],
    ['too large', JSON_TYPE, `"${'x'.repeat(MIB)}"`],
  ];

  it.each(BODIES)('is not looked at: %s', async (_, headers, body) => {
    const customer = await signIn(shop, 'customer');
    const ask = { method: 'POST', headers, body };

    expect((await shop.ask('products', ask)).status).toBe(401);
    expect((await shop.ask('products', { ...ask, token: 'forged' })).status).toBe(401);
    expect((await shop.ask('products', { ...ask, token: customer })).status).toBe(403);
    // a permission that stands on the controller
    expect((await shop.ask('imports', { ...ask, token: customer })).status).toBe(403);
  });

  it('is not unpacked', async () => {
    const unpack = jest.spyOn(Gunzip.prototype, '_transform');
    const body = new Uint8Array(gzipSync(Buffer.alloc(MIB, 0x20)));
    const ask = { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body };
    const refused = await shop.ask('products', ask);
    const calls = unpack.mock.calls.length;
    const read = await shop.ask('auth/login', ask);
    const more = unpack.mock.calls.length;
    unpack.mockRestore();

    expect([refused.status, calls]).toEqual([401, 0]);
    expect(read.status).toBe(413);
    expect(more).toBeGreaterThan(0);
  });

  it('that is long is not read to its end', async () => {
    const head = `POST /api/v1/products HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    const long = await rawAnswer(shop.url, `${head}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n`);

    expect([long.status, long.headers.get('connection')]).toEqual([401, 'close']);
  });

  it('that is short costs nobody their connection', async () => {
    const { status, headers } = await shop.ask('products', { method: 'POST', json: {} });

    expect([status, headers.get('connection')]).toEqual([401, 'keep-alive']);
  });
});

describe('an address', () => {
  it.each(['products/%zz', 'products/%ff', 'products/%c3%28', 'products?q=%zz', 'products?q=%ff', 'products?%c0%af=1'])(
    'with broken percent-encoding is 400: %s (RFC 3986 §2.1)',
    async (path) => {
      const { status, body } = await shop.ask<Refusal>(path);

      expect([status, body.type]).toEqual([400, 'http://localhost:3000/problems/bad-request']);
    },
  );

  it.each([
    ['products?colour=red', 'colour'],
    ['products?limit=5&limit=6', 'limit'],
    ['products?limit=5&limit=5', 'limit'],
    ['products?q=a&q=b', 'q'],
    ['products?sort=name&sort=name', 'sort'],
    ['products?inStock=true&inStock=true', 'inStock'],
    ['products?cursor=a&cursor=b', 'cursor'],
    ['products?limit[]=5', 'limit[]'],
    ['products?__proto__=1', '__proto__'],
    ['products?constructor=1', 'constructor'],
    ['products?toString=1', 'toString'],
    ['products?valueOf=1&limit=1', 'valueOf'],
    ['products?hasOwnProperty=1', 'hasOwnProperty'],
    ['products?prototype=1', 'prototype'],
    ['products?__defineGetter__=1', '__defineGetter__'],
    ['products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10?__proto__=1', '__proto__'],
    ['products?maxPrice=', 'maxPrice'],
    ['products?minPrice=%20', 'minPrice'],
    ['products?limit=0x2', 'limit'],
    ['products?maxPrice=1e3', 'maxPrice'],
    ['products?maxPrice=%205', 'maxPrice'],
    ['products?maxPrice=5.0', 'maxPrice'],
    ['products?maxPrice=%2B5', 'maxPrice'],
    ['products?inStock=1', 'inStock'],
    ['products?inStock=TRUE', 'inStock'],
    ['products?inStock=', 'inStock'],
    ['products?q=%00', 'q'],
    ['products?q=a%07', 'q'],
    ['products?q=a%0Ab', 'q'],
    ['products?q=%20%20', 'q'],
    ['products?q=%E2%80%8B', 'q'],
    ['products?sku=a%00', 'sku'],
    ['products?a%00=1', 'a\ufffd'],
    ['products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10?fields=name', 'fields'],
    ['categories/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10?a=1', 'a'],
  ])('with a query that is not known, or a value given twice, is 400 naming it: %s', async (path, parameter) => {
    const { status, body } = await shop.ask<Refusal>(path);

    expect(status).toBe(400);
    expect(body.errors?.map((fault) => fault.parameter)).toEqual([parameter]);
  });
});
