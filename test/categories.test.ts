import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CategoryDto, CategoryPage } from '../src/categories/dto/category.dto.js';
import { signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('categories', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
  });
  afterAll(() => shop.close());

  const create = async (name: string, parentId?: string): Promise<CategoryDto> =>
    (await shop.ask<CategoryDto>('categories', { method: 'POST', token: staff, json: { name, parentId } })).body;

  it('are made by staff, with a Location and an ETag', async () => {
    const answer = await shop.ask<CategoryDto>('categories', {
      method: 'POST',
      token: staff,
      json: { name: 'Garden' },
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/categories/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1-staff"');
    expect(answer.body).toMatchObject({ name: 'Garden', parentId: null, path: ['Garden'] });
  });

  it('are made by nobody else', async () => {
    const json = { name: 'Attic' };

    expect((await shop.ask('categories', { method: 'POST', json })).status).toBe(401);
    expect((await shop.ask('categories', { method: 'POST', token: customer, json })).status).toBe(403);
  });

  it('are listed as a tree, each parent before its children', async () => {
    const toys = await create('Toys');
    const dolls = await create('Dolls', toys.id);
    await create('Rag Dolls', dolls.id);
    await create('Ångström', toys.id);
    await create('Toys & Games');

    const { body } = await shop.ask<CategoryPage>('categories?limit=100');

    const paths = body.data.map(({ path }) => path.join(' > ')).filter((path) => path.startsWith('Toys'));
    expect(paths).toEqual(['Toys', 'Toys > Ångström', 'Toys > Dolls', 'Toys > Dolls > Rag Dolls', 'Toys & Games']);
  });

  it('are walked page by page', async () => {
    const all = (await shop.ask<CategoryPage>('categories?limit=100')).body.data.map(({ id }) => id);

    const walked: string[] = [];
    let path: string | null = '/api/v1/categories?limit=1';
    while (path !== null) {
      const page: { body: CategoryPage; headers: Headers } = await shop.ask<CategoryPage>(path);
      walked.push(...page.body.data.map(({ id }) => id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }

    expect(walked).toEqual(all);
  });

  it('have names that are unique among siblings', async () => {
    const kitchen = await create('Kitchen');
    await create('Cups', kitchen.id);

    const twin = await shop.ask('categories', {
      method: 'POST',
      token: staff,
      json: { name: 'Cups', parentId: kitchen.id },
    });

    expect(twin.status).toBe(409);
    expect(twin.body.type).toMatch(/\/problems\/category-name-taken$/);
  });

  it('refuse a parent that does not exist', async () => {
    const parentId = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
    const answer = await shop.ask('categories', { method: 'POST', token: staff, json: { name: 'Orphans', parentId } });

    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer: '#/parentId', code: 'exists' }]);
  });

  it('move to another parent, and back to the top', async () => {
    const [lamps, shades] = [await create('Lamps'), await create('Shades')];
    const moved = await shop.ask<CategoryDto>(`categories/${shades.id}`, {
      method: 'PATCH',
      token: staff,
      headers: { 'if-match': '"1"' },
      json: { parentId: lamps.id },
    });
    const back = await shop.ask<CategoryDto>(`categories/${shades.id}`, {
      method: 'PATCH',
      token: staff,
      headers: { 'if-match': moved.headers.get('etag') ?? '' },
      json: { parentId: null },
    });

    expect(moved.body.path).toEqual(['Lamps', 'Shades']);
    expect(back.body.path).toEqual(['Shades']);
  });

  it('never stand below themselves', async () => {
    const top = await create('Top');
    const below = await create('Below', top.id);

    const answer = await shop.ask(`categories/${top.id}`, {
      method: 'PATCH',
      token: staff,
      headers: { 'if-match': '"1"' },
      json: { parentId: below.id },
    });

    expect(answer.status).toBe(409);
    expect(answer.body.type).toMatch(/\/problems\/category-circle$/);
  });

  it('close no circle when two are moved below each other at once', async () => {
    const [left, right] = [await create('Left'), await create('Right')];
    const move = (id: string, parentId: string): Promise<{ status: number }> =>
      shop.ask(`categories/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': '*' }, json: { parentId } });

    const answers = await Promise.all([move(left.id, right.id), move(right.id, left.id)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('have at most eight levels, whether they are created or moved', async () => {
    const patch = (id: string, parentId: string): Promise<{ status: number; body: Record<string, unknown> }> =>
      shop.ask(`categories/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': '*' }, json: { parentId } });
    const levels = [await create('Level 1')];
    for (let level = 2; level <= 8; level++) levels.push(await create(`Level ${String(level)}`, levels.at(-1)?.id));
    const [top, seventh, eighth] = [levels[0]?.id, levels[6]?.id ?? '', levels[7]?.id ?? ''];
    const tooDeep = { status: 422, body: { errors: [{ pointer: '#/parentId', code: 'depth' }] } };

    const json = { name: 'Level 9', parentId: eighth };
    expect(await shop.ask('categories', { method: 'POST', token: staff, json })).toMatchObject(tooDeep);

    const branch = await create('Branch');
    await create('Leaf', branch.id);
    expect(await patch(branch.id, seventh)).toMatchObject(tooDeep);
    expect((await patch(branch.id, levels[5]?.id ?? '')).status).toBe(200);
    expect(await patch(top ?? '', (await create('Above')).id)).toMatchObject(tooDeep);
  });

  it('are either renamed or moved when both are tried at once with one ETag', async () => {
    const [here, there] = [await create('Here'), await create('There')];
    let etag = '"1"';
    for (let round = 0; round < 20; round++) {
      const patch = (json: object): Promise<{ status: number; headers: Headers }> =>
        shop.ask(`categories/${here.id}`, { method: 'PATCH', token: staff, headers: { 'if-match': etag }, json });

      const answers = await Promise.all([
        patch({ name: `Here ${String(round)}` }),
        patch({ parentId: round % 2 === 0 ? there.id : null, name: `Moved ${String(round)}` }),
      ]);

      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      etag = answers.find(({ status }) => status === 200)?.headers.get('etag') ?? '';
    }
  });

  it('are renamed while products are put into them', async () => {
    const sale = await create('Sale');
    const price = { amount: 1, currency: 'GBP' };
    const put = (number: number): Promise<{ status: number }> =>
      shop.ask('products', {
        method: 'POST',
        token: staff,
        json: { sku: `SALE-${String(number)}`, name: 'Lantern', price, categoryIds: [sale.id] },
      });
    const rename = (number: number): Promise<{ status: number }> =>
      shop.ask(`categories/${sale.id}`, {
        method: 'PATCH',
        token: staff,
        headers: { 'if-match': '*' },
        json: { name: `Sale ${String(number)}` },
      });

    const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => [put(number), rename(number)]).flat());

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
  });

  it('are found by their slug', async () => {
    const found = await create('Findable');

    const { body } = await shop.ask<CategoryPage>(`categories?slug=${found.slug}`);

    expect(body.data.map(({ id }) => id)).toEqual([found.id]);
  });

  it('are deleted only when nothing is in them', async () => {
    const full = await create('Full');
    const inside = await create('Inside', full.id);
    const remove = (id: string): Promise<{ status: number; body: Record<string, unknown> }> =>
      shop.ask(`categories/${id}`, { method: 'DELETE', token: staff, headers: { 'if-match': '"1"' } });

    const refused = await remove(full.id);
    expect(refused.status).toBe(409);
    expect(refused.body.type).toMatch(/\/problems\/category-in-use$/);

    expect((await remove(inside.id)).status).toBe(204);
    expect((await remove(full.id)).status).toBe(204);
    expect((await shop.ask(`categories/${full.id}`)).status).toBe(404);
  });
});
