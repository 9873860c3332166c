import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Shop } from './support/shop.js';

describe('every answer', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterAll(() => shop.close());

  it('carries the caller’s request id when it is harmless, else a fresh one', async () => {
    const named = await shop.ask('/livez', { headers: { 'x-request-id': 'order-7.retry_2' } });
    const harmful = await shop.ask('/livez', { headers: { 'x-request-id': 'a b{c}' } });

    expect(named.headers.get('x-request-id')).toBe('order-7.retry_2');
    expect(harmful.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is a problem document where nothing is', async () => {
    const answer = await shop.ask('products/nope/nope');

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({
      type: 'http://localhost:3000/problems/not-found',
      title: 'Not found',
      status: 404,
      instance: '/api/v1/products/nope/nope',
      requestId: answer.headers.get('x-request-id'),
    });
  });
});
