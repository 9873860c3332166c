import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { LedgerVerificationService } from '../src/ledger/ledger.verification.service.js';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import { PaymentsRepository } from '../src/payments/payments.repository.js';
import { SandboxGateway } from '../src/payments/providers/sandbox.gateway.js';
import { Till } from './support/orders.js';
import { Shop } from './support/shop.js';

describe('refunding an order', () => {
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

  const availableOf = async (productId: string): Promise<number> => {
    const { body } = await shop.ask<{ stock: { available: number } }>(`products/${productId}`);
    return body.stock.available;
  };
  const lineOf = ({ items }: OrderDto): { lineId: string; productId: string } => {
    const [item] = items;
    if (!item) throw new Error('the order has no items');
    return { lineId: item.id, productId: item.productId };
  };

  it.each([1, 500, 1000])('P9: refunds %i of a captured 1000', async (amount) => {
    const order = await till.paidOrder();
    const { status, body } = await till.refund(order.id, { amount });

    expect([status, body.state, body.amount.amount, body.reason]).toEqual([201, 'refunded', amount, 'Broken']);
    expect(await till.moved(order.id)).toEqual(['capture 1000', `refund ${String(amount)}`]);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 1000 - amount, refunds: amount });
  });

  it('P10: refunds several times, and what is refunded and can be refunded make up what was captured', async () => {
    const order = await till.paidOrder();
    let refunded = 0;
    for (const amount of [300, 300, 400]) {
      expect((await till.refund(order.id, { amount })).status).toBe(201);
      refunded += amount;
      const { status, body } = await till.refund(order.id, { amount: 1001 - refunded });
      expect([status, body.refundable]).toEqual([422, 1000 - refunded]);
    }

    expect(await till.posted(order.id)).toEqual({ clearing: 0, refunds: 1000, revenue: -1000 });
    expect(await till.read(order.id)).toMatchObject({ paymentStatus: 'refunded', refunded: { amount: 1000 } });
  });

  it('never refunds more than was captured, also with 20 at once', async () => {
    const order = await till.paidOrder();
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.refund(order.id, { amount: 300 })));

    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(3).fill(201),
      ...Array<number>(17).fill(422),
    ]);
    expect(await till.moved(order.id)).toEqual(['capture 1000', 'refund 300', 'refund 300', 'refund 300']);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 100, refunds: 900 });
  });

  it('P15: refunds lines: their sum, back into stock', async () => {
    const order = await till.paidOrder(3);
    const { lineId, productId } = lineOf(order);
    const before = await availableOf(productId);
    const { status, body } = await till.refund(order.id, { lines: [{ lineId, quantity: 2 }] });

    expect([status, body.amount.amount, (await availableOf(productId)) - before]).toEqual([201, 2000, 2]);
    expect((await till.read(order.id)).items[0]?.refundedQuantity).toBe(2);
    const again = await till.refund(order.id, { lines: [{ lineId, quantity: 2 }] });
    expect([again.status, again.body]).toEqual([
      422,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '#/lines/0/quantity', code: 'max' })] }),
    ]);
    expect((await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] })).status).toBe(201);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 0 });
  });

  it('leaves refunded lines out of stock when `restock` is false, and amounts always', async () => {
    const order = await till.paidOrder(3);
    const { lineId, productId } = lineOf(order);
    const before = await availableOf(productId);
    await till.refund(order.id, { lines: [{ lineId, quantity: 1 }], restock: false });
    await till.refund(order.id, { amount: 1000 });

    expect((await availableOf(productId)) - before).toBe(0);
  });

  it('is compared with the ledger by ledger:verify, as payments are', async () => {
    const order = await till.paidOrder();
    await till.refund(order.id, { amount: 300 });
    const faults = async (): Promise<string[]> =>
      (await shop.app.get(LedgerVerificationService).verify()).faults.map(({ detail }) => detail);
    const change = (by: number): Promise<unknown> =>
      shop.app
        .get(DataSource)
        .query(`UPDATE payment_attempts SET amount = amount + $2 WHERE order_id = $1`, [order.id, by]);
    const before = await faults();
    await change(-1);
    const found = await faults();
    await change(1);

    expect(before).toEqual([]);
    expect(found).toEqual([
      expect.stringMatching(/^the payment-attempt \S+ moved 999, and 1000 is posted for it$/),
      expect.stringMatching(/^the payment-attempt \S+ moved -299, and -300 is posted for it$/),
    ]);
  });

  it('P11: changes nothing when the provider declines, and can be tried again', async () => {
    const order = await till.paidOrder(1, 'tok_refund_declined');
    const { lineId, productId } = lineOf(order);
    const before = [await availableOf(productId), await till.posted(order.id)];
    const { status, body } = await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] });

    expect([status, body]).toEqual([
      409,
      expect.objectContaining({ code: 'refund-declined', declineCode: 'refund_declined' }),
    ]);
    expect([await availableOf(productId), await till.posted(order.id)]).toEqual(before);
    expect(await till.read(order.id)).toMatchObject({ paymentStatus: 'paid', refunded: { amount: 0 } });
    expect((await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] })).status).toBe(409);
    expect(await till.states(order.id)).toEqual(['capture captured', 'refund declined', 'refund declined']);
  });

  it('P29: stays unknown when no answer comes, and is never done twice', async () => {
    const [order, key] = [await till.paidOrder(1, 'tok_refund_timeout'), randomUUID()];
    const first = await till.refund(order.id, { amount: 400 }, key);
    const meanwhile = await till.refund(order.id, { amount: 400 }, key);
    const rest = await till.refund(order.id, { amount: 601 });

    expect([first.status, first.body.state]).toEqual([202, 'unknown']);
    expect([meanwhile.status, meanwhile.body.id]).toEqual([202, first.body.id]);
    expect([rest.status, rest.body.refundable]).toEqual([422, 600]);
    await till.later(10);
    await till.later(70);
    const late = await till.refund(order.id, { amount: 400 }, key);
    expect([late.status, late.body.state, late.body.id]).toEqual([201, 'refunded', first.body.id]);
    expect(await till.moved(order.id)).toEqual(['capture 1000', 'refund 400']);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 600 });
  });

  it('P12: is found by its key when the provider did it, and it could not be recorded', async () => {
    const [order, key] = [await till.paidOrder(), randomUUID()];
    jest.spyOn(shop.app.get(PaymentsRepository), 'update').mockRejectedValueOnce(new Error('the process ends here'));
    expect((await till.refund(order.id, { amount: 400 }, key)).status).toBe(500);
    await till.later(70);

    expect(await till.states(order.id)).toEqual(['capture captured', 'refund refunded']);
    expect(await till.moved(order.id)).toEqual(['capture 1000', 'refund 400']);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 600, refunds: 400 });
  });

  it('P16: finds the payment of an order that was sent', async () => {
    const order = await till.paidOrder(2);
    const { lineId } = lineOf(order);
    const { headers } = await shop.ask(`orders/${order.id}`, till.staff);
    const sent = await shop.ask(`orders/${order.id}/fulfillments`, {
      method: 'POST',
      token: till.staff.token,
      headers: { 'if-match': headers.get('etag') ?? '', 'idempotency-key': randomUUID() },
      json: { lines: [{ lineId, quantity: 2 }] },
    });
    expect(sent.status).toBe(201);

    expect((await till.refund(order.id, { lines: [{ lineId, quantity: 1 }] })).status).toBe(201);
  });

  it('O4: refuses no lines, lines of another order, and both or none of lines and amount, before the provider is asked', async () => {
    const [order, other] = [await till.paidOrder(), await till.paidOrder()];
    const refund = jest.spyOn(shop.app.get(SandboxGateway), 'refund');
    const { lineId } = lineOf(order);
    const bodies = [
      { lines: [] },
      { lines: [{ lineId: lineOf(other).lineId, quantity: 1 }] },
      { lines: [{ lineId, quantity: 1 }], amount: 1 },
      {},
      {
        lines: [
          { lineId, quantity: 1 },
          { lineId, quantity: 1 },
        ],
      },
      { amount: 0 },
    ];

    for (const body of bodies) expect((await till.refund(order.id, body)).status).toBe(422);
    expect(refund.mock.calls).toEqual([]);
  });

  it('is refused for an order that was not paid', async () => {
    const order = await till.order();
    const { status, body } = await till.refund(order.id, { amount: 1 });

    expect([status, body]).toEqual([422, expect.objectContaining({ code: 'refund-too-large', refundable: 0 })]);
  });

  it('is for staff', async () => {
    const order = await till.paidOrder();
    const { status } = await till.post(`orders/${order.id}/refunds`, { amount: 1, reason: 'Mine' });

    expect(status).toBe(403);
  });
});
