import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createApp } from '../src/app.js';
import { AppError, errorKinds } from '../src/common/errors/app-error.js';
import { statusOf } from '../src/common/http/errors/status.js';
import { escapeHtml, proseHtml } from '../src/common/http/syntax/html.js';
import { createLogger } from '../src/common/logging/logger.js';
import { SkuTaken } from '../src/products/products.errors.js';
import { ProductsService } from '../src/products/products.service.js';
import { signIn } from './support/accounts.js';
import { createTestDatabase } from './support/database.js';
import { type Answer, Shop } from './support/shop.js';

const ORIGIN = 'https://shop.example';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

describe('every answer', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ corsOrigins: [ORIGIN] });
  });
  afterAll(() => shop.close());

  const expectProblem = (answer: Answer<unknown>, status: number, slug: string): void => {
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({
      type: `http://localhost:3000/problems/${slug}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: expect.stringMatching(/^\//),
      requestId: answer.headers.get('x-request-id'),
    });
  };

  it('carries the caller’s request id when it is harmless, else a fresh one', async () => {
    const named = await shop.ask('/livez', { headers: { 'x-request-id': 'order-7.retry_2' } });
    const harmful = await shop.ask('/livez', { headers: { 'x-request-id': 'a b{c}' } });

    expect(named.headers.get('x-request-id')).toBe('order-7.retry_2');
    expect(harmful.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is logged under its request id, and the trace that it is part of (W3C Trace Context)', async () => {
    const logged: Record<string, unknown>[] = [];
    const { config, options, drop } = await createTestDatabase({ logLevel: 'info' });
    const logger = createLogger(config, {
      write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>),
    });
    const app = await createApp(config, options, [], logger);
    await app.init();
    logged.length = 0;
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const ask = (headers: Record<string, string>): Promise<unknown> => app.inject({ url: '/livez', headers });
    await ask({ 'x-request-id': 'a', traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    await ask({ 'x-request-id': 'b', traceparent: `00-${trace}` });
    await app.close();
    await drop();

    expect(logged).toEqual([
      expect.objectContaining({ msg: 'request', requestId: 'a', trace_id: trace }),
      expect.objectContaining({ msg: 'request', requestId: 'b' }),
    ]);
    expect(logged[1]).not.toHaveProperty('trace_id');
  });

  it('is a problem document where nothing is (RFC 9457)', async () => {
    expectProblem(await shop.ask('products/nope/nope'), 404, 'not-found');
  });

  it('is 405 with Allow for a method that an address does not take (RFC 9110 §15.5.6)', async () => {
    const answer = await shop.ask('products', { method: 'PUT' });

    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  });

  it('is 204 with Allow to OPTIONS (RFC 9110 §9.3.7)', async () => {
    const { status, headers } = await shop.ask('products', { method: 'OPTIONS' });

    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
  });

  it('to HEAD is what GET would be, without the body (RFC 9110 §9.3.2)', async () => {
    const { status, headers, body } = await shop.ask('products', { method: 'HEAD' });

    expect([status, headers.get('content-type'), body]).toEqual([200, 'application/json; charset=utf-8', '']);
  });

  it.each([
    ['no JSON', '{"email":', 400, 'bad-request'],
    ['__proto__ as a member (ASVS 15.3.6)', '{"__proto__": {}}', 400, 'bad-request'],
    ['constructor as a member', '{"constructor": {"prototype": {}}}', 400, 'bad-request'],
    ['no object', '[]', 422, 'validation-failed'],
    ['of a text with U+0000, which PostgreSQL has not', '{"email": "a\\u0000@example.com"}', 422, 'validation-failed'],
    ['more than a MiB', JSON.stringify({ email: 'x'.repeat(1024 * 1024) }), 413, 'payload-too-large'],
  ])('to a body that is %s is a problem', async (_, body, status, slug) => {
    const headers = { 'content-type': 'application/json' };
    expectProblem(await shop.ask('auth/login', { method: 'POST', headers, body }), status, slug);
  });

  it('to a body of another type is 415', async () => {
    const headers = { 'content-type': 'application/xml' };
    expectProblem(
      await shop.ask('auth/login', { method: 'POST', headers, body: '<a/>' }),
      415,
      'unsupported-media-type',
    );
  });

  it('to a broken address is 400', async () => {
    expectProblem(await shop.ask('/api/v1/products/%zz'), 400, 'bad-request');
  });

  it('to an unexpected failure says nothing but the request id (ASVS 16.5.1)', async () => {
    const failing = jest.spyOn(shop.app.get(ProductsService), 'read');
    failing.mockRejectedValueOnce(new Error('secret at /srv/shop'));
    const answer = await shop.ask('products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10');

    expectProblem(answer, 500, 'internal-error');
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|srv/);
  });

  it('to a problem says what is documented, and no other member', async () => {
    const failing = jest.spyOn(shop.app.get(ProductsService), 'read');
    const members = { available: 3, password: 'secret', cause: { sql: 'SELECT' } };
    for (const accept of ['application/json', 'application/xml']) {
      failing.mockRejectedValueOnce(new AppError(SkuTaken, 'Taken.', { members }));
      const response = await fetch(`${shop.url}/api/v1/products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10`, {
        headers: { accept },
      });
      const text = await response.text();

      expect([response.status, text]).toEqual([409, expect.stringContaining('available')]);
      expect(text).not.toMatch(/secret|SELECT/);
    }
  });

  it.each([
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Client has encountered a connection error and is not queryable'),
  ])('without its database is 503 with Retry-After: %s', async (failure) => {
    jest.spyOn(shop.app.get(ProductsService), 'read').mockRejectedValueOnce(failure);
    const answer = await shop.ask('products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10');

    expectProblem(answer, 503, 'unavailable');
    expect(JSON.stringify(answer.body)).not.toContain(failure.message);
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('has the headers that keep browsers from guessing and framing', async () => {
    const { headers } = await shop.ask('products');

    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.has('x-powered-by')).toBe(false);
  });

  it('may be read by pages of the origins that are listed, and of no others', async () => {
    const listed = await shop.ask('products', { headers: { origin: ORIGIN } });
    const other = await shop.ask('products', { headers: { origin: 'https://evil.example' } });

    expect(listed.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('to a preflight says what pages of a listed origin may send (Fetch §3.2.2)', async () => {
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'if-match',
    };
    const answer = await shop.ask('products', { method: 'OPTIONS', headers });

    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(answer.headers.get('access-control-allow-headers')).toBe('if-match');
  });

  it('is compressed above 1 KiB for whom wants it', async () => {
    const { headers } = await shop.ask('/openapi.json', { headers: { 'accept-encoding': 'br' } });
    const small = await shop.ask('/livez', { headers: { 'accept-encoding': 'br' } });

    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual(['br', 'Accept-Encoding, Origin']);
    expect(small.headers.has('content-encoding')).toBe(false);
  });

  it('to a caller is for that caller alone', async () => {
    const token = await signIn(shop, 'customer');

    expect((await shop.ask('products', { token })).headers.get('cache-control')).toBe('private, no-store');
    expect((await shop.ask('products')).headers.get('cache-control')).toBe('public, max-age=30');
  });
});

describe('the pages of problems', () => {
  it('are there for every kind that there is', async () => {
    for (const kind of errorKinds()) {
      const { code, title, description } = kind;
      const { status, headers, body } = await shop.ask<string>(`/problems/${code}`);
      expect([code, status, headers.get('content-type')]).toEqual([code, 200, 'text/html; charset=utf-8']);
      expect(body).toContain(`<h1>${escapeHtml(title)}</h1>`);
      expect(body).toContain(proseHtml(description));
      expect(body).toContain(String(statusOf(kind)));
    }
    expect((await shop.ask<string>('/problems')).body).toContain('/problems/not-found');
  });
});

describe('the document', () => {
  let document: {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };
  beforeAll(async () => {
    document = (await shop.ask<typeof document>('/openapi.json')).body;
  });

  const operations = (): [string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    );

  it('is OpenAPI 3.1, as JSON and as YAML', async () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect((await shop.ask<string>('/openapi.yaml')).body).toContain('openapi: 3.1.');
  });

  it('says of every operation what it does, who may, what it answers and what can go wrong', () => {
    expect(operations().length).toBeGreaterThan(30);
    for (const [name, operation] of operations()) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\w/)]);
      expect([name, operation['x-access']]).toEqual([name, expect.stringMatching(/\w/)]);
      expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['401', '500'])]);
      const success = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
      // one that calls another system has a second one, for as long as the outcome is unknown; of a file there are parts
      const twice = '206' in operation.responses ? ['200', '206'] : ['201', '202'];
      const statuses = success.length === 2 ? twice : [expect.stringMatching(/^20/)];
      expect([name, success.map(([status]) => status)]).toEqual([name, statuses]);
      for (const [status, response] of success) {
        if (status !== '204') expect([name, response.content]).toEqual([name, expect.any(Object)]);
      }
    }
  });

  it('gives every operation an id of its own', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing that is not in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.filter((name) => name === 'Object' || !(name && name in document.components.schemas))).toEqual(
      [],
    );
  });
});

interface Operation {
  operationId: string;
  summary?: string;
  'x-access'?: string;
  responses: Record<string, { content?: object }>;
}
