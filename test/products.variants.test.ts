import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProductFamilyDto } from '../src/product-families/dto/product-family.dto.js';
import type { ListedProductDto, ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

/** What the rows of a family say of its variants. */
const variantsOf = (size: string[], colour: string[], min: number, max: number, currency = 'GBP'): object => ({
  minPrice: { amount: min, currency },
  maxPrice: { amount: max, currency },
  options: [
    { name: 'Size', values: size },
    { name: 'Colour', values: colour },
  ],
});

describe('the list of products by families', () => {
  let shop: Shop;
  let staff: string;
  let shirts: string;
  let mugs: string;
  let clothes: string;
  beforeAll(async () => {
    shop = await Shop.open({ currency: 'GBP' });
    staff = await signIn(shop, 'staff');
    clothes = (await post<{ id: string }>('categories', { name: 'Clothes' })).id;
    shirts = await family('Shirt', [
      ['S', 'Red', 1000, 2, {}],
      ['M', 'Red', 1100, 0, {}],
      ['L', 'Red', 1200, 1, {}],
      ['M', 'Blue', 1300, 0, {}],
      ['XL', 'Blue', 900, 5, { status: 'draft' }],
      ['S', 'Green', 2, 3, { price: { amount: 2, currency: 'EUR' } }],
    ]);
    mugs = await family('Mug', [
      ['S', 'Red', 700, 1, {}],
      ['L', 'White', 800, 0, {}],
    ]);
    await family('Hidden', [['S', 'Red', 1, 1, { status: 'archived' }]]);
    for (const [name, price] of [
      ['Lamp', 1050],
      ['Apron of a shirt', 750],
      ['Zebra', 5000],
    ] as const) {
      await product({ name, price: { amount: price, currency: 'GBP' } }, 1);
    }
  });
  afterAll(() => shop.close());

  async function post<T>(path: string, json: object): Promise<T> {
    const { status, body } = await shop.ask<T>(path, { method: 'POST', token: staff, json });
    expect(status).toBe(201);
    return body;
  }
  async function product(json: object, stock: number): Promise<string> {
    const { id } = await post<ProductDto>('products', { sku: randomUUID(), ...json });
    if (stock > 0) await post(`products/${id}/stock-adjustments`, { delta: stock, reason: 'delivery' });
    return id;
  }
  /** A family of products that are each called after it and their values. */
  async function family(
    name: string,
    variants: [size: string, colour: string, price: number, stock: number, more: object][],
  ): Promise<string> {
    const members = [];
    for (const [Size, Colour, amount, stock, more] of variants) {
      const json = {
        name: `${name} ${Size} ${Colour}`,
        price: { amount, currency: 'GBP' },
        categoryIds: [clothes],
        ...more,
      };
      members.push({ productId: await product(json, stock), options: { Size, Colour } });
    }
    return (await post<ProductFamilyDto>('product-families', { name, options: ['Size', 'Colour'], members })).id;
  }

  const list = async (query: string, token?: string): Promise<ProductPage> => {
    const { status, body } = await shop.ask<ProductPage>(`products?${query}`, { token });
    expect(status).toBe(200);
    return body;
  };
  const names = async (query: string, token?: string): Promise<string[]> =>
    (await list(`limit=100&${query}`, token)).data.map(({ name }) => name);
  /** Everything on all pages of a list, page by page. */
  async function walk(query: string, limit: number): Promise<ListedProductDto[]> {
    const all: ListedProductDto[] = [];
    let path: string | undefined = `/api/v1/products?limit=${String(limit)}&${query}`;
    while (path !== undefined) {
      const { status, body, headers }: Answer<ProductPage> = await shop.ask<ProductPage>(path);
      expect(status).toBe(200);
      all.push(...body.data);
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    return all;
  }

  it('has one row for each family, with what its variants are, and all products without one', async () => {
    const { data, page } = await list('collapse=family&sort=name&include=total&limit=100');

    expect(data.map(({ name, variants }) => [name, variants])).toEqual([
      ['Apron of a shirt', null],
      ['Lamp', null],
      ['Mug L White', { count: 2, ...variantsOf(['S', 'L'], ['Red', 'White'], 700, 800) }],
      ['Shirt L Red', { count: 5, ...variantsOf(['S', 'M', 'L'], ['Red', 'Blue', 'Green'], 1000, 1300) }],
      ['Zebra', null],
    ]);
    expect(page.total).toBe(5);
    expect((await list('limit=100')).data.filter((row) => 'variants' in row)).toEqual([]);
  });

  it('has the hidden variants for staff alone', async () => {
    const [all, open] = [await list('collapse=family&sort=price', staff), await list('collapse=family&sort=price')];
    const countOf = ({ data }: ProductPage): unknown =>
      data.filter(({ family: of }) => of?.id === shirts).map(({ name, variants }) => [name, variants?.count]);

    expect(countOf(all)).toEqual([['Shirt XL Blue', 5]]);
    expect(countOf(open)).toEqual([['Shirt S Red', 4]]);
    expect(await names('collapse=family&sort=name', staff)).toContain('Hidden S Red');
    expect(await names('collapse=family&sort=name')).not.toContain('Hidden S Red');
  });

  it.each([
    ['sort=price', ['Mug S Red', 'Apron of a shirt', 'Shirt S Red', 'Lamp', 'Zebra']],
    ['sort=-price', ['Zebra', 'Shirt M Blue', 'Lamp', 'Mug L White', 'Apron of a shirt']],
    ['sort=price&currency=EUR', ['Shirt S Green']],
    ['sort=name&inStock=false', ['Mug L White', 'Shirt M Blue']],
    ['sort=-price&inStock=true&maxPrice=1200', ['Shirt L Red', 'Lamp', 'Apron of a shirt', 'Mug S Red']],
    ['sort=name&minPrice=1100&maxPrice=1300', ['Shirt L Red']],
    ['sort=price&option=Colour:Blue', ['Shirt M Blue']],
    ['q=shirt&sort=price', ['Apron of a shirt', 'Shirt S Red']],
    ['q=shirtt&sort=price', ['Apron of a shirt', 'Shirt S Red']],
    ['q=red&sort=price', ['Mug S Red', 'Shirt S Red']],
  ])('shows with %s the first of the variants that match', async (query, expected) => {
    expect(await names(`collapse=family&${query}`)).toEqual(expected);
  });

  it('sums up the variants that match alone', async () => {
    const { data } = await list('collapse=family&sort=name&inStock=true&option=Colour:Red&minPrice=900');

    expect(data.map(({ name, variants }) => [name, variants])).toEqual([
      ['Shirt L Red', { count: 2, ...variantsOf(['S', 'L'], ['Red'], 1000, 1200) }],
    ]);
  });

  it.each([
    ...['name', '-name', 'price', '-price', 'createdAt', '-createdAt'].map((sort) => `sort=${sort}`),
    ...['', '&sort=name', '&sort=price', '&sort=-createdAt', '&sort=relevance'].map((sort) => `q=shirt${sort}`),
    'q=shirtt',
    'inStock=true&sort=-price',
    'sort=name&inStock=false',
  ])('is walked with %s without a family twice, and none is lost', async (query) => {
    const asked = `${query}&collapse=family`;
    const whole = await list(`${asked}&limit=100&include=total`);
    const rows = (await list(`${query}&limit=100`)).data;
    const keyOf = ({ id, family: of }: ProductDto): string => of?.id ?? id;
    const firsts = rows.filter((row, at) => rows.findIndex((other) => keyOf(other) === keyOf(row)) === at);

    expect(whole.data.length).toBeGreaterThan(1);
    expect(whole.data.map(({ id }) => id)).toEqual(firsts.map(({ id }) => id));
    expect(whole.page.total).toBe(whole.data.length);
    expect(await walk(asked, 1)).toEqual(whole.data);
    expect(await walk(asked, 2)).toEqual(whole.data);
  });

  it('can be of one family, and of values of options', async () => {
    expect(await names(`familyId=${mugs}&sort=name`)).toEqual(['Mug L White', 'Mug S Red']);
    expect(await names('option=Size:S&sort=name&currency=GBP')).toEqual(['Mug S Red', 'Shirt S Red']);
    expect(await names('option=Size:M&option=Size:L&option=Colour:Red&sort=name')).toEqual([
      'Shirt L Red',
      'Shirt M Red',
    ]);
    expect(await names('option=Red:Colour')).toEqual([]);
    expect(await names(`familyId=${randomUUID()}`)).toEqual([]);
  });

  it.each(['option=Size', 'option=:M', 'collapse=sku', 'familyId=x'])('refuses %s', async (query) => {
    const name = query.slice(0, query.indexOf('='));
    expect(await shop.ask(`products?${query}`)).toMatchObject({ status: 400, body: { errors: [{ parameter: name }] } });
  });

  it('counts the values of options of the results, and no hidden ones', async () => {
    const { facets } = await list(`categoryId=${clothes}&include=facets`);

    expect(facets?.options).toEqual([
      {
        name: 'Colour',
        values: [
          { value: 'Red', count: 4 },
          { value: 'Blue', count: 1 },
          { value: 'Green', count: 1 },
          { value: 'White', count: 1 },
        ],
      },
      {
        name: 'Size',
        values: [
          { value: 'S', count: 3 },
          { value: 'L', count: 2 },
          { value: 'M', count: 2 },
        ],
      },
    ]);
    expect((await list('q=zebra&include=facets')).facets?.options).toEqual([]);
  });
});
