import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { ProductFamilyDto, ProductFamilyPage } from '../src/product-families/dto/product-family.dto.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const ANY = { 'if-match': '*' };
const SHIRT = { name: 'T-shirt', options: ['Size', 'Colour'] };

/** A product as a member of a family, in requests. */
interface Member {
  productId: string;
  options: Record<string, string>;
}

describe('product families', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
  });
  afterAll(() => shop.close());

  const product = async (more: object = {}): Promise<string> => {
    const json = { sku: randomUUID(), name: 'Shirt', price: { amount: 1999, currency: 'GBP' }, ...more };
    return (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json })).body.id;
  };
  const shirt = async (size: string, colour: string, more: object = {}): Promise<Member> => ({
    productId: await product(more),
    options: { Size: size, Colour: colour },
  });
  const create = (json: object, token = staff): Promise<Answer<ProductFamilyDto>> =>
    shop.ask<ProductFamilyDto>('product-families', { method: 'POST', token, json });
  const family = async (...members: Member[]): Promise<string> => (await create({ ...SHIRT, members })).body.id;
  const change = (id: string, json: object, headers: Record<string, string> = ANY): Promise<Answer<ProductFamilyDto>> =>
    shop.ask<ProductFamilyDto>(`product-families/${id}`, { method: 'PATCH', token: staff, headers, json });
  const put = (id: string, { productId, options }: Member): Promise<Answer<ProductFamilyDto>> => {
    const asked = { method: 'PUT', token: staff, json: { options } };
    return shop.ask<ProductFamilyDto>(`product-families/${id}/members/${productId}`, asked);
  };
  const read = (id: string, token?: string): Promise<Answer<ProductFamilyDto>> =>
    shop.ask<ProductFamilyDto>(`product-families/${id}`, { token });
  const shown = async (id: string): Promise<ProductDto> =>
    (await shop.ask<ProductDto>(`products/${id}`, { token: staff })).body;
  const problem = ({ status, body }: Answer<unknown>): unknown => {
    const { type = '' } = body as { type?: string };
    return [status, type.replace(/^.*\/problems\//, '')];
  };
  const events = (id: string): Promise<object[]> =>
    shop.app
      .get(DataSource)
      .query<object[]>('SELECT name, version FROM outbox WHERE aggregate_id = $1 ORDER BY version', [id]);

  it('are created with members, which show them', async () => {
    const members = [await shirt('M', 'Red'), await shirt('L', 'Red')];

    const { status, headers, body } = await create({ ...SHIRT, code: 'SHIRT-1', members });

    expect([status, headers.get('location')]).toEqual([201, `/api/v1/product-families/${body.id}`]);
    expect(body).toMatchObject({
      ...SHIRT,
      code: 'SHIRT-1',
      members,
      version: 1,
      slug: expect.stringMatching(/^t-shirt-/),
    });
    expect((await read(body.id)).body).toEqual(body);
    expect((await shown(members[0]?.productId ?? '')).family).toEqual({
      id: body.id,
      name: 'T-shirt',
      options: { Size: 'M', Colour: 'Red' },
    });
    expect((await shown(await product())).family).toBeNull();
  });

  it('are changed by staff alone', async () => {
    const member = await shirt('M', 'Red');
    const id = await family(member);
    const as = async (method: string, path: string, json?: object): Promise<number[]> => {
      const [nobody, other] = [
        await shop.ask(path, { method, headers: ANY, json }),
        await shop.ask(path, { method, headers: ANY, json, token: customer }),
      ];
      return [nobody.status, other.status];
    };
    const one = `product-families/${id}`;

    expect(await as('POST', 'product-families', SHIRT)).toEqual([401, 403]);
    expect(await as('PATCH', one, {})).toEqual([401, 403]);
    expect(await as('PUT', `${one}/members/${member.productId}`, { options: member.options })).toEqual([401, 403]);
    expect(await as('DELETE', `${one}/members/${member.productId}`)).toEqual([401, 403]);
    expect(await as('DELETE', one)).toEqual([401, 403]);
  });

  it.each<[string, unknown, string]>([
    ['name', '', 'minLength'],
    ['name', 'x'.repeat(201), 'maxLength'],
    ['code', 'x'.repeat(256), 'maxLength'],
    ['options', [], 'arrayMinSize'],
    ['options', ['A', 'B', 'C', 'D'], 'arrayMaxSize'],
    ['options', ['Size', 'SIZE'], 'arrayUnique'],
    ['options', ['Size:'], 'matches'],
    ['members', [{ productId: randomUUID(), options: { Size: 1 } }], 'isOptionValues'],
    ['members', [{ productId: randomUUID(), options: { Size: ' ' } }], 'isOptionValues'],
    ['members', [{ productId: randomUUID(), options: { Size: 'x'.repeat(81) } }], 'isOptionValues'],
    ['members', [{ productId: randomUUID(), options: { Size: 'M', Colour: 'Red' } }], 'exists'],
  ])('have no %s like %j', async (member, value, code) => {
    const { status, body } = await create({ ...SHIRT, [member]: value });

    const fault = { pointer: expect.stringMatching(`^#/${member}(/|$)`), code };
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [fault] } });
  });

  it('name each member that has not exactly their options', async () => {
    const [one, two, three] = [await product(), await product(), await product()];
    const members = [
      { productId: one, options: { Size: 'M' } },
      { productId: two, options: { Size: 'M', Colour: 'Red' } },
      { productId: three, options: { Size: 'M', Colour: 'Red', Fit: 'Slim' } },
    ];

    expect(await create({ ...SHIRT, members })).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '#/members/0', code: 'isOptionValues' },
          { pointer: '#/members/2', code: 'isOptionValues' },
        ],
      },
    });
    expect((await shown(two)).family).toBeNull();
  });

  it('have no two members with the same values, whether in capital or in small letters', async () => {
    const id = await family(await shirt('M', 'Écru'));

    expect(problem(await put(id, await shirt('m', 'éCRU')))).toEqual([409, 'variant-taken']);
    const members = [await shirt('S', 'Red'), await shirt('s', 'RED')];
    expect(await change(id, { members })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/members/1', code: 'arrayUnique' }] },
    });
  });

  it('do not share a product, nor a code', async () => {
    const member = await shirt('M', 'Red');
    const id = await family(member);
    const other = await family();
    expect((await change(other, { code: 'OTHER' })).status).toBe(200);

    expect(problem(await put(other, member))).toEqual([409, 'product-in-another-family']);
    expect(problem(await create({ ...SHIRT, members: [member] }))).toEqual([409, 'product-in-another-family']);
    expect(problem(await create({ ...SHIRT, code: 'OTHER' }))).toEqual([409, 'product-family-code-taken']);
    expect(problem(await change(id, { code: 'OTHER' }))).toEqual([409, 'product-family-code-taken']);
  });

  it('get a member, change its values, and take it out again', async () => {
    const [first, second] = [await shirt('M', 'Red'), await shirt('L', 'Red')];
    const id = await family(first);

    expect(await put(id, second)).toMatchObject({ status: 200, body: { version: 2, members: [first, second] } });
    expect(await put(id, second)).toMatchObject({ status: 200, body: { version: 2 } });
    const other = { ...second, options: { Size: 'XL', Colour: 'Red' } };
    expect(await put(id, other)).toMatchObject({ status: 200, body: { version: 3, members: [first, other] } });
    const path = `product-families/${id}/members/${second.productId}`;
    const remove = async (headers = {}): Promise<number> =>
      (await shop.ask(path, { method: 'DELETE', token: staff, headers })).status;
    expect([await remove({ 'if-match': '"2"' }), await remove(), await remove()]).toEqual([412, 204, 404]);

    expect((await read(id)).body).toMatchObject({ version: 4, members: [first] });
    expect((await shown(second.productId)).family).toBeNull();
    expect(problem(await put(id, { ...second, productId: randomUUID() }))).toEqual([404, 'not-found']);
    expect(problem(await put(randomUUID(), second))).toEqual([404, 'not-found']);
  });

  it('exchange the values of members in one change', async () => {
    const [first, second] = [await shirt('M', 'Red'), await shirt('L', 'Red')];
    const id = await family(first, second);
    const members = [
      { ...first, options: second.options },
      { ...second, options: first.options },
    ];

    expect(await change(id, { members })).toMatchObject({ status: 200, body: { members } });
  });

  it('have other options only with other values of their members, and the same in another order without', async () => {
    const member = await shirt('M', 'Red');
    const id = await family(member);

    expect(await change(id, { options: ['Size'] })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/options', code: 'isOptionValues' }] },
    });
    expect(await change(id, { options: ['Colour', 'Size'] })).toMatchObject({
      status: 200,
      body: { options: ['Colour', 'Size'], members: [member] },
    });
    const members = [{ ...member, options: { Size: 'M' } }];
    expect(await change(id, { options: ['Size'], members })).toMatchObject({ status: 200, body: { members } });
  });

  it('are shown with those members that the reader may see', async () => {
    const [active, draft] = [await shirt('M', 'Red'), await shirt('L', 'Red', { status: 'draft' })];
    const [id, hidden] = [await family(active, draft), await family(await shirt('M', 'Red', { status: 'archived' }))];
    const listed = async (token?: string): Promise<string[]> => {
      const { body } = await shop.ask<ProductFamilyPage>('product-families?limit=100', { token });
      return body.data.map((one) => one.id).filter((one) => one === id || one === hidden);
    };

    expect((await read(id)).body.members).toEqual([active]);
    expect((await read(id, customer)).body.members).toEqual([active]);
    expect((await read(id, staff)).body.members).toEqual([active, draft]);
    expect([(await read(hidden)).status, (await read(hidden, staff)).status]).toEqual([404, 200]);
    expect([await listed(), await listed(staff)]).toEqual([[id], [hidden, id]]);
  });

  it('have another ETag when members become visible, cease to be, or are deleted; and the same version', async () => {
    const [one, two] = [await shirt('M', 'Red'), await shirt('L', 'Red')];
    const id = await family(one, two);
    const seen = new Set<string | null>();
    const look = async (): Promise<void> => {
      const { headers } = await read(id);
      const etag = headers.get('etag') ?? '';
      seen.add(etag);
      expect((await shop.ask(`product-families/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    };
    const setStatus = (status: string): Promise<Answer<object>> =>
      shop.ask(`products/${two.productId}`, { method: 'PATCH', token: staff, headers: ANY, json: { status } });

    await look();
    await setStatus('draft');
    await look();
    await setStatus('active');
    await look();
    expect(seen.size).toBe(2);
    await shop.ask(`products/${one.productId}`, { method: 'DELETE', token: staff, headers: ANY });
    await look();

    expect(seen.size).toBe(3);
    expect((await read(id)).body).toMatchObject({ version: 1, members: [two] });
    const etag = (await read(id)).headers.get('etag') ?? '';
    expect((await change(id, { name: 'Shirt' }, { 'if-match': etag })).status).toBe(200);
  });

  it('are changed by a client that knows their version', async () => {
    const id = await family();

    expect((await change(id, { name: 'Other' }, {})).status).toBe(428);
    expect((await change(id, { name: 'Other' }, { 'if-match': '"7"' })).status).toBe(412);
    expect(await change(id, { name: 'Other' }, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(await change(id, { name: 'Other' })).toMatchObject({ status: 200, body: { version: 2 } });
  });

  it('make a new version, with an event, of each product that shows something else', async () => {
    const [one, two] = [await shirt('M', 'Red'), await shirt('L', 'Red')];
    const id = await family(one);
    const versions = async (): Promise<number[]> =>
      Promise.all([one, two].map(async ({ productId }) => (await shown(productId)).version));

    expect(await versions()).toEqual([2, 1]);
    await put(id, two);
    expect(await versions()).toEqual([2, 2]);
    await change(id, { name: 'Jersey' });
    expect(await versions()).toEqual([3, 3]);
    expect((await shown(two.productId)).family?.name).toBe('Jersey');
    await change(id, { code: randomUUID() });
    await change(id, { name: 'Jersey' });
    expect(await versions()).toEqual([3, 3]);
    await shop.ask(`product-families/${id}`, { method: 'DELETE', token: staff, headers: ANY });
    expect(await versions()).toEqual([4, 4]);
    expect((await shown(one.productId)).family).toBeNull();

    expect(await events(id)).toEqual([
      { name: 'product-family.created', version: 1 },
      ...[2, 3, 4].map((version) => ({ name: 'product-family.updated', version })),
      { name: 'product-family.deleted', version: 5 },
    ]);
    expect(await events(one.productId)).toEqual([
      { name: 'product.created', version: 1 },
      ...[2, 3, 4].map((version) => ({ name: 'product.updated', version })),
    ]);
  });

  it('get one of two members with the same values that are added at once', async () => {
    const id = await family();
    const members = await Promise.all(['Red', 'RED', 'red'].map((colour) => shirt('M', colour)));

    const statuses = (await Promise.all(members.map((member) => put(id, member)))).map(({ status }) => status);

    expect(statuses.sort()).toEqual([200, 409, 409]);
    expect((await read(id)).body.members).toHaveLength(1);
  });

  it('get a product once that is added to several at once', async () => {
    const member = await shirt('M', 'Red');
    const ids = await Promise.all([family(), family(), family()]);

    const statuses = (await Promise.all(ids.map((id) => put(id, member)))).map(({ status }) => status);

    expect(statuses.sort()).toEqual([200, 409, 409]);
  });

  it('and products that are changed at once do not wait for each other', async () => {
    const members = await Promise.all(['S', 'M', 'L', 'XL'].map((size) => shirt(size, 'Red')));
    const id = await family(...members);

    const answers = await Promise.all([
      ...members.map(({ productId }) =>
        shop.ask(`products/${productId}`, { method: 'DELETE', token: staff, headers: ANY }),
      ),
      ...['One', 'Two', 'Three'].map((name) => change(id, { name })),
      ...members.map((member) => put(id, member)),
    ]);

    expect(answers.filter(({ status }) => ![200, 204, 404].includes(status))).toEqual([]);
    expect((await read(id, staff)).body.members).toEqual([]);
  });

  it.each(['name', '-name', 'createdAt', '-createdAt'])('are listed by %s, page by page', async (sort) => {
    for (const name of ['b', 'a', 'c']) await create({ ...SHIRT, name });
    const walked: string[] = [];
    let path: string | undefined = `/api/v1/product-families?limit=2&sort=${sort}`;
    while (path !== undefined) {
      const { body, headers }: Answer<ProductFamilyPage> = await shop.ask<ProductFamilyPage>(path, { token: staff });
      walked.push(...body.data.map(({ id }) => id));
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    const all = await shop.ask<ProductFamilyPage>(`product-families?limit=100&include=total&sort=${sort}`, {
      token: staff,
    });

    expect(walked).toEqual(all.body.data.map(({ id }) => id));
    expect([new Set(walked).size, all.body.page.total]).toEqual([walked.length, walked.length]);
  });

  it('are found by code and slug', async () => {
    const { id, slug } = (await create({ ...SHIRT, code: 'FIND-ME' })).body;
    const found = async (query: string): Promise<string[]> =>
      (await shop.ask<ProductFamilyPage>(`product-families?${query}`, { token: staff })).body.data.map((one) => one.id);

    expect([await found('code=FIND-ME'), await found(`slug=${slug}`), await found('code=NONE')]).toEqual([
      [id],
      [id],
      [],
    ]);
  });
});
