import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Config } from '../src/common/config/config.js';
import { openAccount, PASSWORD, signIn } from './support/accounts.js';
import { type RawAnswer, rawAnswer } from './support/raw.js';
import { SearchesModule } from './support/searches.controller.js';
import { type Answer, type Ask, Shop } from './support/shop.js';

const ORIGIN = 'https://shop.example';

/** How many requests are left, and for how long, as `RateLimit` says it. */
function left(answer: Answer<unknown>): { policy: string; remaining: number; seconds: number } {
  const [, policy = '', remaining, seconds] =
    /^"([a-z-]+)";r=(\d+);t=(\d+)$/.exec(answer.headers.get('ratelimit') ?? '') ?? [];
  return { policy, remaining: Number(remaining), seconds: Number(seconds) };
}

const statuses = (answers: Answer<unknown>[]): number[] => answers.map(({ status }) => status);

/** Does `ask` so many times, one after the other. */
async function times<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let time = 0; time < count; time++) answers.push(await ask());
  return answers;
}

describe('limits (draft-ietf-httpapi-ratelimit-headers)', () => {
  let shop: Shop;
  let address = '';
  let clients = 0;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: 20, trustedProxies: ['127.0.0.1'], corsOrigins: [ORIGIN] }, SearchesModule);
  });
  // Each test is a client of its own, as a proxy would name it.
  beforeEach(() => {
    address = `192.0.2.${String(++clients)}`;
  });
  afterAll(() => shop.close());

  const ask = (path: string, { headers, ...what }: Ask = {}): Promise<Answer<Record<string, unknown>>> =>
    shop.ask(path, { ...what, headers: { 'x-forwarded-for': address, ...headers } });
  const login = (headers?: Record<string, string>): Promise<Answer<Record<string, unknown>>> =>
    ask('auth/login', {
      method: 'POST',
      headers,
      json: { email: 'nobody@accounts.test', password: 'open sesame, little shop' },
    });

  it('once used up are 429 with Retry-After, not before the window ends (RFC 6585 §4; A6.1)', async () => {
    const answers = await times(21, () => ask('products', { headers: { origin: ORIGIN } }));
    const [last, refused] = answers.slice(-2);

    expect(statuses(answers)).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
    expect(last && left(last).remaining).toBe(0);
    expect(refused?.body).toMatchObject({ type: 'http://localhost:3000/problems/too-many-requests', status: 429 });
    expect(refused && left(refused).remaining).toBe(0);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(refused ? left(refused).seconds : NaN);
    expect(refused?.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(refused?.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('count each user for themselves, and apart from their address (A6.2)', async () => {
    const [ada, grace] = [await signIn(shop, 'customer'), await signIn(shop, 'customer')];
    const ofAda = await times(21, () => ask('users/me', { token: ada }));
    const ofGrace = await ask('users/me', { token: grace });
    const ofNobody = await ask('products');

    expect(ofAda.at(-1)?.status).toBe(429);
    expect([left(ofGrace).remaining, left(ofNobody).remaining]).toEqual([19, 19]);
  });

  it('count a user on public routes too, when a token comes along', async () => {
    const token = await signIn(shop, 'customer');
    await ask('products', { token });

    expect(left(await ask('users/me', { token })).remaining).toBe(18);
  });

  it('count the /64 of an IPv6 address as one client (A6.2)', async () => {
    const from = (client: string): Promise<Answer<unknown>> =>
      ask('products', { headers: { 'x-forwarded-for': client } });
    const network = [await from('2001:db8::1'), await from('2001:db8::2')];
    const neighbour = await from('2001:db8:0:1::1');

    expect([...network, neighbour].map((answer) => left(answer).remaining)).toEqual([19, 18, 19]);
  });

  it('count tokens that are not valid against the address, and leave the users behind it alone', async () => {
    const token = await signIn(shop, 'customer');
    let n = 0;
    const guesses = await times(21, () => ask('users/me', { token: `guess-${String(++n)}` }));
    const user = await ask('users/me', { token });

    expect(statuses(guesses)).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    expect(user.status).toBe(200);
  });

  it('are checked before a body is read', async () => {
    const send = (): Promise<Answer<unknown>> =>
      ask('auth/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });

    expect(statuses(await times(5, send))).toEqual([400, 400, 400, 400, 429]);
  });

  it.each<[number, string, Ask]>([
    [404, 'nowhere', {}],
    [405, 'products', { method: 'PUT' }],
    [406, 'products', { headers: { accept: 'image/png' } }],
    [400, 'products?sku=%zz', {}],
    [400, 'products', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }],
    [415, 'products', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }],
    [413, 'products', { method: 'POST', json: 'x'.repeat(1024 * 1024) }],
  ])('count what is refused before it is read, with %d for %s, and say so', async (status, path, what) => {
    const token = await signIn(shop, 'staff');
    const [ofUser, ofNobody] = [await ask(path, { ...what, token }), await ask(path, what)];
    const [userAfter, nobodyAfter] = [await ask('users/me', { token }), await ask('products')];

    expect(ofUser.status).toBe(status);
    expect([ofUser, ofNobody].map((answer) => answer.headers.get('ratelimit-policy'))).toEqual([
      '"default";q=20;w=60',
      '"default";q=20;w=60',
    ]);
    expect([ofUser, userAfter].map((answer) => left(answer).remaining)).toEqual([19, 18]);
    expect([ofNobody, nobodyAfter].map((answer) => left(answer).remaining)).toEqual([19, 18]);
  });

  it('once used up don’t read a user’s body either', async () => {
    const token = await signIn(shop, 'staff');
    const broken = { method: 'POST', token, headers: { 'content-type': 'application/json' }, body: '{' };
    const answers = await times(21, () => ask('products', broken));

    expect(statuses(answers)).toEqual([...Array.from({ length: 20 }, () => 400), 429]);
  });

  it('are stricter, and by address alone, on signing in (A6.2)', async () => {
    const answers = [await login(), await login({ authorization: 'Bearer guess' }), await login(), await login()];
    const refused = await login();
    const { status } = await ask('products');

    expect(refused.headers.get('ratelimit-policy')).toBe('"signing-in";q=4;w=60');
    expect([statuses(answers), refused.status, status]).toEqual([[401, 401, 401, 401], 429, 200]);
  });

  it('are stricter on registering, resetting and all that sends mail, together (A6.2)', async () => {
    const email = 'nobody@accounts.test';
    const post = (path: string, json: unknown): Promise<Answer<unknown>> => ask(path, { method: 'POST', json });
    const answers = [
      await post('auth/forgot-password', { email }),
      await post('auth/resend-verification', { email }),
      await post('auth/register', { email, password: 'open sesame, little shop', name: 'Nobody' }),
      await post('auth/reset-password', { token: 'x'.repeat(43), password: 'open sesame, little shop' }),
    ];

    expect(statuses(answers)).toEqual([202, 202, 429, 429]);
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"accounts";q=2;w=60');
  });

  it('are apart for requests that cost more, of each user, where a route says so', async () => {
    const token = await signIn(shop, 'customer');
    const answers = [
      await ask('searches'),
      await ask('searches?q=a'),
      await ask('searches?q=a&include=facets'),
      await ask('searches?%71=b'),
      await ask('searches?q=a', { token }),
    ];

    expect(answers.map(left)).toEqual(
      [
        { policy: 'default', remaining: 19 },
        { policy: 'searches', remaining: 3 },
        { policy: 'facets', remaining: 1 },
        { policy: 'searches', remaining: 2 },
        { policy: 'searches', remaining: 3 },
      ].map((expected) => expect.objectContaining(expected)),
    );
  });

  it('are not used up by 304 (A3.7)', async () => {
    const token = await signIn(shop, 'customer');
    const first = await ask('users/me', { token });
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await times(3, () => ask('users/me', { token, headers }));

    expect(left(first).remaining).toBe(19);
    expect(again.map((answer) => [answer.status, left(answer).remaining])).toEqual(
      Array.from({ length: 3 }, () => [304, 19]),
    );
  });

  it('don’t count 304 to If-None-Match: * as nothing', async () => {
    const token = await signIn(shop, 'customer');
    const answers = [
      await ask('users/me', { token, headers: { 'if-none-match': '*' } }),
      await ask('users/me', { token, headers: { 'if-none-match': ' * ' } }),
      await ask('products', { headers: { 'if-none-match': '*' } }),
    ];

    expect(answers.map((answer) => [answer.status, left(answer).remaining])).toEqual([
      [304, 19],
      [304, 18],
      [304, 19],
    ]);
  });

  it('count a list that has not changed: it was read to find that out', async () => {
    const headers = { 'if-none-match': (await ask('products')).headers.get('etag') ?? '' };
    const again = await ask('products', { headers });

    expect([again.status, left(again).remaining]).toEqual([304, 18]);
  });

  it('don’t count probes and what asks for the methods of an address', async () => {
    const answers = [await ask('/livez'), await ask('/readyz'), await ask('products', { method: 'OPTIONS' })];

    expect(statuses(answers)).toEqual([200, 200, 204]);
    expect(answers.filter(({ headers }) => headers.has('ratelimit'))).toEqual([]);
  });

  it('count what is not the API together, and apart from it', async () => {
    const paths = ['/openapi.json', '/openapi.yaml', '/docs', '/docs/swagger-ui.css', '/problems', '/nope', '/%6eope'];
    const answers: Answer<unknown>[] = [];
    for (const path of paths) answers.push(await ask(path));
    const ofApi = await ask('products');

    expect(answers.map((answer) => left(answer))).toEqual(
      paths.map((_, n) => expect.objectContaining({ policy: 'pages', remaining: 19 - n })),
    );
    expect(left(ofApi)).toMatchObject({ policy: 'default', remaining: 19 });
  });

  describe('go by the route, however it is spelled', () => {
    const raw = (target: string, method = 'GET'): Promise<RawAnswer> =>
      rawAnswer(
        shop.url,
        `${method} ${target} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nConnection: close\r\n` +
          'Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}',
      );
    const remaining = ({ headers }: RawAnswer): string => (headers.get('ratelimit') ?? '').replace(/;t=.*/, '');

    it.each([
      '/%61pi/v1/categories',
      '/api/v1/c%61tegories',
      'http://x/api/v1/categories',
      'HTTP://y:1/%61pi/v1/categories',
    ])('%s is the list of categories (RFC 9112 §3.2.2, RFC 3986 §6.2.2)', async (target) => {
      const answers = [await raw('/api/v1/categories'), await raw(target)];

      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(remaining)).toEqual(['"default";r=19', '"default";r=18']);
      expect(answers[1]?.headers.get('vary')).toBe(answers[0]?.headers.get('vary'));
    });

    it.each(['/%61pi/v1/auth/login', '/api/v1/auth/l%6Fgin', 'http://x/api/v1/auth/login'])(
      '%s is a login',
      async (target) => {
        const answers = [await raw('/api/v1/auth/login', 'POST'), await raw(target, 'POST')];

        expect(answers.map(({ status }) => status)).toEqual([422, 422]);
        expect(answers.map(remaining)).toEqual(['"signing-in";r=3', '"signing-in";r=2']);
        expect(JSON.parse(answers[1]?.body ?? '')).toMatchObject({ instance: '/api/v1/auth/login' });
      },
    );

    it.each(['/api/v1/products/%zz', '/api/v1/products/%ff', '/api/v1/products?sku=%'])(
      '%s, which is broken, is counted too',
      async (target) => {
        const answer = await raw(target);

        expect([answer.status, remaining(answer)]).toEqual([400, '"default";r=19']);
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      },
    );

    it('say nothing of the host that a client names, nor of its spelling', async () => {
      const problem = await raw('http://evil.example/%6eope');

      expect(problem.status).toBe(404);
      expect(problem.body).not.toMatch(/evil|%6/);
    });
  });

  it('are logged as a security event, once (OWASP logging vocabulary, ASVS 16.3.3)', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn');
    await times(23, () => ask('products'));

    expect(warned.mock.calls).toEqual([
      [expect.objectContaining({ event: 'excess_rate_limit_exceeded', policy: 'default', address })],
    ]);
    warned.mockRestore();
  });

  it('stand in the document: 429 on every operation of the API', async () => {
    const { body } = await shop.ask<{ paths: Record<string, Record<string, { responses: object }>> }>('/openapi.json');
    const operations = Object.entries(body.paths).filter(([path]) => path.startsWith('/api/'));

    for (const [path, item] of operations) {
      for (const { responses } of Object.values(item)) expect([path, '429' in responses]).toEqual([path, true]);
    }
    expect(operations.length).toBeGreaterThan(10);
  });
});

describe('limits as they come', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ rateLimit: new Config().rateLimit });
  });
  afterAll(() => shop.close());

  it('are 600 requests a minute, and each answer says how many are left (§3, §4; A6.1)', async () => {
    const [first, second] = [await shop.ask('products'), await shop.ask('categories')];

    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=600;w=60');
    expect(left(first)).toEqual({ policy: 'default', remaining: 599, seconds: 60 });
    expect(left(second).remaining).toBe(598);
  });

  it('can’t be escaped by a forged X-Forwarded-For (ASVS 4.1.3; A6.2)', async () => {
    const forged = (n: number): Promise<Answer<unknown>> =>
      shop.ask('products', { headers: { 'x-forwarded-for': `198.51.100.${String(n)}` } });
    const [one, other] = [await forged(1), await forged(2)];

    expect(left(one).remaining - left(other).remaining).toBe(1);
  });

  it('leave a person in Swagger UI and a program of ordinary manners alone', async () => {
    const { token, email } = await openAccount(shop, 'staff');
    const json = { email, password: PASSWORD };
    const browsing = await times(100, () => shop.ask('users/me', { token }));
    const signingIn = await times(20, () => shop.ask('auth/login', { method: 'POST', json }));

    expect(new Set(statuses([...browsing, ...signingIn]))).toEqual(new Set([200]));
    expect(signingIn.map((answer) => left(answer).remaining).at(-1)).toBe(100);
  });
});

describe('without limits', () => {
  it('no answer speaks of them (RATE_LIMIT=0)', async () => {
    const shop = await Shop.open({ rateLimit: 0 });
    const { status, headers } = await shop.ask('products');
    await shop.close();

    expect([status, headers.has('ratelimit')]).toEqual([200, false]);
  });
});

// Several processes count together by Redis alone.
const { TEST_REDIS_URL } = process.env;
if (TEST_REDIS_URL) {
  describe('two processes that share a Redis', () => {
    let redis: Redis;
    let shops: Shop[] = [];
    beforeAll(async () => {
      redis = new Redis(TEST_REDIS_URL);
      const keys = await redis.keys('stockroom:*');
      if (keys.length > 0) await redis.del(keys);
      shops = await Promise.all([1, 2].map(() => Shop.open({ rateLimit: 20, redisUrl: TEST_REDIS_URL })));
    });
    afterAll(async () => {
      redis.disconnect();
      for (const shop of shops) await shop.close();
    });

    const [one, other] = [(): Shop | undefined => shops[0], (): Shop | undefined => shops[1]];
    const ask = async (shop: Shop | undefined, path = 'products', json?: unknown): Promise<Answer<unknown>> => {
      if (!shop) throw new Error('the shop did not open');
      return shop.ask(path, json === undefined ? {} : { method: 'POST', json });
    };

    it('count requests together (A6.2)', async () => {
      const first = await ask(one());
      const second = await ask(other());

      expect([left(first).remaining, left(second).remaining]).toEqual([19, 18]);
    });

    it('count wrong passwords together, and pause the account on both', async () => {
      const wrong = { email: 'ada@accounts.test', password: 'a wrong password' };
      const tries: number[] = [];
      for (let n = 0; n < 10; n++) {
        await redis.del('stockroom:limit:signing-in:address:127.0.0.1');
        tries.push((await ask(n % 2 === 0 ? one() : other(), 'auth/login', wrong)).status);
      }
      await redis.del('stockroom:limit:signing-in:address:127.0.0.1');
      const paused = await ask(other(), 'auth/login', wrong);

      expect(new Set(tries)).toEqual(new Set([401]));
      expect([paused.status, paused.headers.get('retry-after')]).toEqual([429, '30']);
      expect(paused.headers.get('ratelimit')).toMatch(/r=3/);
    });

    it('name what they keep there after themselves, and let it run out', async () => {
      await ask(one());
      const keys = await redis.keys('*');
      const lifetimes = await Promise.all(keys.map((name) => redis.ttl(name)));

      expect(keys.filter((name) => !name.startsWith('stockroom:'))).toEqual([]);
      expect(lifetimes.filter((seconds) => seconds < 0)).toEqual([]);
    });

    it('go on, each for itself, when Redis hangs up, and together again when it is back', async () => {
      await ask(one());
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const during = await Promise.all([ask(one()), ask(other())]);

      expect(statuses(during)).toEqual([200, 200]);
      expect(during.map((answer) => left(answer).policy)).toEqual(['default', 'default']);
    });
  });
}
