import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource, QueryFailedError } from 'typeorm';
import { PaymentsRepository } from '../src/payments/payments.repository.js';
import type { ProviderAnswer, ReceivedWebhook } from '../src/payments/providers/payment-provider.js';
import { SANDBOX_SIGNATURE, SandboxGateway } from '../src/payments/providers/sandbox.gateway.js';
import { Till } from './support/orders.js';
import { Shop } from './support/shop.js';

describe('a webhook of the payment provider', () => {
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

  const succeeded = (key: string, amount = 1000): ProviderAnswer => ({
    state: 'succeeded',
    reference: `sbx_${key}`,
    amount,
    currency: 'GBP',
  });
  const signed = (key: string, answer: ProviderAnswer, eventId: string = randomUUID()): ReceivedWebhook =>
    shop.app.get(SandboxGateway).signWebhook({ eventId, key, answer });
  const send = async ({ body, headers }: ReceivedWebhook, provider = 'sandbox'): Promise<[number, unknown]> => {
    const { status, body: problem } = await shop.ask(`webhooks/payments/${provider}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [SANDBOX_SIGNATURE]: String(headers[SANDBOX_SIGNATURE] ?? '') },
      body: new Uint8Array(body),
    });
    return [status, problem.code];
  };

  /** An order with a payment whose outcome is unknown. */
  async function unresolved(): Promise<{ orderId: string; key: string }> {
    const { id: orderId } = await till.order();
    const { body } = await till.pay(orderId, 'tok_timeout');
    return { orderId, key: body.id };
  }

  it('P3: says the outcome of a payment, once for each event', async () => {
    const { orderId, key } = await unresolved();
    const webhook = signed(key, succeeded(key));

    expect((await send(webhook))[0]).toBe(204);
    expect(await till.read(orderId)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid' });
    expect((await send(webhook))[0]).toBe(204);
    expect(await till.posted(orderId)).toEqual({ clearing: 1000, revenue: -1000 });
  });

  it('P2: changes nothing of an order that is paid, and is taken', async () => {
    const { id } = await till.paidOrder();
    const [payment] = await till.payments(id);
    const before = [await till.read(id), await till.payments(id)];
    const key = payment?.id ?? '';

    expect((await send(signed(key, succeeded(key))))[0]).toBe(204);
    expect((await send(signed(key, { state: 'declined', reference: null, code: 'late' })))[0]).toBe(204);
    expect([await till.read(id), await till.payments(id)]).toEqual(before);
  });

  it('of one event has one effect when it comes 20 times at once', async () => {
    const { orderId, key } = await unresolved();
    const webhook = signed(key, succeeded(key));
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(webhook)));

    expect(answers.map(([status]) => status)).toEqual(Array(20).fill(204));
    expect(await till.posted(orderId)).toEqual({ clearing: 1000, revenue: -1000 });
  });

  it('P4: P12: that has no effect, since the database fails, is not taken, and has it when it comes again', async () => {
    const { orderId, key } = await unresolved();
    const webhook = signed(key, succeeded(key));
    jest.spyOn(shop.app.get(PaymentsRepository), 'update').mockRejectedValueOnce(new Error('the disk is full'));

    expect((await send(webhook))[0]).toBe(500);
    expect(await till.read(orderId)).toMatchObject({ paymentStatus: 'unresolved' });
    expect((await send(webhook))[0]).toBe(204);
    expect(await till.read(orderId)).toMatchObject({ paymentStatus: 'paid' });
  });

  it.each(['40001', '40P01'])('P4: is done again when transactions are in each other’s way (%s)', async (code) => {
    const { orderId, key } = await unresolved();
    const contention = new QueryFailedError('', [], Object.assign(new Error('contended'), { code }));
    jest.spyOn(shop.app.get(PaymentsRepository), 'update').mockRejectedValueOnce(contention);

    expect((await send(signed(key, succeeded(key))))[0]).toBe(204);
    expect(await till.read(orderId)).toMatchObject({ paymentStatus: 'paid' });
  });

  it('is refused without a signature, with another one, and with another body; nothing happens', async () => {
    const { orderId, key } = await unresolved();
    const webhook = signed(key, succeeded(key));
    const other = signed(key, { state: 'declined', reference: null, code: 'no' });

    for (const wrong of [
      { ...webhook, headers: {} },
      { ...webhook, headers: other.headers },
      { ...webhook, body: other.body },
      { ...webhook, body: Buffer.alloc(0) },
      { ...webhook, body: Buffer.from('{ no JSON') },
    ]) {
      expect(await send(wrong)).toEqual([400, 'webhook-refused']);
    }
    expect(await till.read(orderId)).toMatchObject({ paymentStatus: 'unresolved' });
  });

  it('is not found for a provider that the shop does not use', async () => {
    expect((await send(signed(randomUUID(), succeeded('x')), 'stripe'))[0]).toBe(404);
  });

  it('of a payment that is not of this shop is taken, and does nothing', async () => {
    for (const key of [randomUUID(), 'order-of-another-shop']) {
      expect((await send(signed(key, succeeded(key))))[0]).toBe(204);
    }
  });

  it.each([
    ['tok_webhook_late', 202, 25],
    ['tok_webhook_repeated', 202, 4],
    ['tok_webhook_reordered', 202, 4],
    ['tok_duplicate', 201, 1],
  ])('by %s ends in one paid order', async (token, status, seconds) => {
    const { id } = await till.order();
    expect((await till.pay(id, token)).status).toBe(status);
    // so that the webhook comes first, and no check
    await shop.app
      .get(DataSource)
      .query(
        `UPDATE payment_attempts SET next_check_at = now() + interval '1 day' WHERE order_id = $1 AND next_check_at IS NOT NULL`,
        [id],
      );
    await till.later(seconds);

    expect(await till.states(id)).toEqual(['capture captured']);
    expect(await till.moved(id)).toEqual(['capture 1000']);
    expect(await till.posted(id)).toEqual({ clearing: 1000, revenue: -1000 });
  });
});
