import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryDto } from '../src/categories/dto/category.dto.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { type Account, openAccount } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('conditional requests', () => {
  let shop: Shop;
  let staff: Account;
  let admin: Account;
  let customer: Account;
  let made = 0;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, admin, customer] = [
      await openAccount(shop, 'staff'),
      await openAccount(shop, 'admin'),
      await openAccount(shop, 'customer'),
    ];
  });
  afterAll(() => shop.close());

  const product = async (more: object = {}): Promise<ProductDto> => {
    const json = { sku: `TAGGED-${String(++made)}`, name: 'Lantern', price: { amount: 1, currency: 'GBP' }, ...more };
    return (await shop.ask<ProductDto>('products', { method: 'POST', token: staff.token, json })).body;
  };
  const category = async (name: string, parentId?: string): Promise<CategoryDto> => {
    const json = { name, parentId };
    return (await shop.ask<CategoryDto>('categories', { method: 'POST', token: staff.token, json })).body;
  };
  const rename = (path: string, etag: string, name = 'Other'): Promise<Answer<unknown>> =>
    shop.ask(path, { method: 'PATCH', token: staff.token, headers: { 'if-match': etag }, json: { name } });
  const get = (path: string, headers: Record<string, string> = {}, token?: string): Promise<Answer<unknown>> =>
    shop.ask(path, { token, headers: { 'accept-encoding': 'identity', ...headers } });
  const tag = async (path: string, headers: Record<string, string> = {}, token?: string): Promise<string | null> =>
    (await get(path, headers, token)).headers.get('etag');

  const textsOf = async (work: () => Promise<unknown>): Promise<string[]> =>
    (await statementsOf(shop, work)).map(({ text }) => text);

  describe('the entity tag (RFC 9110 §8.8.3)', () => {
    it('differs wherever what is shown differs: by version, caller, syntax and content coding', async () => {
      const { id } = await product({ description: 'A lantern. '.repeat(200) });
      const path = `products/${id}`;
      const xml = { accept: 'application/xml' };
      const tags = [
        await tag(path),
        await tag(path, {}, customer.token),
        await tag(path, {}, staff.token),
        await tag(path, {}, admin.token),
        await tag(path, xml),
        await tag(path, xml, staff.token),
        await tag(path, { 'accept-encoding': 'br' }),
        await tag(path, { 'accept-encoding': 'gzip' }),
        await tag(path, { 'accept-encoding': 'gzip', ...xml }),
      ];
      await rename(path, '"1"');
      tags.push(await tag(path));

      expect(tags).toEqual([
        '"1"',
        '"1-customer"',
        '"1-staff"',
        '"1-admin"',
        '"1-xml"',
        '"1-staff-xml"',
        '"1-br"',
        '"1-gzip"',
        '"1-xml-gzip"',
        '"2"',
      ]);
    });

    it('is the same for HEAD, and where nothing has changed', async () => {
      const { id } = await product();
      const { headers } = await shop.ask(`products/${id}`, { method: 'HEAD' });

      expect(headers.get('etag')).toBe(await tag(`products/${id}`));
    });

    it('changes when a name changes that the resource shows', async () => {
      const home = await category('Home');
      const garden = await category('Garden', home.id);
      const { id } = await product({ categoryIds: [garden.id] });
      const before = [await tag(`products/${id}`), await tag(`categories/${garden.id}`)];
      await rename(`categories/${garden.id}`, '"1"', 'Gardens');
      await rename(`categories/${home.id}`, '"1"', 'House');

      expect(before).toEqual(['"1"', '"1"']);
      expect([await tag(`products/${id}`), await tag(`categories/${garden.id}`)]).toEqual(['"1.1.0.0.2"', '"3"']);
      expect((await get(`products/${id}`, { 'if-none-match': '"1"' })).status).toBe(200);
      expect((await get(`products/${id}`, { 'if-none-match': '"1.1.0.0.2"' })).status).toBe(304);
    });

    it('stands for the same version when the name of a category changes: staff who change the product keep theirs', async () => {
      const garden = await category('Orchard');
      const { id } = await product({ categoryIds: [garden.id] });
      await rename(`categories/${garden.id}`, '"1"', 'Orchards');

      expect((await rename(`products/${id}`, '"1"')).status).toBe(200);
      expect((await rename(`products/${id}`, '"1"', 'Yet another')).status).toBe(412);
    });
  });

  describe('If-None-Match (§13.1.2)', () => {
    it.each([
      ['the tag', '"1"'],
      ['the tag as a weak one', 'W/"1"'],
      ['a list with it', '"0", W/"1", "5-xml"'],
      ['*', '*'],
    ])('with %s is 304 with ETag, Cache-Control and Vary, and no body (§15.4.5)', async (_, known) => {
      const { id } = await product();
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, body } = await shop.ask(`products/${id}`, {
          method,
          headers: { 'if-none-match': known },
        });

        expect([method, status, body]).toEqual([method, 304, '']);
        expect(
          ['etag', 'cache-control', 'vary', 'content-type', 'content-length'].map((name) => headers.get(name)),
        ).toEqual(['"1"', 'public, max-age=30', 'Accept, Accept-Encoding, Authorization', null, null]);
      }
    });

    it.each([
      ['another version', '"2"'],
      ['another syntax', '"1-xml"'],
      ['what another caller is shown', '"1-staff"'],
      ['no tag at all', '1'],
    ])('with %s is 200', async (_, known) => {
      const { id } = await product();

      expect((await get(`products/${id}`, { 'if-none-match': known })).status).toBe(200);
    });

    it('knows what was sent in a content coding, by its tag', async () => {
      const { id } = await product({ description: 'A lantern. '.repeat(200) });
      const { status, headers } = await get(`products/${id}`, { 'if-none-match': '"1-br"', 'accept-encoding': 'br' });

      expect([status, headers.get('etag')]).toEqual([304, '"1-br"']);
    });

    it('is 304 in XML for what is known in XML', async () => {
      const { id } = await product();
      const headers = { 'if-none-match': '"1-xml"', accept: 'application/xml' };

      expect((await get(`products/${id}`, headers)).status).toBe(304);
    });

    it('with what is known runs one statement, and loads nothing', async () => {
      const { id } = await product();
      const path = `products/${id}`;
      const statements = await textsOf(() => get(path, { 'if-none-match': '"1"' }));

      expect(statements).toEqual([
        expect.stringMatching(/^SELECT p\.version, [^]* FROM products p LEFT JOIN stock_levels l/),
      ]);
      expect(await textsOf(() => get(path))).toEqual([expect.stringMatching(/^SELECT\s+p\.id/)]);
    });

    it.each(['products', 'categories', 'users'])(
      'of %s of a caller asks for the version in the place of loading',
      async (feature) => {
        const id =
          feature === 'users'
            ? admin.id
            : (await (feature === 'products' ? product() : category(`C${String(++made)}`))).id;
        const path = `${feature}/${id}`;
        const known = (await tag(path, {}, admin.token)) ?? '';
        const plain = await textsOf(() => get(path, {}, admin.token));
        const conditional = await textsOf(() => get(path, { 'if-none-match': known }, admin.token));

        expect(conditional.filter((statement) => /^SELECT (p\.)?version\b/.test(statement))).toHaveLength(1);
        expect(conditional).toHaveLength(plain.length);
      },
    );

    it('of /users/me is 304 for whom has it', async () => {
      const { status, headers } = await get('users/me', { 'if-none-match': '"1-customer"' }, customer.token);

      expect([status, headers.get('cache-control')]).toEqual([304, 'private, no-store']);
    });

    it('tells nothing of what the caller may not see', async () => {
      const { id } = await product({ status: 'draft' });

      expect((await get(`products/${id}`, { 'if-none-match': '"1"' })).status).toBe(404);
      expect((await get(`products/${id}`, { 'if-none-match': '*' }, customer.token)).status).toBe(404);
      expect((await get(`products/${id}`, { 'if-none-match': '"1-staff"' }, staff.token)).status).toBe(304);
    });

    it('is 404 where nothing is, and 400 for what is no id', async () => {
      expect((await get(`products/${NOBODYS_ID}`, { 'if-none-match': '*' })).status).toBe(404);
      expect((await get('products/lantern', { 'if-none-match': '*' })).status).toBe(400);
    });
  });

  describe('If-Match (§13.1.1)', () => {
    it.each(['"1"', '"1-staff"', '"1-xml"', '"1-customer-xml-br"', '*', '"7", "1-gzip"'])(
      '%s lets a change through: a tag stands for its version, whichever form it came with',
      async (etag) => {
        const { id } = await product();

        expect((await rename(`products/${id}`, etag)).status).toBe(200);
      },
    );

    it.each([
      ['a stale tag', '"0"'],
      ['a weak tag, which never matches here', 'W/"1"'],
      ['a tag that was never given', '"lantern"'],
      ['no tag', '1'],
    ])('with %s is 412 with the present one (§15.5.13)', async (_, etag) => {
      const { id } = await product();
      const { status, headers } = await rename(`products/${id}`, etag);

      expect([status, headers.get('etag')]).toEqual([412, '"1"']);
    });

    it('is required: 428 says so (RFC 6585 §3)', async () => {
      const { id } = await product();
      for (const method of ['PATCH', 'DELETE']) {
        const json = method === 'PATCH' ? {} : undefined;
        const { status, body } = await shop.ask(`products/${id}`, { method, token: staff.token, json });

        expect([method, status]).toEqual([method, 428]);
        expect(body).toMatchObject({ errors: [{ header: 'If-Match', code: 'required' }] });
      }
    });

    it('says nothing of what is not there: 404, with any tag (§13.2.1)', async () => {
      for (const etag of ['*', '"1"']) expect((await rename(`products/${NOBODYS_ID}`, etag)).status).toBe(404);
    });
  });

  describe('both together (§13.2.2)', () => {
    it.each([
      ['"1"', '"1"', 304],
      ['"1"', '"0"', 200],
      ['*', '"1"', 304],
      ['"0"', '"1"', 412],
      ['W/"1"', '*', 412],
    ])('GET with If-Match %s looks at If-None-Match %s after it: %d', async (expected, known, status) => {
      const { id } = await product();
      const answer = await get(`products/${id}`, { 'if-match': expected, 'if-none-match': known });

      expect([answer.status, answer.headers.get('etag')]).toEqual([status, '"1"']);
    });

    it.each([
      ['"1"', '"1"', 412],
      ['"1"', 'W/"1-xml"', 412],
      ['"1"', '*', 412],
      ['*', '"1"', 412],
      ['*', '"0"', 200],
      ['"1"', '"0"', 200],
    ])('PATCH with If-Match %s and If-None-Match %s is %d', async (expected, known, status) => {
      const { id } = await product();
      const headers = { 'if-match': expected, 'if-none-match': known };
      const answer = await shop.ask(`products/${id}`, { method: 'PATCH', token: staff.token, headers, json: {} });

      expect(answer.status).toBe(status);
    });
  });

  describe('of a list that everybody may see', () => {
    it.each(['products?limit=1', 'categories?limit=1', '/.well-known/jwks.json'])(
      'the entity tag of %s is that of its bytes, and a client that has them gets 304',
      async (path) => {
        for (let n = 0; n < 2; n++) {
          await product();
          await category(`C${String(++made)}`);
        }
        const [first, again] = [await get(path), await get(path)];
        const etag = first.headers.get('etag') ?? '';
        const known = await get(path, { 'if-none-match': `"other", W/${etag}` });

        expect(etag).toMatch(/^"[\w-]{27}"$/);
        expect([again.headers.get('etag'), again.body]).toEqual([etag, first.body]);
        expect([known.status, known.headers.get('etag'), known.body]).toEqual([304, etag, '']);
        expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
      },
    );

    it('the entity tag changes with what is listed, and differs by syntax', async () => {
      const before = await tag('products');
      await product();

      expect(await tag('products')).not.toBe(before);
      expect(await tag('products', { accept: 'application/xml' })).toBe(
        (await tag('products'))?.replace(/"$/, '-xml"'),
      );
    });
  });

  describe('Cache-Control', () => {
    it('lets the catalogue be kept for a while, and nothing that belongs to a caller (RFC 9111)', async () => {
      const { id } = await product();
      const { id: categoryId } = await category(`C${String(++made)}`);
      const cacheControl = async (path: string, token?: string): Promise<string | null> =>
        (await get(path, {}, token)).headers.get('cache-control');

      for (const path of ['products', `products/${id}`, 'categories', `categories/${categoryId}`]) {
        expect([path, await cacheControl(path)]).toEqual([path, 'public, max-age=30']);
        expect([path, await cacheControl(path, customer.token)]).toEqual([path, 'private, no-store']);
      }
      for (const path of ['users/me', 'auth/sessions']) {
        expect([path, await cacheControl(path, customer.token)]).toEqual([path, 'private, no-store']);
      }
      expect(await cacheControl(`products/${NOBODYS_ID}`)).toBe('no-store');
    });
  });
});
