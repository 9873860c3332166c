import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProblemDto } from '../src/common/http/problems/problem.dto.js';
import { SandboxGateway } from '../src/payments/providers/sandbox.gateway.js';
import { SettlementService } from '../src/payments/settlement.service.js';
import { settled } from './support/accounts.js';
import { Till } from './support/orders.js';
import { type Answer, Shop } from './support/shop.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

let shop: Shop;
let till: Till;
beforeAll(async () => {
  shop = await Shop.open();
  till = await Till.open(shop);
});
afterAll(() => shop.close());
afterEach(() => {
  jest.restoreAllMocks();
});

const sandbox = (): SandboxGateway => shop.app.get(SandboxGateway);
const cancel = async (orderId: string): Promise<void> => {
  await till.post(`orders/${orderId}/cancel`, {});
  await settled(shop);
};
const onHand = async (productId: string): Promise<number> =>
  (await shop.ask<{ stock: { available: number } }>(`products/${productId}`)).body.stock.available;
const send = (orderId: string, lineId: string, quantity: number): Promise<Answer<Partial<ProblemDto>>> =>
  till.post(`orders/${orderId}/fulfillments`, { lines: [{ lineId, quantity }] }, { by: till.staff });

describe('a payment without an outcome', () => {
  it('is not sent again once the provider may have forgotten its key: staff look at it', async () => {
    const order = await till.order();
    await till.pay(order.id, 'tok_timeout_lost');
    jest.spyOn(sandbox(), 'find').mockResolvedValue(undefined);
    jest.spyOn(sandbox(), 'authorize').mockRejectedValue(new Error('the connection broke'));
    for (let check = 0; check < 6; check++) await till.later(6 * HOUR + check * 60);
    const again = jest.spyOn(sandbox(), 'authorize').mockClear();
    await till.later(DAY + HOUR);

    expect(again).not.toHaveBeenCalled();
    expect(await till.states(order.id)).toEqual(['capture needs_review']);
  });

  it('is sent again for an order that was cancelled meanwhile, so that its outcome is certain, and given back', async () => {
    const order = await till.order();
    await till.pay(order.id, 'tok_timeout_lost');
    await cancel(order.id);
    await till.later(60);
    await till.later(60);

    expect(await till.moved(order.id)).toEqual(['capture 1000', 'refund 1000']);
    expect(await till.states(order.id)).toEqual(['capture captured', 'refund refunded']);
    expect(await till.read(order.id)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
  });

  it('keeps the reference of an answer about another amount, and is 202', async () => {
    const order = await till.order();
    jest
      .spyOn(sandbox(), 'authorize')
      .mockResolvedValueOnce({ state: 'succeeded', reference: 'sbx_other', amount: 999, currency: 'GBP' });
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const { status, body } = await till.pay(order.id, 'tok_success');

    expect([status, body.state, body.providerReference]).toEqual([202, 'unknown', 'sbx_other']);
    expect(await till.posted(order.id)).toEqual({});
  });

  it('is due no more while it is on its way', async () => {
    const order = await till.order();
    const soon = new Date(Date.now() + 5000);
    await shop.app.get(DataSource).query('UPDATE orders SET expires_at = $2 WHERE id = $1', [order.id, soon]);
    await till.pay(order.id, 'tok_timeout');
    const expiresAt = (await till.read(order.id)).expiresAt ?? '';

    expect(new Date(expiresAt).getTime()).toBeGreaterThan(soon.getTime() + 60_000);
    const late = await till.order();
    await shop.app
      .get(DataSource)
      .query("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1", [late.id]);
    expect((await till.pay(late.id, 'tok_success')).body).toMatchObject({ code: 'order-not-payable' });
  });
});

describe('money of an order that has ended', () => {
  it('is given back again after the provider declined that, later each time, and then an error is logged', async () => {
    const order = await till.paidOrder(1, 'tok_refund_declined');
    const log = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const logged = (): unknown[] =>
      log.mock.calls.map(([, message]: unknown[]) => message).filter((message) => String(message).startsWith('Money'));
    await cancel(order.id);
    expect(await till.states(order.id)).toEqual(['capture captured', 'refund declined', 'refund pending']);
    await till.later(HOUR);
    await till.later(8 * HOUR);
    await till.later(40 * HOUR);
    expect(logged()).toEqual([]);
    await till.later(10 * DAY);
    await till.later(20 * DAY);

    expect(await till.states(order.id)).toEqual(['capture captured', ...Array<string>(5).fill('refund declined')]);
    expect(logged()).toEqual(['Money of a customer could not be given back: look at the payment, and refund it.']);
  });

  it('includes what a refund that was under way did not return', async () => {
    const order = await till.paidOrder();
    jest.spyOn(sandbox(), 'refund').mockRejectedValueOnce(new Error('the connection broke'));
    const { body } = await till.refund(order.id, { amount: 400 });
    await cancel(order.id);
    await shop.app
      .get(SettlementService)
      .settle({ id: body.id, orderId: order.id }, { state: 'declined', reference: null, code: 'insufficient_funds' });
    await settled(shop);

    expect((await till.moved(order.id)).sort()).toEqual(['capture 1000', 'refund 400', 'refund 600']);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 0 });
  });

  it('goes back, and its stock once, when a refund of a line ends after the order was cancelled', async () => {
    const order = await till.paidOrder(2, 'tok_refund_timeout');
    const [item] = order.items;
    const before = await onHand(item?.productId ?? '');
    await till.refund(order.id, { lines: [{ lineId: item?.id ?? '', quantity: 1 }] });
    await cancel(order.id);
    await till.later(10);
    await till.later(70);

    expect(await till.posted(order.id)).toMatchObject({ clearing: 0 });
    expect((await onHand(item?.productId ?? '')) - before).toBe(2);
  });
});

describe('units whose money was paid back', () => {
  it('are not sent any more, and complete an order of which the rest is sent', async () => {
    const order = await till.paidOrder(3);
    const lineId = order.items[0]?.id ?? '';
    await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] });
    const tooMany = await send(order.id, lineId, 3);
    const rest = await send(order.id, lineId, 2);

    expect([tooMany.status, tooMany.body.code, rest.status]).toEqual([409, 'fulfillment-too-large', 201]);
    expect(await till.read(order.id)).toMatchObject({ status: 'completed', fulfillmentStatus: 'fulfilled' });
  });

  it('complete an order of which the rest was sent before', async () => {
    const order = await till.paidOrder(2);
    const lineId = order.items[0]?.id ?? '';
    await send(order.id, lineId, 1);
    expect(await till.read(order.id)).toMatchObject({ status: 'confirmed', fulfillmentStatus: 'partially_fulfilled' });
    await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] });

    expect(await till.read(order.id)).toMatchObject({ status: 'completed', fulfillmentStatus: 'fulfilled' });
  });
});

describe('what is asked of payments', () => {
  it('is authorized without a capture by staff alone', async () => {
    const order = await till.order();
    const json = { token: 'tok_success', capture: false };
    const { status, body } = await till.post<ProblemDto>(`orders/${order.id}/payments`, json);

    expect([status, body]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '#/capture' })] }),
    ]);
    expect(await till.states(order.id)).toEqual([]);
  });

  it('is not null where it has to be one or the other', async () => {
    const order = await till.paidOrder();
    const other = await till.order();
    const lines = [{ lineId: order.items[0]?.id ?? '', quantity: 1 }];

    expect((await till.post(`orders/${other.id}/payments`, { token: 'tok_success', capture: null })).status).toBe(422);
    expect((await till.refund(order.id, { lines, restock: null })).status).toBe(422);
  });

  it('is found at its Location', async () => {
    const order = await till.paidOrder();
    const refund = await till.refund(order.id, { amount: 100 });
    const { pathname } = new URL(refund.headers.get('location') ?? '', `http://shop/api/v1/orders/${order.id}/refunds`);
    const { status, body } = await shop.ask<{ id: string }>(pathname, till.staff);

    expect([status, body.id]).toEqual([200, refund.body.id]);
  });

  it('holds no second authorization of an order that is paid', async () => {
    const order = await till.order();
    const { body } = await till.pay(order.id, 'tok_timeout', { capture: false });
    const settlement = shop.app.get(SettlementService);
    await settlement.settle(
      { id: body.id, orderId: order.id },
      { state: 'declined', reference: null, code: 'resolved_by_staff' },
    );
    await till.pay(order.id, 'tok_success');
    await settlement.settle(
      { id: body.id, orderId: order.id },
      {
        state: 'succeeded',
        reference: `sbx_${body.id}`,
        amount: 1000,
        currency: 'GBP',
      },
    );
    await settled(shop);

    expect((await till.payments(order.id)).map(({ operation, amount }) => [operation, amount.amount])).toEqual([
      ['authorize', 1000],
      ['capture', 1000],
      ['void', 1000],
    ]);
    expect(await till.read(order.id)).toMatchObject({ paymentStatus: 'paid' });
  });
});
