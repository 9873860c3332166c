import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import { type Account, mailsTo, openAccount, settled } from './support/accounts.js';
import { Shop } from './support/shop.js';

describe('the mails of an order', () => {
  let shop: Shop;
  let staff: Account;
  let customer: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    [staff, customer] = [await openAccount(shop, 'staff'), await openAccount(shop, 'customer')];
  });
  afterAll(() => shop.close());

  const post = async <T>(path: string, { token }: Account, json: object): Promise<T> => {
    const headers = { 'idempotency-key': randomUUID(), 'if-match': '*' };
    return (await shop.ask<T>(path, { method: 'POST', token, headers, json })).body;
  };
  const subjects = (): string[] => mailsTo(shop, customer.email).map(({ subject }) => subject);

  it('come when it is confirmed, and with each parcel; none when it is placed or cancelled', async () => {
    const price = { amount: 0, currency: 'GBP' };
    const { id: productId } = await post<{ id: string }>('products', staff, {
      sku: randomUUID(),
      name: 'Lantern',
      price,
    });
    await post(`products/${productId}/stock-adjustments`, staff, { delta: 10, reason: 'Delivery' });
    const order = await post<OrderDto>('orders', customer, { items: [{ productId, quantity: 3 }] });
    const unitPrice = { amount: 100, currency: 'GBP' };
    const json = { items: [{ productId, quantity: 1, unitPrice }], customerId: customer.id };
    const { id: unpaid } = await post<OrderDto>('orders', staff, json);
    await post(`orders/${unpaid}/cancel`, customer, {});
    await settled(shop);

    expect(subjects()).toEqual([`Your order ${order.number} is confirmed`]);
    expect(mailsTo(shop, customer.email)[0]?.text).toContain('3 × Lantern: GBP 0.00\n\nTotal: GBP 0.00');

    const lineId = order.items[0]?.id ?? '';
    const first = { lines: [{ lineId, quantity: 1 }], carrier: 'Parcel Post', trackingNumber: 'PP1' };
    await post(`orders/${order.id}/fulfillments`, staff, first);
    await settled(shop);
    await post(`orders/${order.id}/fulfillments`, staff, { lines: [{ lineId, quantity: 2 }] });
    await settled(shop);

    const [second, other, confirmed] = mailsTo(shop, customer.email);
    expect([second?.subject, other?.subject, confirmed?.subject]).toEqual([
      `Your order ${order.number} was sent`,
      `Your order ${order.number} was sent`,
      `Your order ${order.number} is confirmed`,
    ]);
    expect(other?.text).toContain('1 × Lantern\n\nCarrier: Parcel Post\nTracking number: PP1\n\nThe rest');
    expect(second?.text).toContain('2 × Lantern\n\nWith it, your order is complete.');
    expect(subjects()).toHaveLength(3);
  });
});
