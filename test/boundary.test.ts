import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { QueryFailedError } from 'typeorm';
import { errorKinds } from '../src/common/errors/app-error.js';
import { type InputClass, planOf } from '../src/common/http/input/input-plan.js';
import { dtoClasses } from '../src/common/openapi/dto-classes.js';
import { rulesOf } from '../src/common/openapi/rules.js';
import { ImportProductWithPhotosDto } from '../src/imports/dto/import-product.dto.js';
import { ProductsService } from '../src/products/products.service.js';
import { signIn } from './support/accounts.js';
import { cpuTimeOf } from './support/cpu-time.js';
import { type RawAnswer, rawAnswer } from './support/raw.js';
import { Shop } from './support/shop.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
const PRODUCT = 'products/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
});
afterAll(() => shop.close());

/** Asks, and reads the answer to its end: one that nobody reads holds up the closing of the shop. */
async function get(path: string, headers: Record<string, string> = {}, of = shop): Promise<Response> {
  const answer = await fetch(`${of.url}${path}`, { headers, redirect: 'manual' });
  return new Response(answer.status === 304 ? null : await answer.arrayBuffer(), answer);
}

describe('a browser', () => {
  it.each(['/', '/api', '/api/', '/api/v1', '/api/v1/'])('at %s is led to the documentation', async (path) => {
    const { status, headers } = await get(path, { accept: BROWSER });

    expect([status, headers.get('location')]).toEqual([302, '/docs']);
  });

  it.each(['/swagger', '/api-docs', '/api/v1/products/nope', '/api/v1/users/me', '/api/v1/products?page=2'])(
    'sees the problem at %s as a page, not a download',
    async (path) => {
      const [page, json] = [await get(path, { accept: BROWSER }), await get(path)];
      const problem = (await json.json()) as { status: number; title: string; type: string; detail: string };
      const text = await page.text();

      expect([page.status, json.headers.get('content-type')]).toEqual([
        problem.status,
        'application/problem+json; charset=utf-8',
      ]);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toContain("style-src 'unsafe-inline'");
      expect(text).toContain(`<h1>${problem.title}</h1>`);
      expect(text).toContain(`href="${new URL(problem.type).pathname}"`);
    },
  );

  it('is shown nothing that a request could put in as HTML', async () => {
    const text = await (await get('/api/v1/products?%3Cscript%3E=1', { accept: BROWSER })).text();

    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>');
  });

  it('gets JSON from the API, as a program does', async () => {
    const { status, headers } = await get('/api/v1/products', { accept: BROWSER });

    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  });

  it.each([
    ['text/html', 406],
    ['application/xml', 200],
    ['application/xml, text/html;q=0.5', 200],
    ['text/html;q=0.5, application/json;q=0.4', 200],
  ])('or a program that takes %s is answered %d', async (accept, status) => {
    const answer = await get('/api/v1/products', { accept });
    const type = accept.startsWith('application/xml') ? 'application/xml' : 'application/json';

    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
  });
});

describe('headers that are negotiated by', () => {
  it.each([
    ['Accept', 'a/b,'],
    ['Accept', 'a/b;q=0.1;x="y",'],
    ['Accept', '*/*;'],
    ['Accept-Encoding', 'a;q=0.5,'],
    ['Accept-Encoding', 'identity;q=0,*;q=0,'],
    ['Accept-Language', 'de,'],
  ])('cost little, however long: %s of %s', async (name, part) => {
    const value = part.repeat(15_000 / part.length);
    for (const path of ['/api/v1/products', '/nope', '/livez']) {
      expect(await cpuTimeOf(() => get(path, { [name]: value }), 60)).toBeLessThan(60);
    }
  });

  it('count as if they were not there when they are longer than 1,024 characters (RFC 9110 §12.5)', async () => {
    const long = await get('/api/v1/products', { accept: `application/xml${',a/b'.repeat(300)}` });
    const short = await get('/api/v1/products', { accept: `application/xml${',a/b'.repeat(200)}` });

    expect([long.status, long.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect([short.status, short.headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8']);
  });

  it.each(['/openapi.json', '/openapi.yaml', '/docs/swagger-ui.css'])(
    'compress %s once, with any headers of a client',
    async (path) => {
      const headers = { 'accept-encoding': 'br, identity;q=0', 'x-no-compression': '1' };
      await (await get(path, headers)).arrayBuffer();
      const spent = await cpuTimeOf(async () => {
        for (let time = 0; time < 10; time++) await (await get(path, headers)).arrayBuffer();
      }, 300);
      const answer = await get(path, headers);
      const plain = await (await get(path, { 'accept-encoding': 'identity' })).text();

      expect(spent).toBeLessThan(300);
      expect(answer.headers.get('content-encoding')).toBe('br');
      expect(await answer.text()).toBe(plain);
    },
  );

  it('let the documentation be asked for again for nothing', async () => {
    for (const coding of ['identity', 'br', 'gzip', 'zstd']) {
      const first = await get('/openapi.json', { 'accept-encoding': coding });
      const etag = first.headers.get('etag') ?? '';
      const again = await get('/openapi.json', { 'accept-encoding': coding, 'if-none-match': etag });

      expect([first.status, again.status]).toEqual([200, 304]);
    }
  });
});

describe('what is no request of HTTP/1.1', () => {
  const raw = (head: string): Promise<RawAnswer> => rawAnswer(shop.url, `${head}\r\nConnection: close\r\n\r\n`);

  it.each([
    ['two Hosts', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b', 400],
    ['the same Host twice', 'GET /livez HTTP/1.1\r\nHost: a\r\nhost: a', 400],
    ['a Host that is a list', 'GET /livez HTTP/1.1\r\nHost: a, b', 400],
    ['a Host with a path', 'GET /livez HTTP/1.1\r\nHost: a/b', 400],
    ['no Host', 'GET /livez HTTP/1.1', 400],
    ['HTTP/2.0', 'GET /livez HTTP/2.0\r\nHost: a', 505],
    ['an empty Host', 'GET /livez HTTP/1.1\r\nHost: ', 200],
    ['an IPv6 Host with a port', 'GET /livez HTTP/1.1\r\nHost: [::1]:3000', 200],
  ])('%s (RFC 9112 §3.2)', async (_, head, status) => {
    expect((await raw(head)).status).toBe(status);
  });

  it.each([
    ['an address that is broken', 'GET /%zz HTTP/1.1\r\nHost: a', 400],
    ['no Host', 'GET / HTTP/1.1', 400],
    ['no HTTP', 'HELLO\r\n', 400],
    ['a head that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`, 431],
  ])('%s is answered with the security headers, and logged', async (_, head, status) => {
    const answer = await raw(head);

    expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([status, 'nosniff']);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(JSON.parse(answer.body)).toMatchObject({ status, requestId: answer.headers.get('x-request-id') });
  });
});

describe('a failure', () => {
  const failing = (error: unknown): void => {
    jest.spyOn(shop.app.get(ProductsService), 'read').mockRejectedValueOnce(error);
  };

  it.each([
    Object.assign(new Error('No such customer: cus_secret'), { statusCode: 404 }),
    Object.assign(new Error('secret'), { statusCode: 401, code: 'authentication_error' }),
    Object.assign(new Error('secret'), { status: 409, statusCode: 429 }),
    { statusCode: 402, message: 'secret' },
  ])('of another system does not choose our status: %j', async (error) => {
    failing(error);
    const answer = await shop.ask(PRODUCT);

    expect([answer.status, answer.body.code]).toEqual([500, 'internal-error']);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });

  it.each(['23505', '23503', '23502', '23514', '22P02', '22P05', '22021', '22001', '22003'])(
    'of the database that no feature names is ours, not the client’s: %s',
    async (code) => {
      const cause = Object.assign(new Error('duplicate key'), {
        code,
        constraint: 'secret_key',
        detail: 'Key (x)=(secret)',
      });
      failing(new QueryFailedError('INSERT', ['secret'], cause));
      const answer = await shop.ask(PRODUCT);

      expect([answer.status, answer.body.code]).toEqual([500, 'internal-error']);
      expect(JSON.stringify(answer.body)).not.toContain('secret');
    },
  );

  it('for want of a permission is logged as a security event (OWASP logging vocabulary, ASVS 16.3.2)', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn');
    const token = await signIn(shop, 'customer');
    const { status, headers } = await shop.ask('users', { token });

    expect(status).toBe(403);
    expect(warned.mock.calls).toContainEqual([
      expect.objectContaining({
        event: 'authz_fail',
        requestId: headers.get('x-request-id'),
        resource: 'GET /api/v1/users',
      }),
    ]);
    warned.mockRestore();
  });
});

describe('a token that has run out', () => {
  const stale = 'stale.token.here';

  it.each([
    ['auth/login', { email: 'nobody@accounts.test', password: 'a wrong password!' }],
    ['auth/forgot-password', { email: 'nobody@accounts.test' }],
  ])('is ignored by POST %s, which answers everybody alike', async (path, json) => {
    const method = 'POST';
    const [plain, sent] = [
      await shop.ask(path, { method, json }),
      await shop.ask(path, { method, json, token: stale }),
    ];

    expect([sent.status, sent.body.code, sent.body.detail]).toEqual([plain.status, plain.body.code, plain.body.detail]);
  });

  it.each(['/livez', '/readyz', '/.well-known/jwks.json', '/problems', '/docs', '/openapi.json'])(
    'is ignored by %s',
    async (path) => {
      expect((await get(path, { authorization: `Bearer ${stale}` })).status).toBe(200);
    },
  );

  it.each(['products', 'users/me'])('is refused by %s, which answers a caller otherwise', async (path) => {
    expect((await shop.ask(path, { token: stale })).status).toBe(401);
  });
});

describe('what is said of a wrong value', () => {
  it('is written for people', async () => {
    const token = await signIn(shop, 'staff');
    const { body } = await shop.ask<{ errors: { pointer: string; detail: string }[] }>('products', {
      method: 'POST',
      token,
      json: { sku: 'a b', name: '', price: 3, colour: 'red' },
    });
    const details = Object.fromEntries(body.errors.map(({ pointer, detail }) => [pointer, detail]));

    expect(JSON.stringify(details)).not.toMatch(/nested property|regular expression|\^|longer than or equal/);
    expect(details['#/price']).toBe('must be an object');
    expect(details['#/colour']).toMatch(/not known here; these are: .*\bname\b.*\bsku\b/);
  });

  it('never is a pattern: each pattern of an input says in words what it takes', () => {
    const { taken } = dtoClasses(shop.app, (controller, method) => `${controller}.${method}`, []);
    const inputs = new Set<InputClass>([...taken.values()].flat());
    // a set goes on to what is added meanwhile
    for (const type of inputs) for (const { nested } of planOf(type).values()) if (nested) inputs.add(nested);
    const patterns = [...inputs, ImportProductWithPhotosDto]
      .flatMap((type) => getMetadataStorage().getTargetValidationMetadatas(type, '', false, false))
      .filter(({ name }) => name === 'matches');

    expect(patterns.length).toBeGreaterThan(4);
    for (const { message } of patterns) expect(message).toEqual(expect.not.stringMatching(/[\\^[\]{}]/));
  });

  it('names the parameters that there are', async () => {
    const { body } = await shop.ask<{ errors: { detail: string }[] }>('products?page=2');

    expect(body.errors[0]?.detail).toMatch(/^page is not known here; these are: .*\bcursor\b.*\blimit\b/);
  });

  it('has a code that is listed at /problems', async () => {
    const page = await (await get('/problems')).text();
    const { byName, taken } = dtoClasses(shop.app, (controller, method) => `${controller}.${method}`, []);
    const rules = [...byName.values(), ...[...taken.values()].flat()].flatMap((type) => [...rulesOf(type).values()]);
    const names = new Set(rules.flat().map(({ name }) => name));
    const missing = [...names].filter((name) => name && !['isOptional', 'whitelistValidation'].includes(name));

    expect(names.size).toBeGreaterThan(10);
    expect(missing.filter((name) => !page.includes(`<code>${name ?? ''}</code>`))).toEqual([]);
    for (const { code } of errorKinds()) expect(page).toContain(`href="/problems/${code}"`);
    expect(page).not.toContain('`');
  });

  it('of a body of another type names those that the operation takes', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const login = await shop.ask('auth/login', { method: 'POST', headers, body: 'a=b' });

    expect([login.status, login.body.detail]).toEqual([
      415,
      'This operation takes application/json, in UTF-8; the Content-Type is application/x-www-form-urlencoded.',
    ]);
  });
});

describe('a failure of what makes something', () => {
  it('has no Location', async () => {
    const token = await signIn(shop, 'staff');
    const answer = await shop.ask(`${PRODUCT}/stock-adjustments`, {
      method: 'POST',
      token,
      json: { delta: 1, reason: 'received' },
    });

    expect(answer.status).toBe(404);
    expect(answer.headers.has('location')).toBe(false);
  });
});

describe('a body that does not arrive', () => {
  it('is 408 after BODY_SECONDS, and the connection is closed', async () => {
    const hasty = await Shop.open({ bodySeconds: 1 });
    const head =
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    const answer = await rawAnswer(hasty.url, head);
    await hasty.close();

    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'request-timeout', instance: '/api/v1/auth/login' });
  });
});

describe('closed documentation (DOCS=false)', () => {
  it('is not there, and the host leads to the problems', async () => {
    const closed = await Shop.open({ docs: false });
    const statuses: number[] = [];
    for (const path of ['/docs', '/docs/swagger-ui.css', '/openapi.json', '/openapi.yaml']) {
      statuses.push((await get(path, {}, closed)).status);
    }
    const root = await get('/', {}, closed);
    await closed.close();

    expect(statuses).toEqual([404, 404, 404, 404]);
    expect(root.headers.get('location')).toBe('/problems');
  });
});
