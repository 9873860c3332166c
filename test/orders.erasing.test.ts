import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import { openAccount, settled } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const ADDRESS = {
  name: 'Zacharias Quill',
  phone: '+44 20 5550 1234',
  street: '77 Marmalade Lane',
  city: 'Bristol',
  region: 'Avon',
  postcode: 'BS1 4RN',
  country: 'GB',
};

describe('orders of somebody who is erased (G1)', () => {
  let shop: Shop;
  let staff: string;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = (await openAccount(shop, 'staff')).token;
  });
  afterAll(() => shop.close());

  const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
  const post = <T>(path: string, token: string, json: object): Promise<Answer<T>> => {
    const headers = { 'idempotency-key': randomUUID(), 'if-match': '*' };
    return shop.ask<T>(path, { method: 'POST', token, headers, json });
  };

  it('keep what was bought and its sums, and nothing that says who it was', async () => {
    const price = { amount: 1999, currency: 'GBP' };
    const product = (await post<{ id: string }>('products', staff, { sku: randomUUID(), name: 'Lantern', price })).body;
    await post(`products/${product.id}/stock-adjustments`, staff, { delta: 10, reason: 'Delivery' });
    const [erased, kept] = [await openAccount(shop, 'customer'), await openAccount(shop, 'customer')];
    const json = {
      items: [{ productId: product.id, quantity: 2 }],
      shippingAddress: ADDRESS,
      reference: 'for Zacharias Quill',
    };
    const { body: order } = await post<OrderDto>('orders', erased.token, json);
    const { body: others } = await post<OrderDto>('orders', kept.token, json);
    await post(`orders/${order.id}/cancel`, erased.token, { reason: 'Zacharias Quill moves' });
    const { body: paid } = await post<OrderDto>('orders', erased.token, json);
    const lineId = paid.items[0]?.id ?? '';
    await post(`orders/${paid.id}/payments`, erased.token, { token: 'tok_success' });
    const trackingNumber = 'MARMALADE-77';
    await post(`orders/${paid.id}/fulfillments`, staff, { lines: [{ lineId, quantity: 1 }], trackingNumber });
    const refund = { lines: [{ lineId, quantity: 1 }], reason: 'The one of Zacharias Quill broke' };
    expect((await post(`orders/${paid.id}/refunds`, staff, refund)).status).toBe(201);
    const linesOf = (): Promise<unknown[]> => sql('SELECT * FROM order_lines WHERE order_id = $1', [order.id]);
    const lines = await linesOf();
    // what staff ordered for them is kept of the request of staff
    await post('orders', staff, { ...json, customerId: erased.id });

    const headers = { 'if-match': '*' };
    const { status } = await shop.ask('users/me', { method: 'DELETE', token: erased.token, headers });
    await settled(shop);
    const { body: after } = await shop.ask<OrderDto>(`orders/${order.id}`, { token: staff });

    expect(status).toBe(204);
    expect(after).toMatchObject({
      number: order.number,
      customerId: erased.id,
      status: 'cancelled',
      total: order.total,
      items: order.items,
      reference: null,
      shippingAddress: { name: null, phone: null, street: null, city: 'Bristol', postcode: 'BS1', country: 'GB' },
    });
    expect(await linesOf()).toEqual(lines);
    expect((await shop.ask<OrderDto>(`orders/${others.id}`, { token: staff })).body).toEqual(others);
    // the other customer's own are left
    expect(await sql('SELECT 1 FROM idempotency_keys WHERE user_id = $1', [kept.id])).toHaveLength(1);
    for (const table of [
      'orders',
      'order_lines',
      'order_events',
      'outbox',
      'jobs',
      'stock_movements',
      'idempotency_keys',
    ]) {
      const rows = await sql<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      const own = rows.filter(({ row }) => !row.includes(kept.id)).map(({ row }) => row);

      expect([table, own.filter((row) => /Zacharias|Marmalade|20 5550 1234/i.test(row))]).toEqual([table, []]);
    }
  });
});
