import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Transactions } from '../src/common/database/transactions.js';
import type { Caller } from '../src/common/security/caller.js';
import { permissionsOf } from '../src/common/security/permissions.js';
import type { OrderEventDto } from '../src/orders/dto/order-event.dto.js';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import { OrderPaymentsService, type PayableOrder, type PaymentEvent } from '../src/orders/order-payments.service.js';
import type { PaymentSums } from '../src/orders/orders.payment-status.js';
import { OrdersExpiryService } from '../src/orders/orders.expiry.service.js';
import { type Account, openAccount } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { Shop } from './support/shop.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

let shop: Shop;
let staff: Account;
let customer: Account;
let payments: OrderPaymentsService;
beforeAll(async () => {
  shop = await Shop.open();
  [staff, customer] = [await openAccount(shop, 'staff'), await openAccount(shop, 'customer')];
  payments = shop.app.get(OrderPaymentsService);
});
afterAll(() => shop.close());

const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
const post = async <T>(path: string, json: object, { token } = staff): Promise<T> =>
  (await shop.ask<T>(path, { method: 'POST', token, headers: { 'idempotency-key': randomUUID() }, json })).body;
const read = async (id: string): Promise<OrderDto> => (await shop.ask<OrderDto>(`orders/${id}`, customer)).body;
const historyOf = async (id: string): Promise<OrderEventDto[]> =>
  (await shop.ask<{ data: OrderEventDto[] }>(`orders/${id}/events`, customer)).body.data;
const stockOf = async (id = ''): Promise<unknown> =>
  (await sql('SELECT on_hand, reserved FROM stock_levels WHERE product_id = $1', [id]))[0];

/** An order of 2 units for 1000 each, of 10 that there are. */
async function order(): Promise<OrderDto> {
  const price = { amount: 1000, currency: 'GBP' };
  const { id } = await post<{ id: string }>('products', { sku: randomUUID(), name: 'Lantern', price });
  await post(`products/${id}/stock-adjustments`, { delta: 10, reason: 'Delivery' });
  return post<OrderDto>('orders', { items: [{ productId: id, quantity: 2 }] }, customer);
}

/** Has payments record something of an order, under its lock, as they do. */
function record(
  id: string,
  event: PaymentEvent['event'],
  sums: Partial<PaymentSums>,
  more: Partial<PaymentEvent> = {},
): Promise<{ order: PayableOrder; isUnwanted: boolean }> {
  const all = { authorized: 0, captured: 0, refunded: 0, isUnresolved: false, ...sums };
  return shop.app.get(Transactions).run(async () => {
    const locked = await payments.lock(id);
    if (!locked) throw new Error(`there is no order ${id}`);
    return payments.recordPayment(locked, all, { event, attemptId: NOBODYS_ID, amount: 2000, actorId: null, ...more });
  });
}
const expireAt = (id: string, interval: string): Promise<unknown> =>
  sql('UPDATE orders SET expires_at = now() + $2::interval WHERE id = $1', [id, interval]);

describe('a payment of an order', () => {
  it('finds the order for its customer and for staff, and for nobody else', async () => {
    const { id, number } = await order();
    const callerOf = ({ id: userId }: Account, role: 'customer' | 'staff'): Caller => ({
      userId,
      sessionId: NOBODYS_ID,
      roles: [role],
      permissions: permissionsOf([role]),
    });

    expect(await payments.find(id, callerOf(customer, 'customer'))).toMatchObject({
      id,
      number,
      customerId: customer.id,
      status: 'pending',
      paymentStatus: 'unpaid',
      currency: 'GBP',
      total: 2000,
      shippingTotal: 0,
      version: 1,
    });
    await expect(payments.find(id, callerOf(staff, 'staff'))).resolves.toMatchObject({ id });
    await expect(payments.find(id, callerOf({ ...customer, id: NOBODYS_ID }, 'customer'))).rejects.toThrow('no order');
    await expect(payments.find(NOBODYS_ID, callerOf(staff, 'staff'))).rejects.toThrow('no order');
  });

  it.each([
    ['payment_authorized', { authorized: 2000 }, 'authorized'],
    ['payment_captured', { captured: 2000 }, 'paid'],
  ] as const)('in full (%s) confirms it, and sells its stock once', async (event, sums, paymentStatus) => {
    const { id, items } = await order();
    const first = await record(id, event, sums);
    const again = await record(id, event, sums);

    expect([first.isUnwanted, again.isUnwanted]).toEqual([false, false]);
    expect(first.order).toMatchObject({ status: 'confirmed', paymentStatus, expiresAt: null, version: 2 });
    expect(again.order.version).toBe(2);
    expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: 8, reserved: 0 });
    expect((await eventsOf(shop, id)).map(({ name }) => name)).toEqual(['order.placed', 'order.confirmed']);
    expect((await historyOf(id)).map(({ name }) => name)).toEqual(['placed', event, 'confirmed', event]);
  });

  it('in part confirms nothing', async () => {
    const { id, items } = await order();
    const { order: after, isUnwanted } = await record(id, 'payment_captured', { captured: 1999 });

    expect([after.status, after.paymentStatus, isUnwanted]).toEqual(['pending', 'authorized', false]);
    expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: 10, reserved: 2 });
  });

  it('that is declined leaves it as it is, and is written down', async () => {
    const { id } = await order();
    const { order: after } = await record(id, 'payment_declined', {}, { actorId: customer.id });

    expect([after.status, after.paymentStatus, after.version]).toEqual(['pending', 'unpaid', 1]);
    expect((await historyOf(id)).at(-1)).toMatchObject({
      name: 'payment_declined',
      subjectId: NOBODYS_ID,
      amount: 2000,
      actorId: customer.id,
    });
  });

  it('whose outcome is unknown keeps its stock beyond its time, until it is known', async () => {
    const { id, items } = await order();
    await record(id, 'payment_unresolved', { isUnresolved: true });
    const waiting = await read(id);
    const days = (Date.parse(waiting.expiresAt ?? '') - Date.now()) / 86_400_000;
    await expireAt(id, '-1 hour');
    await shop.app.get(OrdersExpiryService).expireBatch();
    const kept = await read(id);
    await record(id, 'payment_declined', {});
    const known = await read(id);

    expect([waiting.paymentStatus, kept.status, known.paymentStatus]).toEqual(['unresolved', 'pending', 'unpaid']);
    expect(days).toBeGreaterThan(2);
    expect((Date.parse(known.expiresAt ?? '') - Date.now()) / 60_000).toBeCloseTo(15, 0);
    expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: 10, reserved: 2 });
    await expireAt(id, '-1 second');
    await shop.app.get(OrdersExpiryService).expireBatch();
    expect((await read(id)).status).toBe('expired');
  });

  it('that comes for a cancelled or an expired order is unwanted', async () => {
    const [cancelled, expired] = [await order(), await order()];
    const headers = { 'if-match': '*' };
    await shop.ask(`orders/${cancelled.id}/cancel`, { method: 'POST', token: customer.token, headers, json: {} });
    await expireAt(expired.id, '-1 second');
    await shop.app.get(OrdersExpiryService).expireBatch();

    for (const [{ id, items }, status] of [
      [cancelled, 'cancelled'],
      [expired, 'expired'],
    ] as const) {
      const taken = await record(id, 'payment_captured', { captured: 2000 });
      const returned = await record(id, 'payment_refunded', { captured: 2000, refunded: 2000 });

      expect([taken.order.status, taken.order.paymentStatus, taken.isUnwanted]).toEqual([status, 'paid', true]);
      expect([returned.order.paymentStatus, returned.isUnwanted]).toEqual(['refunded', false]);
      expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: 10, reserved: 0 });
    }
  });

  it('is unwanted when the stock of the order is gone, which expires it (P21)', async () => {
    const { id } = await order();
    await sql("UPDATE reservations SET state = 'released' WHERE order_id = $1", [id]);
    const { order: after, isUnwanted } = await record(id, 'payment_captured', { captured: 2000 });

    expect([after.status, after.paymentStatus, isUnwanted]).toEqual(['expired', 'paid', true]);
    expect((await eventsOf(shop, id)).map(({ name }) => name)).toEqual(['order.placed', 'order.expired']);
  });

  it('against expiry at once: one of them wins', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, items } = await order();
      await expireAt(id, '-1 second');
      const [{ isUnwanted }] = await Promise.all([
        record(id, 'payment_captured', { captured: 2000 }),
        shop.app.get(OrdersExpiryService).expireBatch(),
      ]);
      const { status } = await read(id);

      expect([status, isUnwanted]).toEqual(isUnwanted ? ['expired', true] : ['confirmed', false]);
      expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: isUnwanted ? 10 : 8, reserved: 0 });
    }
  });
});

describe('a refund of an order', () => {
  it('counts units by line, and sums', async () => {
    const { id } = await order();
    const { order: paid } = await record(id, 'payment_captured', { captured: 2000 });
    const [line] = paid.lines;
    const lines = [{ lineId: line?.id ?? '', quantity: 1 }];
    const { order: after } = await record(id, 'payment_refunded', { captured: 2000, refunded: 1000 }, { lines });

    expect(line).toMatchObject({ type: 'item', quantity: 2, unitAmount: 1000, total: 2000, refundedQuantity: 0 });
    expect([after.status, after.paymentStatus]).toEqual(['confirmed', 'partially_refunded']);
    expect(await read(id)).toMatchObject({ refunded: { amount: 1000 }, items: [{ refundedQuantity: 1 }], version: 3 });
    const tooMany = { lines: lines.map((one) => ({ ...one, quantity: 2 })) };
    await expect(record(id, 'payment_refunded', { captured: 2000, refunded: 2000 }, tooMany)).rejects.toThrow(
      /order_lines_refunded_valid/,
    );
    expect(await read(id)).toMatchObject({ refunded: { amount: 1000 }, version: 3 });
  });

  it('returns only the units that are left to the stock when the order is cancelled', async () => {
    const { id, items } = await order();
    await record(id, 'payment_captured', { captured: 2000 });
    const lines = [{ lineId: items[0]?.id ?? '', quantity: 1 }];
    await record(id, 'payment_refunded', { captured: 2000, refunded: 1000 }, { lines });
    const headers = { 'if-match': '*' };
    await shop.ask(`orders/${id}/cancel`, { method: 'POST', token: staff.token, headers, json: {} });

    expect(await stockOf(items[0]?.productId)).toEqual({ on_hand: 9, reserved: 0 });
  });
});
