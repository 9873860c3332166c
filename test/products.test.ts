import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryDto } from '../src/categories/dto/category.dto.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const LANTERN = { sku: 'LANT-1', name: 'Red Metal Lantern', price: { amount: 1999, currency: 'GBP' } };
const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('products', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
  });
  afterAll(() => shop.close());

  const create = (json: object, token = staff): Promise<Answer<ProductDto>> =>
    shop.ask<ProductDto>('products', { method: 'POST', token, json });
  const made = async (change: object): Promise<ProductDto> => (await create({ ...LANTERN, ...change })).body;
  const patch = (id: string, etag: string, json: object): Promise<Answer<ProductDto>> =>
    shop.ask<ProductDto>(`products/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': etag }, json });

  describe('creating', () => {
    it('answers 201 with the product, its Location and its ETag', async () => {
      const { status, headers, body } = await create({ ...LANTERN, attributes: { colour: 'red', pieces: 1 } });

      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/api/v1/products/${body.id}`);
      expect(headers.get('etag')).toBe('"1-staff"');
      expect(headers.get('cache-control')).toBe('private, no-store');
      expect(body).toMatchObject({
        ...LANTERN,
        slug: `red-metal-lantern-${body.id.slice(-8)}`,
        description: null,
        stock: { available: 0, onHand: 0, reserved: 0 },
        attributes: { colour: 'red', pieces: 1 },
        status: 'active',
      });
    });

    it('takes an id in capital letters for the same id, once', async () => {
      const category = await shop.ask<{ id: string }>('categories', {
        method: 'POST',
        token: staff,
        json: { name: 'Capital letters' },
      });
      const { id } = category.body;
      const { status, body } = await create({ ...LANTERN, sku: 'CAPITALS', categoryIds: [id.toUpperCase()] });
      const twice = await create({ ...LANTERN, sku: 'CAPITALS-2', categoryIds: [id, id.toUpperCase()] });

      expect([status, body.categories.map((placed) => placed.id)]).toEqual([201, [id]]);
      expect(twice.status).toBe(422);
    });

    it.each(['toString', 'hasOwnProperty', 'valueOf', 'prototype', 'toJSON', 'then'])(
      'keeps an attribute of any name: %s',
      async (name) => {
        const { status, body } = await create({ ...LANTERN, sku: `NAMED-${name}`, attributes: { [name]: 'kept' } });
        const { id, attributes } = body;
        const read = await shop.ask<ProductDto>(`products/${id}`, { headers: { accept: 'application/xml' } });

        expect([status, attributes]).toEqual([201, { [name]: 'kept' }]);
        expect(read.status).toBe(200);
        expect((await patch(id, '"1"', { attributes: { [name]: null, colour: 'red' } })).body.attributes).toEqual({
          colour: 'red',
        });
      },
    );

    it('is for staff', async () => {
      expect((await shop.ask('products', { method: 'POST', json: LANTERN })).status).toBe(401);
      expect((await create(LANTERN, customer)).status).toBe(403);
    });

    it('refuses a SKU that is taken', async () => {
      await create({ ...LANTERN, sku: 'TAKEN' });
      const { status, body } = await create({ ...LANTERN, sku: 'TAKEN' });

      expect(status).toBe(409);
      expect(body).toMatchObject({ type: 'http://localhost:3000/problems/sku-taken' });
    });

    it('compares SKUs without case and without spaces around, and keeps how they are spelled', async () => {
      const { id } = await made({ sku: ' Spelled-1 ' });
      const taken = await create({ ...LANTERN, sku: 'SPELLED-1' });
      const found = await shop.ask<ProductPage>('products?sku=%20spelled-1');

      expect([taken.status, taken.body]).toMatchObject([409, { type: 'http://localhost:3000/problems/sku-taken' }]);
      expect(found.body.data.map(({ id, sku }) => [id, sku])).toEqual([[id, 'Spelled-1']]);
    });

    it('says in words which characters a SKU has', async () => {
      const { body } = await create({ ...LANTERN, sku: 'ÄB 1' });

      expect(body).toMatchObject({
        errors: [
          {
            pointer: '#/sku',
            code: 'matches',
            detail:
              'must begin with a letter from A to Z or a digit, and have only such letters, digits, dots, hyphens, underscores and slashes',
          },
        ],
      });
    });

    it('names all faults at once, each by its JSON Pointer (RFC 6901)', async () => {
      const json = { sku: ' ', name: '', price: { amount: 1.5, currency: 'XXP' }, onHand: 5 };
      const { status, body } = await shop.ask<{ errors: { pointer: string }[] }>('products', {
        method: 'POST',
        token: staff,
        json,
      });

      expect(status).toBe(422);
      expect((await create({ sku: 'FREE', name: 'Gift' })).body).toMatchObject({ errors: [{ pointer: '#/price' }] });
      const pointers = new Set(body.errors.map(({ pointer }) => pointer));
      expect(pointers).toEqual(new Set(['#/sku', '#/name', '#/price/amount', '#/price/currency', '#/onHand']));
    });

    it('refuses categories that do not exist', async () => {
      const { status, body } = await create({ ...LANTERN, sku: 'LOST', categoryIds: [NOBODYS_ID] });

      expect(status).toBe(422);
      expect(body).toMatchObject({ errors: [{ pointer: '#/categoryIds/0', code: 'exists' }] });
    });
  });

  describe('reading', () => {
    it('shows the public what is available, and not what is promised', async () => {
      const { id } = await made({ sku: 'PUBLIC' });
      const { status, headers, body } = await shop.ask<ProductDto>(`products/${id}`);

      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=30');
      expect(body.stock).toEqual({ available: 0 });
    });

    it('answers 304 to who has it already (RFC 9110 §13.1.2)', async () => {
      const { id } = await made({ sku: 'KNOWN' });
      const { status, headers, body } = await shop.ask(`products/${id}`, {
        headers: { 'if-none-match': '"0", W/"1"' },
      });

      expect(status).toBe(304);
      expect(headers.get('etag')).toBe('"1"');
      expect(body).toBe('');
    });

    it('shows drafts to staff alone', async () => {
      const { id } = await made({ sku: 'DRAFT', status: 'draft' });

      expect((await shop.ask(`products/${id}`)).status).toBe(404);
      expect((await shop.ask(`products/${id}`, { token: customer })).status).toBe(404);
      expect((await shop.ask(`products/${id}`, { token: staff })).status).toBe(200);
    });

    it('answers 404 for what is not there and 400 for what is no id', async () => {
      expect((await shop.ask(`products/${NOBODYS_ID}`)).status).toBe(404);
      expect((await shop.ask('products/lantern')).body).toMatchObject({ status: 400, errors: [{ parameter: 'id' }] });
    });
  });

  describe('changing', () => {
    it('is a JSON Merge Patch: what is left out stays, null removes (RFC 7396)', async () => {
      const { id } = await made({ sku: 'PATCH', description: 'Old.', attributes: { colour: 'red', pieces: 1 } });
      const { status, headers, body } = await patch(id, '"1"', {
        description: null,
        price: { amount: 2499 },
        attributes: { colour: null, lit: true },
      });

      expect(status).toBe(200);
      expect(headers.get('etag')).toBe('"2-staff"');
      expect(body).toMatchObject({ name: LANTERN.name, description: null, price: { amount: 2499, currency: 'GBP' } });
      expect(body.attributes).toEqual({ pieces: 1, lit: true });
    });

    it('takes application/merge-patch+json as it takes application/json', async () => {
      const { id } = await made({ sku: 'MERGE' });
      const { status, body } = await shop.ask(`products/${id}`, {
        method: 'PATCH',
        token: staff,
        headers: { 'if-match': '"1"', 'content-type': 'application/merge-patch+json' },
        body: '{"name":"Blue Lantern"}',
      });

      expect([status, body.name]).toEqual([200, 'Blue Lantern']);
    });

    it('refuses null for what must be there', async () => {
      const { id } = await made({ sku: 'NULL' });

      expect((await patch(id, '"1"', { name: null })).body).toMatchObject({
        status: 422,
        errors: [{ pointer: '#/name' }],
      });
    });

    it.each([{}, { price: {} }])('changes nothing, and no ETag, where nothing is said: %j', async (nothing) => {
      const { id, updatedAt } = await made({ sku: `NOTHING-${String(Object.keys(nothing).length)}` });
      const { status, headers, body } = await patch(id, '"1"', nothing);

      expect([status, headers.get('etag'), body.updatedAt]).toEqual([200, '"1-staff"', updatedAt]);
    });

    it('asks for If-Match with 428 (RFC 6585 §3)', async () => {
      const { id } = await made({ sku: 'BLIND' });

      expect((await shop.ask(`products/${id}`, { method: 'PATCH', token: staff, json: {} })).status).toBe(428);
    });

    it('answers 412 with the present ETag when it has changed (RFC 9110 §15.5.13)', async () => {
      const { id } = await made({ sku: 'STALE' });
      await patch(id, '"1"', { name: 'Newer' });
      const { status, headers } = await patch(id, '"1"', { name: 'Older' });

      expect([status, headers.get('etag')]).toEqual([412, '"2"']);
    });

    it('loses no update: of two with one ETag at once, one is 200 and one 412', async () => {
      const { id } = await made({ sku: 'RACE' });
      const answers = await Promise.all([patch(id, '"1"', { name: 'A' }), patch(id, '"1"', { name: 'B' })]);

      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    });

    it('never changes the slug', async () => {
      const { id, slug } = await made({ sku: 'SLUG' });

      expect((await patch(id, '"1"', { name: 'Something Else' })).body.slug).toBe(slug);
    });
  });

  describe('deleting', () => {
    it('is final, and needs the ETag', async () => {
      const { id } = await made({ sku: 'GONE' });
      const remove = (headers: Record<string, string>): Promise<Answer<unknown>> =>
        shop.ask(`products/${id}`, { method: 'DELETE', token: staff, headers });

      expect((await remove({})).status).toBe(428);
      expect((await remove({ 'if-match': '"1"' })).status).toBe(204);
      expect((await shop.ask(`products/${id}`, { token: staff })).status).toBe(404);
    });
  });
});

describe('the list of products', () => {
  let shop: Shop;
  let staff: string;
  let lighting: string;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await signIn(shop, 'staff');
    const category = async (name: string, parentId?: string): Promise<string> =>
      (await shop.ask<CategoryDto>('categories', { method: 'POST', token: staff, json: { name, parentId } })).body.id;
    lighting = await category('Lighting');
    const lanterns = await category('Lanterns', lighting);
    const goods: [string, number, string[], string?][] = [
      ['Christmas Lantern', 1250, [lanterns]],
      ['Red Metal Lantern', 1999, [lanterns]],
      ['Table Lamp', 4500, [lighting]],
      ['Union Jack Mug', 650, []],
      ['Mug Tree', 650, []],
      ['Secret Lantern', 100, [lanterns], 'draft'],
    ];
    for (const [index, [name, amount, categoryIds, status]] of goods.entries()) {
      const json = { sku: `SKU-${String(index)}`, name, price: { amount, currency: 'GBP' }, categoryIds, status };
      const { body } = await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json });
      if (index < 2) {
        await shop.ask(`products/${body.id}/stock-adjustments`, {
          method: 'POST',
          token: staff,
          json: { delta: 2, reason: 'x' },
        });
      }
    }
  });
  afterAll(() => shop.close());

  const list = async (query: string, token?: string): Promise<ProductPage> =>
    (await shop.ask<ProductPage>(`products?${query}`, { token })).body;
  const names = async (query: string, token?: string): Promise<string[]> =>
    (await list(query, token)).data.map(({ name }) => name);

  it.each([
    ['sort=name', ['Christmas Lantern', 'Mug Tree', 'Red Metal Lantern', 'Table Lamp', 'Union Jack Mug']],
    ['sort=-price', ['Table Lamp', 'Red Metal Lantern', 'Christmas Lantern', 'Mug Tree', 'Union Jack Mug']],
    ['sort=createdAt', ['Christmas Lantern', 'Red Metal Lantern', 'Table Lamp', 'Union Jack Mug', 'Mug Tree']],
    ['', ['Mug Tree', 'Union Jack Mug', 'Table Lamp', 'Red Metal Lantern', 'Christmas Lantern']],
  ])('is sorted by %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each(['sort=name', 'sort=-name', 'sort=price', 'sort=-price', 'sort=createdAt', 'sort=-createdAt', 'q=lantern'])(
    'is walked page by page in the order of %s, each product once',
    async (query) => {
      const all = await names(query);
      const walked: string[] = [];
      let page = await list(`${query}&limit=1`);
      walked.push(...page.data.map(({ name }) => name));
      while (page.page.next !== null) {
        page = await list(`cursor=${page.page.next}&limit=1`);
        walked.push(...page.data.map(({ name }) => name));
      }

      expect(walked).toEqual(all);
    },
  );

  it.each([
    ['minPrice=1000&maxPrice=2000', ['Christmas Lantern', 'Red Metal Lantern']],
    ['sku=SKU-3', ['Union Jack Mug']],
    ['sku=sku-3', ['Union Jack Mug']],
    ['inStock=true', ['Christmas Lantern', 'Red Metal Lantern']],
    ['inStock=false', ['Mug Tree', 'Table Lamp', 'Union Jack Mug']],
  ])('is filtered by %s', async (query, expected) => {
    expect(await names(`${query}&sort=name`)).toEqual(expected);
  });

  it('finds in a category what is in those below it', async () => {
    expect(await names(`categoryId=${lighting}&sort=name`)).toEqual([
      'Christmas Lantern',
      'Red Metal Lantern',
      'Table Lamp',
    ]);
  });

  it.each([
    ['words in any order', 'mug union', ['Union Jack Mug']],
    ['inflected words', 'lanterns', ['Christmas Lantern', 'Red Metal Lantern']],
    ['words that are only begun', 'chris', ['Christmas Lantern']],
    [
      'what English has everywhere only if there is nothing else',
      'the lantern of',
      ['Christmas Lantern', 'Red Metal Lantern'],
    ],
    ['nothing by words that English has everywhere', 'of the', []],
    ['a SKU', 'sku-4', ['Mug Tree']],
    ['words of one letter only as they are', 'm', []],
    ['beginnings of two letters', 'mu', ['Mug Tree', 'Union Jack Mug']],
    ['nothing by the likeness of words with fewer than three letters', 'xm', []],
    ['slips of the pen', 'chrstmas lantrn', ['Christmas Lantern']],
    ['the names of categories', 'lighting table', ['Table Lamp']],
    ['what has most of the words when nothing has all', 'union jack lamp', ['Union Jack Mug']],
    ['nothing where nothing is alike', 'submarine', []],
    ['nothing for what has no words', '!!!', []],
  ])('finds %s', async (_, words, expected) => {
    expect((await names(`q=${encodeURIComponent(words)}`)).sort()).toEqual(expected);
  });

  it('puts first what fits best', async () => {
    expect((await names('q=mug'))[0]).toBe('Mug Tree');
  });

  it('counts in total and by facet what it finds', async () => {
    const { data, page, facets } = await list('q=lantern&include=total,facets');

    expect(page.total).toBe(data.length);
    expect(facets).toMatchObject({ minPrice: 1250, maxPrice: 1999, inStock: 2 });
    expect(facets?.categories.map(({ name, count }) => [name, count])).toEqual([
      ['Lanterns', 2],
      ['Lighting', 2],
    ]);
  });

  it('shows drafts to staff who ask, and refuses others', async () => {
    expect(await names('status=draft', staff)).toEqual(['Secret Lantern']);
    const [draft] = (await list('status=draft', staff)).data;
    const path = `products/by-slug/${draft?.slug ?? ''}`;
    expect((await shop.ask(path, { token: staff })).status).toBe(200);
    expect((await shop.ask(path)).status).toBe(404);
    expect(await names('q=lantern&sort=name', staff)).toContain('Secret Lantern');
    expect((await shop.ask('products?status=draft')).status).toBe(403);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=abc',
    'sort=colour',
    'colour=red',
    'minPrice=-1',
    'inStock=maybe',
    'include=all',
    'sort=relevance',
  ])('refuses %s with 400, naming the parameter', async (query) => {
    const { status, body } = await shop.ask<{ errors: { parameter: string }[] }>(`products?${query}`);

    expect(status).toBe(400);
    expect(body.errors[0]?.parameter).toBe(query.split('=')[0]);
  });

  it('refuses a cursor that is forged, or used with another filter', async () => {
    const { page } = await list('limit=1&sort=name');
    const next = page.next ?? '';

    for (const query of [
      `cursor=${next.slice(0, -2)}xx`,
      'cursor=abc',
      `cursor=${next}&sort=price`,
      `cursor=${next}&q=lamp`,
    ]) {
      const { status, body } = await shop.ask(`products?${query}`);
      expect([status, body.type]).toEqual([400, 'http://localhost:3000/problems/invalid-cursor']);
    }
  });

  it('goes on with similar words on every page of a search that began so, and with exact ones otherwise', async () => {
    const first = await list('q=lantrn&limit=1');
    const exact = await list('q=lantern&limit=1');
    const json = { sku: 'LANTRN', name: 'Lantrn', price: { amount: 1, currency: 'GBP' }, status: 'active' };
    const { body } = await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json });

    const [second, next] = [
      await list(`cursor=${first.page.next ?? ''}`),
      await list(`cursor=${exact.page.next ?? ''}`),
    ];
    await shop.ask(`products/${body.id}`, { method: 'DELETE', token: staff, headers: { 'if-match': '*' } });

    expect(second.data.map(({ name }) => name)).toEqual(
      ['Christmas Lantern', 'Red Metal Lantern'].filter((name) => name !== first.data[0]?.name),
    );
    expect(next.data).toHaveLength(1);
  });
});

describe('products with prices in several currencies', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ currency: 'EUR' });
    const token = await signIn(shop, 'staff');
    const prices: [string, number, string][] = [
      ['Yen 500', 500, 'JPY'],
      ['Euro 5', 500, 'EUR'],
      ['Euro 9', 900, 'EUR'],
      ['Pound 7', 700, 'GBP'],
      ['Yen 90000', 90_000, 'JPY'],
    ];
    for (const [name, amount, currency] of prices) {
      const json = { sku: name.replace(' ', '-'), name, price: { amount, currency } };
      await shop.ask('products', { method: 'POST', token, json });
    }
  });
  afterAll(() => shop.close());

  const list = async (query: string): Promise<ProductPage> => (await shop.ask<ProductPage>(`products?${query}`)).body;
  const names = async (query: string): Promise<string[]> => (await list(query)).data.map(({ name }) => name);

  it.each([
    ['minPrice=0', ['Euro 5', 'Euro 9']],
    ['minPrice=600', ['Euro 9']],
    ['maxPrice=500', ['Euro 5']],
    ['maxPrice=500&currency=JPY', ['Yen 500']],
    ['minPrice=600&currency=GBP', ['Pound 7']],
    ['minPrice=0&currency=CHF', []],
    ['currency=JPY', ['Yen 500', 'Yen 90000']],
  ])('are matched by %s only in its currency, by default the shop’s own', async (query, expected) => {
    expect((await names(`${query}&sort=name`)).sort()).toEqual(expected.toSorted());
    expect(await names(`${query}&sort=price`)).toEqual(expected);
  });

  it.each([
    ['price', ['Euro 5', 'Euro 9']],
    ['-price', ['Euro 9', 'Euro 5']],
    ['-price&currency=JPY', ['Yen 90000', 'Yen 500']],
    ['price&currency=CHF', []],
  ])('are sorted by %s within one currency, by default the shop’s own, page by page', async (sort, expected) => {
    const walked: string[] = [];
    let page = await list(`sort=${sort}&limit=1`);
    walked.push(...page.data.map(({ name }) => name));
    while (page.page.next !== null) {
      page = await list(`cursor=${page.page.next}&limit=1`);
      walked.push(...page.data.map(({ name }) => name));
    }

    expect(walked).toEqual(expected);
  });

  it('have facets of prices by currency', async () => {
    const { facets } = await list('include=facets');

    expect(facets).toMatchObject({
      currency: 'EUR',
      minPrice: 500,
      maxPrice: 900,
      prices: [
        { currency: 'EUR', minPrice: 500, maxPrice: 900, count: 2 },
        { currency: 'GBP', minPrice: 700, maxPrice: 700, count: 1 },
        { currency: 'JPY', minPrice: 500, maxPrice: 90_000, count: 2 },
      ],
    });
    expect((await list('include=facets&currency=JPY')).facets).toMatchObject({
      currency: 'JPY',
      minPrice: 500,
      maxPrice: 90_000,
      prices: [{ currency: 'JPY' }],
    });
    expect((await list('include=facets&currency=CHF')).facets).toMatchObject({
      minPrice: null,
      maxPrice: null,
      prices: [],
    });
  });

  it('are found by their slug', async () => {
    const [product, other] = (await list('sort=name')).data;

    expect(await names(`slug=${product?.slug ?? ''}`)).toEqual([product?.name]);
    expect(await names(`slug=${other?.slug ?? ''}&maxPrice=1`)).toEqual([]);
  });

  it('are read by their slug, as by their id', async () => {
    const [product, other] = (await list('sort=name')).data;
    const { body, headers } = await shop.ask(`products/by-slug/${product?.slug ?? ''}`);

    expect(body).toEqual(product);
    expect(body).not.toEqual(other);
    expect(headers.get('etag')).toBe((await shop.ask(`products/${product?.id ?? ''}`)).headers.get('etag'));
    expect((await shop.ask('products/by-slug/euro-6')).status).toBe(404);
    const known = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await shop.ask(`products/by-slug/${product?.slug ?? ''}`, { headers: known })).status).toBe(304);
  });

  it('are sorted by name in the order of the Unicode Collation Algorithm, page by page', async () => {
    const sorted = ['Äpfel', 'apple', 'Apron', 'naïve', 'Naïve', 'zebra', 'Zebra', 'Ποτήρι', 'Чай', '商品'];
    const token = await signIn(shop, 'staff');
    for (const [index, name] of sorted.toReversed().entries()) {
      const json = { sku: `SORT-${String(index)}`, name, price: { amount: 1, currency: 'SEK' } };
      await shop.ask('products', { method: 'POST', token, json });
    }

    expect(await names('currency=SEK&sort=name')).toEqual(sorted);
    expect(await names('currency=SEK&sort=-name')).toEqual(sorted.toReversed());
    const first = await list('currency=SEK&sort=name&limit=4');
    const second = await list(`cursor=${first.page.next ?? ''}&limit=6`);
    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual(sorted);
  });

  it.each(['gbp', 'XXP', ''])('are not of a currency %j', async (currency) => {
    expect((await shop.ask(`products?currency=${currency}`)).status).toBe(400);
  });
});
