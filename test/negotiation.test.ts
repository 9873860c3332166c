import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryDto } from '../src/categories/dto/category.dto.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { rawAnswer } from './support/raw.js';
import { type Answer, Shop } from './support/shop.js';
import { fromXml } from './support/xml.js';

const ORIGIN = 'https://shop.example';
const XML = { accept: 'application/xml' };
const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const TRICKY = {
  sku: 'TRICKY',
  name: 'Lantern <b>&amp;</b> "red" ]]> 🏮',
  price: { amount: 1999, currency: 'GBP' },
  attributes: { six: '6', pieces: 6, lit: true, i: 'x', member: 'y' },
};

describe('the syntax of answers', () => {
  let shop: Shop;
  let staff: string;
  let admin: string;
  let product: ProductDto;
  let category: CategoryDto;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, admin] = [await signIn(shop, 'staff'), await signIn(shop, 'admin')];
    const post = { method: 'POST', token: staff };
    category = (await shop.ask<CategoryDto>('categories', { ...post, json: { name: 'Garden & Home' } })).body;
    const json = { ...TRICKY, categoryIds: [category.id] };
    product = (await shop.ask<ProductDto>('products', { ...post, json })).body;
    await shop.ask(`products/${product.id}/stock-adjustments`, { ...post, json: { delta: 5, reason: 'x' } });
    await shop.ask('imports', { ...post, headers: { 'content-type': 'text/csv' }, body: 'sku,name\n,' });
  });
  afterAll(() => shop.close());

  describe('by Accept (RFC 9110 §12.5.1)', () => {
    it.each([
      ['application/xml', 'application/xml; charset=utf-8'],
      ['application/json;q=0.5, application/xml', 'application/xml; charset=utf-8'],
      ['application/xml;q=0.5, */*', 'application/json; charset=utf-8'],
      ['*/*', 'application/json; charset=utf-8'],
      ['application/*', 'application/json; charset=utf-8'],
    ])('%s is %s', async (accept, type) => {
      const { status, headers } = await shop.ask('products', { headers: { accept } });

      expect([status, headers.get('content-type')]).toEqual([200, type]);
    });

    it.each(['text/csv', 'application/json;q=0', 'image/*', 'nonsense'])(
      '%s is 406, naming what there is (§15.5.7)',
      async (accept) => {
        const { status, headers, body } = await shop.ask('products', { headers: { accept } });

        expect(status).toBe(406);
        expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
        expect(body).toMatchObject({
          type: 'http://localhost:3000/problems/not-acceptable',
          detail: expect.stringContaining('application/json, application/xml'),
          errors: [{ header: 'Accept' }],
        });
      },
    );

    it('406 comes before anything is done', async () => {
      const json = { sku: 'NEVER', name: 'x', price: { amount: 1, currency: 'GBP' } };
      const asked = await shop.ask('products', {
        method: 'POST',
        token: staff,
        json,
        headers: { accept: 'text/csv' },
      });

      expect(asked.status).toBe(406);
      expect((await shop.ask<ProductPage>('products?sku=NEVER', { token: staff })).body.data).toEqual([]);
    });

    it.each(['/docs', '/openapi.json', '/openapi.yaml', '/problems', '/livez', '/.well-known/jwks.json'])(
      '%s is what it is',
      async (path) => {
        const plain = await shop.ask<unknown>(path);
        const asked = await shop.ask<unknown>(path, { headers: { accept: 'text/plain' } });

        expect([asked.status, asked.headers.get('content-type')]).toEqual([200, plain.headers.get('content-type')]);
      },
    );
  });

  describe('XML says what JSON says', () => {
    const paths = (): [string, string?][] => [
      ['products', staff],
      ['products?include=total,facets&limit=1'],
      [`products/${product.id}`, staff],
      [`products/${product.id}`],
      [`products/${product.id}/stock-movements`, staff],
      ['categories'],
      [`categories/${category.id}`],
      ['users/me', staff],
      ['users', admin],
      ['auth/sessions', staff],
      ['imports', staff],
    ];

    it('of every resource', async () => {
      for (const [path, token] of paths()) {
        const json = await shop.ask(path, { token });
        const xml = await shop.ask<string>(path, { token, headers: XML });

        expect([path, json.status, xml.status]).toEqual([path, 200, 200]);
        expect(xml.headers.get('content-type')).toBe('application/xml; charset=utf-8');
        const { root, value } = fromXml(xml.body);
        expect([path, root, without(value, 'next')]).toEqual([path, 'resource', without(json.body, 'next')]);
      }
    });

    it('of an import with its faults', async () => {
      const [{ id } = { id: '' }] = (await shop.ask<{ data: { id: string }[] }>('imports', { token: staff })).body.data;
      for (const path of [`imports/${id}`, `imports/${id}/faults`]) {
        const json = await shop.ask(path, { token: staff });
        const xml = await shop.ask<string>(path, { token: staff, headers: XML });

        expect([path, fromXml(xml.body).value]).toEqual([path, json.body]);
      }
    });

    it('of what was made, and where', async () => {
      const json = { name: 'Made & Named' };
      const { status, headers, body } = await shop.ask<string>('categories', {
        method: 'POST',
        token: staff,
        json,
        headers: XML,
      });

      expect([status, headers.get('content-type')]).toEqual([201, 'application/xml; charset=utf-8']);
      const { value } = fromXml(body);
      expect(value).toMatchObject(json);
      expect(headers.get('location')).toBe(`/api/v1/categories/${(value as CategoryDto).id}`);
    });

    it.each<[number, string, Parameters<Shop['ask']>[1]]>([
      [401, 'users/me', {}],
      [404, 'nowhere', {}],
      [404, `products/${NOBODYS_ID}`, {}],
      [405, 'products', { method: 'PUT' }],
      [400, 'products?limit=0', {}],
      [400, 'products/%ff', {}],
      [400, 'auth/login', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
      [415, 'auth/login', { method: 'POST', body: '<a/>', headers: { 'content-type': 'application/xml' } }],
      [422, 'auth/login', { method: 'POST', json: { email: 5 } }],
    ])('of a failure with %d for %s (RFC 9457, appendix B)', async (status, path, asked = {}) => {
      const json = await shop.ask(path, asked);
      const xml = await shop.ask<string>(path, { ...asked, headers: { ...asked.headers, ...XML } });

      expect([json.status, xml.status]).toEqual([status, status]);
      expect(xml.headers.get('content-type')).toBe('application/problem+xml; charset=utf-8');
      const { root, namespace, value } = fromXml(xml.body);
      expect([root, namespace]).toEqual(['problem', 'urn:ietf:rfc:7807']);
      expect(without(value, 'requestId')).toEqual(without(json.body, 'requestId'));
    });

    it('of what Node refuses', async () => {
      const request = 'GET / HTTP/1.1\r\nhost: x\r\naccept: application/xml\r\nbad header\r\n\r\n';
      const { status, headers, body } = await rawAnswer(shop.url, request);

      expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+xml; charset=utf-8']);
      expect(fromXml(body).value).toMatchObject({ type: 'http://localhost:3000/problems/bad-request', status: 400 });
    });

    it('to HEAD too, by its headers (RFC 9110 §9.3.2)', async () => {
      const path = `products/${product.id}`;
      const get = await shop.ask<string>(path, { headers: XML });
      const head = await shop.ask<string>(path, { method: 'HEAD', headers: XML });

      expect(describing(head)).toEqual(describing(get));
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(get.body)));
    });
  });
});

describe('content codings (RFC 9110 §12.5.3)', () => {
  let shop: Shop;
  let staff: string;
  let path: string;
  beforeAll(async () => {
    shop = await Shop.open({ corsOrigins: [ORIGIN] });
    staff = await signIn(shop, 'staff');
    const json = { ...TRICKY, description: 'A lantern. '.repeat(200) };
    const { body } = await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json });
    path = `/api/v1/products/${body.id}`;
  });
  afterAll(() => shop.close());

  const get = (target: string, coding: string, more: Record<string, string> = {}): ReturnType<typeof rawAnswer> =>
    rawAnswer(
      shop.url,
      `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${Object.entries({
        'accept-encoding': coding,
        ...more,
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );

  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['zstd', 'zstd'],
    ['gzip, br', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['identity;q=0, gzip', 'gzip'],
    ['*', 'gzip'],
    ['deflate', undefined],
    ['gzip;q=0', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['', undefined],
  ])('%j is answered in %s', async (sent, coding) => {
    const { status, headers, bytes } = await get(path, sent);

    expect([status, headers.get('content-encoding') ?? undefined]).toEqual([200, coding]);
    expect(JSON.parse(decoded(bytes, coding))).toMatchObject({ sku: 'TRICKY' });
  });

  it('XML is compressed as JSON is', async () => {
    const { headers, bytes } = await get(path, 'br', XML);

    expect([headers.get('content-encoding'), headers.get('content-type')]).toEqual([
      'br',
      'application/xml; charset=utf-8',
    ]);
    expect(fromXml(decoded(bytes, 'br')).value).toMatchObject({ sku: 'TRICKY' });
  });

  it('is 406 where no coding is acceptable, and not even none', async () => {
    for (const coding of ['identity;q=0', '*;q=0', 'deflate, identity;q=0', 'compress, *;q=0']) {
      const { status, body } = await get(path, coding);

      expect([coding, status]).toEqual([coding, 406]);
      expect(JSON.parse(body)).toMatchObject({ errors: [{ header: 'Accept-Encoding' }] });
    }
  });

  it('compresses what is small only for whom refuses it as it is', async () => {
    const small = await get('/api/v1/categories', 'br');
    const refused = await get('/api/v1/categories', 'br, identity;q=0');

    expect(small.headers.has('content-encoding')).toBe(false);
    expect(refused.headers.get('content-encoding')).toBe('br');
    expect(JSON.parse(decoded(refused.bytes, 'br'))).toMatchObject({ data: [] });
  });

  it('never compresses what stands beside tokens (BREACH)', async () => {
    // long enough to be compressed: a failure repeats what was asked
    const codingOf = async (path: string): Promise<string | null> => {
      const headers = { 'accept-encoding': 'br' };
      return (await shop.ask(`auth/${path}?${'x'.repeat(2000)}`, { method: 'POST', json: {}, headers })).headers.get(
        'content-encoding',
      );
    };

    expect(await codingOf('register')).toBe('br');
    expect([await codingOf('login'), await codingOf('refresh')]).toEqual([null, null]);
  });

  it('names in Vary all that the answer depended on, once (§12.5.5)', async () => {
    const vary = async (target: string, coding = 'identity', more = {}): Promise<string | null> =>
      (await get(target, coding, more)).headers.get('vary');
    const token = { authorization: `Bearer ${staff}` };

    expect(await vary(path)).toBe('Accept, Accept-Encoding, Authorization, Origin');
    expect(await vary(path, 'br')).toBe('Accept, Accept-Encoding, Authorization, Origin');
    expect(await vary(path, 'br', token)).toBe('Accept, Accept-Encoding, Authorization, Origin');
    expect(await vary('/api/v1/users/me', 'br', token)).toBe('Accept, Accept-Encoding, Origin');
    expect(await vary('/api/v1/nowhere')).toBe('Accept, Accept-Encoding, Origin');
    expect(await vary('/openapi.json', 'br')).toBe('Accept-Encoding, Origin');
  });

  it('gives HEAD the headers of GET, whichever the coding (§9.3.2)', async () => {
    for (const coding of ['identity', 'br', 'gzip', 'zstd']) {
      const headers = { 'accept-encoding': coding };
      const got = await get(path, coding);
      const head = await shop.ask<string>(path, { method: 'HEAD', headers });

      expect(describing(head)).toEqual(describing(got));
    }
  });
});

const DESCRIBING = ['content-type', 'content-length', 'content-encoding', 'etag', 'vary', 'cache-control'];
const describing = ({ status, headers }: Pick<Answer<unknown>, 'status' | 'headers'>): unknown[] => [
  status,
  ...DESCRIBING.map((name) => headers.get(name)),
];

/** The same without a member that differs from answer to answer. */
const without = (value: unknown, member: string): unknown =>
  JSON.parse(JSON.stringify(value, (name, inner: unknown) => (name === member ? undefined : inner)));

function decoded(bytes: Buffer, coding: string | undefined): string {
  switch (coding) {
    case 'br':
      return brotliDecompressSync(bytes).toString();
    case 'gzip':
      return gunzipSync(bytes).toString();
    case 'zstd':
      return zstdDecompressSync(bytes).toString();
    default:
      return bytes.toString();
  }
}
