import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  type BulkFamily,
  type BulkFamilyResult,
  ProductFamiliesBulkService,
} from '../src/product-families/product-families.bulk.service.js';
import type { ProductFamilyDto, ProductFamilyPage } from '../src/product-families/dto/product-family.dto.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { Shop } from './support/shop.js';
import { statementsOf } from './support/statements.js';

describe('many product families at once', () => {
  let shop: Shop;
  let staff: string;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await signIn(shop, 'staff');
  });
  afterAll(() => shop.close());

  const product = async (): Promise<string> => {
    const json = { sku: randomUUID(), name: 'Shirt', price: { amount: 1, currency: 'GBP' } };
    return (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json })).body.id;
  };
  /** In the order of their ids, as families have their members. */
  const products = async (count: number): Promise<string[]> =>
    (await Promise.all(Array.from({ length: count }, product))).sort();
  const ensure = (...families: BulkFamily[]): Promise<BulkFamilyResult[]> =>
    shop.app.get(ProductFamiliesBulkService).ensureMany(families);
  const outcomes = async (...families: BulkFamily[]): Promise<string[]> =>
    (await ensure(...families)).map(({ outcome }) => outcome);
  const read = async (code: string): Promise<ProductFamilyDto> => {
    const { body } = await shop.ask<ProductFamilyPage>(`product-families?code=${code}`, { token: staff });
    return (await shop.ask<ProductFamilyDto>(`product-families/${body.data[0]?.id ?? ''}`, { token: staff })).body;
  };
  const sizes = (ids: readonly string[]): BulkFamily['members'] =>
    ids.map((productId, at) => ({ productId, values: [String(at)] }));
  const shirt = (code: string, ids: readonly string[]): BulkFamily => ({
    code,
    name: 'Shirt',
    options: ['Size'],
    members: sizes(ids),
  });
  const events = async (id: string): Promise<string[]> => {
    const text = 'SELECT name FROM outbox WHERE aggregate_id = $1 ORDER BY version';
    return (await shop.app.get(DataSource).query<{ name: string }[]>(text, [id])).map(({ name }) => name);
  };

  it('are made with their members, and nothing is written when they are given again', async () => {
    const [one, two] = [await products(2), await products(1)];
    const families = [shirt('ONE', one), shirt('TWO', two)];

    expect(await ensure(...families)).toEqual(['ONE', 'TWO'].map((code) => ({ code, outcome: 'created', faults: [] })));
    const first = await read('ONE');
    expect(first.members).toEqual(
      sizes(one).map(({ productId, values: [Size] }) => ({ productId, options: { Size } })),
    );
    expect(await outcomes(...families)).toEqual(['unchanged', 'unchanged']);
    expect(await read('ONE')).toEqual(first);
    expect(await events(first.id)).toEqual(['product-family.created']);
    expect(await events(one[0] ?? '')).toEqual(['product.created', 'product.updated']);
  });

  it('keep members that are not given, and get new ones, another name and other values', async () => {
    const [a = '', b = '', c = ''] = await products(3);
    await ensure(shirt('KEEP', [a, b]));

    const others = {
      ...shirt('KEEP', []),
      name: 'Jersey',
      members: [
        { productId: b, values: ['9'] },
        { productId: c, values: ['1'] },
      ],
    };
    expect(await outcomes(others)).toEqual(['updated']);

    const after = await read('KEEP');
    const options = new Map(after.members.map(({ productId, options: { Size } }) => [productId, Size]));
    expect([after.name, after.version, options]).toEqual([
      'Jersey',
      2,
      new Map([
        [a, '0'],
        [b, '9'],
        [c, '1'],
      ]),
    ]);
    expect(await events(after.id)).toEqual(['product-family.created', 'product-family.updated']);
    expect((await shop.ask<ProductDto>(`products/${a}`)).body.family?.name).toBe('Jersey');
  });

  it('say which products are no members, and get the others', async () => {
    const [a = '', b = '', c = '', d = ''] = await products(4);
    await ensure(shirt('MINE', [a]));
    const missing = randomUUID();
    const values = ['1'];
    const members = [
      { productId: a, values },
      { productId: b, values },
      { productId: c, values },
      { productId: d, values: ['1', '2'] },
      { productId: missing, values: ['3'] },
    ];

    const [result] = await ensure({ ...shirt('SOME', []), members });

    expect(result?.outcome).toBe('created');
    expect(result?.faults.map(({ productId }) => productId)).toEqual([a, c, d, missing]);
    expect((await read('SOME')).members).toEqual([{ productId: b, options: { Size: '1' } }]);
  });

  it('are refused with options that they cannot have, and the others are made', async () => {
    const [a = '', b = '', c = ''] = await products(3);
    await ensure(shirt('OPTIONS', [a, b]));
    const other = { ...shirt('OPTIONS', []), options: ['Colour'], members: [{ productId: b, values: ['Red'] }] };

    expect(await outcomes({ ...shirt('NONE', [c]), options: [] }, other, shirt('LAST', [c]))).toEqual([
      'refused',
      'refused',
      'created',
    ]);
    expect(await read('OPTIONS')).toMatchObject({ options: ['Size'], version: 1 });
    const all = sizes([a, b]);
    expect(await outcomes({ ...other, members: all })).toEqual(['updated']);
    expect((await read('OPTIONS')).members[0]?.options).toEqual({ Colour: '0' });
  });

  it('give a product to the first that names it', async () => {
    const [a = ''] = await products(1);

    const results = await ensure(shirt('FIRST', [a]), shirt('SECOND', [a]));

    expect(results.map(({ faults }) => faults.length)).toEqual([0, 1]);
  });

  it('are made once by several who make them at once', async () => {
    const ids = await products(3);
    const families = [shirt('RACE-A', ids.slice(0, 1)), shirt('RACE-B', ids.slice(1))];

    const all = await Promise.all([families, families.toReversed(), families].map((each) => outcomes(...each)));

    expect(all.flat().sort()).toEqual(['created', 'created', ...Array<string>(4).fill('unchanged')]);
  });

  it('take as many statements as few', async () => {
    const ids = await products(12);
    const count = async (families: BulkFamily[]): Promise<number> =>
      (await statementsOf(shop, () => ensure(...families).then(() => undefined))).length;

    const one = await count([shirt('COUNT', ids.slice(0, 1))]);
    const many = await count(ids.slice(1).map((id) => shirt(id, [id])));

    expect(many).toBe(one);
    expect(many).toBeLessThan(10);
  });
});
