import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ShippingMethodDto, ShippingMethodPage } from '../src/shipping-methods/dto/shipping-method.dto.js';
import { signIn } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { type Answer, Shop } from './support/shop.js';

const STANDARD = { name: 'Standard delivery', price: { amount: 395, currency: 'GBP' }, countries: ['GB', 'IE'] };

describe('shipping methods', () => {
  let shop: Shop;
  let staff: string;
  let customer: string;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
  });
  afterAll(() => shop.close());

  const create = (more: object = {}, token = staff): Promise<Answer<ShippingMethodDto>> =>
    shop.ask<ShippingMethodDto>('shipping-methods', { method: 'POST', token, json: { ...STANDARD, ...more } });
  const change = (id: string, json: object, etag = '*'): Promise<Answer<ShippingMethodDto>> =>
    shop.ask(`shipping-methods/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': etag }, json });
  const namesIn = async (query: string, token?: string): Promise<string[]> =>
    (await shop.ask<ShippingMethodPage>(`shipping-methods?${query}`, { token })).body.data.map(({ name }) => name);

  it('are made, with a Location and an ETag, and read by everybody', async () => {
    const { status, headers, body } = await create({ freeFrom: { amount: 5000, currency: 'GBP' } });

    expect([status, headers.get('location')]).toEqual([201, `/api/v1/shipping-methods/${body.id}`]);
    expect(body).toMatchObject({ ...STANDARD, freeFrom: { amount: 5000, currency: 'GBP' }, active: true, version: 1 });
    expect((await shop.ask(`shipping-methods/${body.id}`)).body).toEqual(body);
    expect((await eventsOf(shop, body.id)).map(({ name }) => name)).toEqual(['shipping-method.created']);
  });

  it.each([
    [{ name: '' }, '#/name', 'minLength'],
    [{ price: { amount: -1, currency: 'GBP' } }, '#/price/amount', 'min'],
    [{ price: { amount: 1.5, currency: 'GBP' } }, '#/price/amount', 'isInt'],
    [{ countries: [] }, '#/countries', 'arrayNotEmpty'],
    [{ countries: ['gb'] }, '#/countries', 'isCountryCode'],
    [{ countries: ['GB', 'XX'] }, '#/countries', 'isCountryCode'],
    [{ countries: ['GB', 'GB'] }, '#/countries', 'arrayUnique'],
    [{ freeFrom: { amount: 5000, currency: 'EUR' } }, '#/freeFrom/currency', 'currency'],
    [{ version: 7 }, '#/version', 'unknown'],
  ])('are refused with %j', async (wrong, pointer, code) => {
    const { status, body } = await create(wrong);

    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ pointer, code }] });
  });

  it('are written by staff alone', async () => {
    const { id } = (await create()).body;
    const headers = { 'if-match': '*' };

    expect((await create({}, customer)).status).toBe(403);
    expect((await shop.ask(`shipping-methods/${id}`, { method: 'DELETE', token: customer, headers })).status).toBe(403);
    expect((await shop.ask(`shipping-methods/${id}`, { method: 'DELETE', token: staff, headers })).status).toBe(204);
    expect((await shop.ask(`shipping-methods/${id}`)).status).toBe(404);
  });

  it('are changed in the version that is named', async () => {
    const { body, headers } = await create();
    const etag = headers.get('etag') ?? '';
    const { status, body: changed } = await change(body.id, { price: { amount: 450 }, countries: ['FR'] }, etag);

    expect([status, changed.price, changed.countries, changed.version]).toEqual([
      200,
      { amount: 450, currency: 'GBP' },
      ['FR'],
      2,
    ]);
    expect((await change(body.id, { name: 'Late' }, etag)).status).toBe(412);
    expect((await shop.ask(`shipping-methods/${body.id}`)).body).toMatchObject({ name: STANDARD.name });
  });

  it('are found by the country that they go to, in the order of their names', async () => {
    for (const [name, countries] of [
      ['Zeppelin', ['NO', 'SE']],
      ['Bicycle', ['NO']],
      ['Tram', ['SE']],
    ] as const)
      await create({ name, countries });

    expect(await namesIn('country=NO')).toEqual(['Bicycle', 'Zeppelin']);
    expect(await namesIn('country=SE')).toEqual(['Tram', 'Zeppelin']);
    expect(await namesIn('country=DK')).toEqual([]);
    expect((await shop.ask('shipping-methods?country=no')).status).toBe(400);
  });

  it('do not exist for customers while they are not active', async () => {
    const { id } = (await create({ name: 'Winter sledge', countries: ['FI'], active: false })).body;

    expect((await shop.ask(`shipping-methods/${id}`)).status).toBe(404);
    expect((await shop.ask(`shipping-methods/${id}`, { token: customer })).status).toBe(404);
    expect((await shop.ask(`shipping-methods/${id}`, { token: staff })).status).toBe(200);
    for (const query of ['country=FI', 'country=FI&active=false', 'country=FI&active=true'])
      expect([query, await namesIn(query, customer)]).toEqual([query, []]);
    expect(await namesIn('country=FI&active=false', staff)).toEqual(['Winter sledge']);
    await change(id, { active: true });
    expect(await namesIn('country=FI')).toEqual(['Winter sledge']);
  });
});
