import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/api.js';
import { openAccount, PASSWORD } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('a client that is typed by the document', () => {
  let shop: Shop;
  let client: Client<paths>;
  beforeAll(async () => {
    shop = await Shop.open();
    client = createClient<paths>({ baseUrl: shop.url });
  });
  afterAll(() => shop.close());

  it('signs in, makes a product, and changes it', async () => {
    const { email } = await openAccount(shop, 'staff');
    const login = await client.POST('/api/v1/auth/login', { body: { email, password: PASSWORD } });
    const headers = { authorization: `Bearer ${login.data?.accessToken ?? ''}` };

    const body = { sku: 'LANT-RED-01', name: 'Red Metal Lantern', price: { amount: 1999, currency: 'GBP' } };
    const made = await client.POST('/api/v1/products', { headers, body });
    const changed = await client.PATCH('/api/v1/products/{id}', {
      params: { path: { id: made.data?.id ?? '' }, header: { 'If-Match': made.response.headers.get('etag') ?? '' } },
      headers,
      body: { price: { amount: 1799 } },
    });

    expect(changed.data?.price).toEqual({ amount: 1799, currency: 'GBP' });
  });

  it('gets a problem for what is refused', async () => {
    const { error, response } = await client.GET('/api/v1/products', { params: { query: { limit: 101 } } });

    expect(response.status).toBe(400);
    expect(error?.errors).toEqual([{ parameter: 'limit', code: 'max', detail: expect.any(String) }]);
  });
});
