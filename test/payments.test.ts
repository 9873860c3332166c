import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { OrdersExpiryService } from '../src/orders/orders.expiry.service.js';
import type { PaymentDto, PaymentPage } from '../src/payments/dto/payment.dto.js';
import { PaymentsRepository } from '../src/payments/payments.repository.js';
import { SandboxGateway } from '../src/payments/providers/sandbox.gateway.js';
import { SettlementService } from '../src/payments/settlement.service.js';
import { openAccount, settled } from './support/accounts.js';
import { Till } from './support/orders.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

/** Another minute than all schedules, so that what waits for them is due. */
const DAY = 24 * 3600 + 60;

describe('paying an order', () => {
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

  /** Has the provider answer when a test says so. @returns what lets it answer, and resolves when it was asked. */
  function hangProvider(method: 'authorize' | 'refund'): { asked: Promise<unknown>; release: () => void } {
    const sandbox = shop.app.get(SandboxGateway);
    const [asked, answer] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const original = sandbox[method].bind(sandbox) as SandboxGateway['refund'];
    jest.spyOn(sandbox, method as 'refund').mockImplementationOnce(async (request) => {
      asked.resolve(undefined);
      await answer.promise;
      return original(request);
    });
    return {
      asked: asked.promise,
      release: () => {
        answer.resolve(undefined);
      },
    };
  }

  it('captures its total, confirms it, takes its stock, and posts it to the ledger', async () => {
    const order = await till.order(2);
    const { status, body, headers } = await till.pay(order.id, 'tok_success');

    expect([status, body.state, body.amount, body.nextCheckAt]).toEqual([
      201,
      'captured',
      { amount: 2000, currency: 'GBP' },
      null,
    ]);
    expect(headers.get('location')).toContain(`/api/v1/orders/${order.id}/payments/${body.id}`);
    expect(await till.read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid', expiresAt: null });
    expect(await till.moved(order.id)).toEqual(['capture 2000']);
    expect(await till.posted(order.id)).toEqual({ clearing: 2000, revenue: -2000 });
  });

  it('is the same payment when it is sent again with its key', async () => {
    const [order, key] = [await till.order(), randomUUID()];
    const [first, second] = [
      await till.pay(order.id, 'tok_success', { key }),
      await till.pay(order.id, 'tok_success', { key }),
    ];

    expect([second.status, second.body, second.headers.get('idempotency-replayed')]).toEqual([201, first.body, 'true']);
    expect(await till.moved(order.id)).toEqual(['capture 1000']);
  });

  it('does not expire as long as the provider was asked and has not answered, however late that is', async () => {
    const [order, other] = [await till.order(), await till.order()];
    const { asked, release } = hangProvider('authorize');
    const paying = till.pay(order.id, 'tok_success');
    await asked;
    await shop.app
      .get(DataSource)
      .query("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = ANY ($1)", [[order.id, other.id]]);
    await shop.app.get(OrdersExpiryService).expireBatch();
    const meanwhile = [(await till.read(order.id)).status, (await till.read(other.id)).status];
    release();

    expect(meanwhile).toEqual(['pending', 'expired']);
    expect((await paying).status).toBe(201);
    expect((await till.read(order.id)).status).toBe('confirmed');
  });

  it('needs a key', async () => {
    const order = await till.order();
    const { status, body } = await shop.ask(`orders/${order.id}/payments`, {
      method: 'POST',
      token: till.customer.token,
      json: { token: 'tok_success' },
    });

    expect([status, body.code]).toEqual([400, 'idempotency-key-required']);
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_of_nobody', 'invalid_token'],
  ])('by %s is declined with 402, which says why; so is its repetition', async (token, code) => {
    const [order, key] = [await till.order(), randomUUID()];
    const first = await till.pay(order.id, token, { key });
    const second = await till.pay(order.id, token, { key });

    expect([first.status, first.body]).toEqual([
      402,
      expect.objectContaining({ code: 'payment-declined', declineCode: code }),
    ]);
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([402, 'true']);
    expect(await till.read(order.id)).toMatchObject({ status: 'pending', paymentStatus: 'unpaid' });
    expect(await till.states(order.id)).toEqual(['capture declined']);
    expect(await till.posted(order.id)).toEqual({});
  });

  it('P6: succeeds by another token after a decline', async () => {
    const order = await till.order();
    await till.pay(order.id, 'tok_declined');

    expect((await till.pay(order.id, 'tok_success')).status).toBe(201);
    expect(await till.states(order.id)).toEqual(['capture declined', 'capture captured']);
  });

  it('is refused once it is paid, and once it is cancelled', async () => {
    const [paid, cancelled] = [await till.paidOrder(), await till.order()];
    await cancel(cancelled.id);

    for (const { id } of [paid, cancelled]) {
      const { status, body } = await till.pay(id, 'tok_success');
      expect([status, body]).toEqual([409, expect.objectContaining({ code: 'order-not-payable' })]);
    }
    expect(await till.moved(cancelled.id)).toEqual([]);
  });

  it('P7: P23: is one payment when two come at once; the other is refused', async () => {
    const order = await till.order();
    const { asked, release } = hangProvider('authorize');
    const first = till.pay(order.id, 'tok_success');
    await asked;
    const second = await till.pay(order.id, 'tok_success');
    release();

    expect([second.status, second.body]).toEqual([409, expect.objectContaining({ code: 'payment-in-progress' })]);
    expect(second.headers.get('retry-after')).toBe('5');
    expect((await first).status).toBe(201);
    expect(await till.states(order.id)).toEqual(['capture captured']);
  });

  it('P24: holds no row while the provider is asked, so that others buy the same product', async () => {
    const productId = await till.product();
    const [slow, quick] = [await till.order(1, productId), await till.order(1, productId)];
    await settled(shop);
    const { asked, release } = hangProvider('authorize');
    const first = till.pay(slow.id, 'tok_success');
    await asked;
    const locks = await shop.app.get(DataSource).query<unknown[]>(
      `SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
       WHERE l.mode LIKE 'Row%' AND l.pid <> pg_backend_pid()
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND c.relname IN ('orders', 'payment_attempts', 'reservations', 'stock_levels', 'idempotency_keys')`,
    );
    const second = await till.pay(quick.id, 'tok_success');
    release();

    expect([locks, second.status, (await first).status]).toEqual([[], 201, 201]);
  });

  it('O3: O4: is for its customer and for staff; for others the order is not there, and the provider is not asked', async () => {
    const order = await till.order();
    const stranger = await openAccount(shop, 'customer');
    const authorize = jest.spyOn(shop.app.get(SandboxGateway), 'authorize');
    const { status } = await till.post(`orders/${order.id}/payments`, { token: 'tok_success' }, { by: stranger });
    const list = await shop.ask(`orders/${order.id}/payments`, { token: stranger.token });

    expect([status, list.status, authorize.mock.calls]).toEqual([404, 404, []]);
    expect((await till.post(`orders/${order.id}/payments`, { token: 'tok_success' }, { by: till.staff })).status).toBe(
      201,
    );
  });

  it('shows the payments of its own order only', async () => {
    const [one, other] = [await till.paidOrder(), await till.paidOrder()];
    const [payment] = await till.payments(one.id);
    const read = async (orderId: string): Promise<number> =>
      (await shop.ask(`orders/${orderId}/payments/${payment?.id ?? ''}`, till.customer)).status;

    expect([await read(one.id), await read(other.id)]).toEqual([200, 404]);
  });

  describe('without a known outcome', () => {
    it('is answered 202 with when the provider is asked next, and found out by a job', async () => {
      const [order, key] = [await till.order(), randomUUID()];
      const first = await till.pay(order.id, 'tok_timeout', { key });

      expect([first.status, first.body.state]).toEqual([202, 'unknown']);
      expect(Date.parse(first.body.nextCheckAt ?? '') - Date.parse(first.body.createdAt)).toBeGreaterThanOrEqual(5000);
      expect(await till.read(order.id)).toMatchObject({ status: 'pending', paymentStatus: 'unresolved' });

      const second = await till.pay(order.id, 'tok_success');
      expect([second.status, second.body]).toEqual([409, expect.objectContaining({ code: 'payment-unresolved' })]);
      expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(5);

      await till.later(10);
      expect(await till.read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid' });
      const replay = await till.pay(order.id, 'tok_timeout', { key });
      expect([replay.status, replay.body.state, replay.body.id]).toEqual([201, 'captured', first.body.id]);
      expect(await till.moved(order.id)).toEqual(['capture 1000']);
      expect(await till.posted(order.id)).toEqual({ clearing: 1000, revenue: -1000 });
    });

    it('is declined when the provider says so later, and can be paid again', async () => {
      const order = await till.order();
      expect((await till.pay(order.id, 'tok_timeout_declined')).status).toBe(202);
      await till.later(10);

      expect(await till.states(order.id)).toEqual(['capture declined']);
      expect((await till.pay(order.id, 'tok_success')).status).toBe(201);
    });

    it('is sent again with the same key when the provider never saw it', async () => {
      const order = await till.order();
      expect((await till.pay(order.id, 'tok_timeout_lost')).status).toBe(202);
      await till.later(10);

      expect(await till.states(order.id)).toEqual(['capture captured']);
      expect(await till.moved(order.id)).toEqual(['capture 1000']);
    });

    it('does not expire', async () => {
      const order = await till.order();
      await till.pay(order.id, 'tok_pending');
      await till.later(3 * 3600);

      expect(await till.read(order.id)).toMatchObject({ status: 'pending', paymentStatus: 'unresolved' });
    });

    it('P27: is for staff after a day, who see and resolve it', async () => {
      const order = await till.order();
      const { body } = await till.pay(order.id, 'tok_pending');
      for (let check = 0; check < 7; check++) await till.later(DAY + check * 60);
      const listed = await shop.ask<PaymentPage>(`payments?state=needs_review&orderId=${order.id}`, till.staff);

      expect(listed.body.data.map(({ id, state, nextCheckAt }) => [id, state, nextCheckAt])).toEqual([
        [body.id, 'needs_review', null],
      ]);
      const resolve = (outcome: string): Promise<{ status: number; body: object }> =>
        shop.ask(`payments/${body.id}/resolve`, {
          method: 'POST',
          token: till.staff.token,
          json: { outcome, note: 'Not in the list of the provider' },
        });
      const first = await resolve('declined');
      expect([first.status, first.body]).toEqual([
        200,
        expect.objectContaining({ state: 'declined', reason: 'Not in the list of the provider' }),
      ]);
      expect((await resolve('succeeded')).body).toMatchObject({ code: 'payment-resolved' });
      expect((await till.pay(order.id, 'tok_success')).status).toBe(201);
    });

    it('P28: P21: that succeeds after the order was cancelled is given back, once', async () => {
      const order = await till.order();
      await till.pay(order.id, 'tok_timeout');
      await cancel(order.id);
      await till.later(10);
      await till.later(3700);

      expect((await till.states(order.id)).sort()).toEqual(['capture captured', 'refund refunded']);
      expect((await till.moved(order.id)).sort()).toEqual(['capture 1000', 'refund 1000']);
      expect(await till.posted(order.id)).toMatchObject({ clearing: 0 });
      expect(await till.read(order.id)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
    });
  });

  it('P5: P12: is finished by a job when what the provider did could not be recorded', async () => {
    const [order, key] = [await till.order(), randomUUID()];
    jest.spyOn(shop.app.get(PaymentsRepository), 'update').mockRejectedValueOnce(new Error('the process ends here'));
    const first = await till.pay(order.id, 'tok_success', { key });
    expect([first.status, await till.moved(order.id)]).toEqual([500, ['capture 1000']]);
    await till.later(70);

    const again = await till.pay(order.id, 'tok_success', { key });
    expect([again.status, again.body.state]).toEqual([201, 'captured']);
    expect(await till.states(order.id)).toEqual(['capture captured']);
    expect(await till.moved(order.id)).toEqual(['capture 1000']);
    expect(await till.read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'paid' });
  });

  it('P1: P17: P18: P22: is recorded once when the request, a webhook, a job and staff come at once', async () => {
    const order = await till.order();
    const { body } = await till.pay(order.id, 'tok_timeout');
    const settlement = shop.app.get(SettlementService);
    const outcome = { state: 'succeeded', reference: `sbx_${body.id}`, amount: 1000, currency: 'GBP' } as const;
    await Promise.all([
      ...Array.from({ length: 8 }, () => settlement.settle({ id: body.id, orderId: order.id }, outcome)),
      till.later(10),
    ]);

    expect(await till.states(order.id)).toEqual(['capture captured']);
    expect(await till.moved(order.id)).toEqual(['capture 1000']);
    expect(await till.posted(order.id)).toEqual({ clearing: 1000, revenue: -1000 });
  });

  it('is not paid by another amount than was asked for: staff look at it', async () => {
    const order = await till.order();
    const { body } = await till.pay(order.id, 'tok_timeout');
    const other = { state: 'succeeded', reference: 'x', amount: 1, currency: 'GBP' } as const;
    await shop.app.get(SettlementService).settle({ id: body.id, orderId: order.id }, other);

    expect(await till.states(order.id)).toEqual(['capture unknown']);
    expect(await till.posted(order.id)).toEqual({});
  });

  describe('in two steps', () => {
    const capture = (orderId: string, paymentId: string, json: object = {}): ReturnType<typeof till.post<PaymentDto>> =>
      till.post<PaymentDto>(`orders/${orderId}/payments/${paymentId}/captures`, json, { by: till.staff });

    it('is authorized first, which posts nothing, and captured once', async () => {
      const order = await till.order();
      const { body } = await till.pay(order.id, 'tok_success', { capture: false });
      expect([body.state, await till.posted(order.id)]).toEqual(['authorized', {}]);
      expect(await till.read(order.id)).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized' });

      const captured = await capture(order.id, body.id);
      expect([captured.status, captured.body.state, captured.body.parentId]).toEqual([201, 'captured', body.id]);
      expect((await capture(order.id, body.id)).body).toMatchObject({ code: 'payment-not-authorized' });
      expect(await till.moved(order.id)).toEqual(['authorize 1000', 'capture 1000']);
      expect(await till.posted(order.id)).toEqual({ clearing: 1000, revenue: -1000 });
      expect(await till.read(order.id)).toMatchObject({ paymentStatus: 'paid' });
    });

    it('P8: P13: can be captured in part: what was captured is what can be refunded', async () => {
      const order = await till.order();
      const { body } = await till.pay(order.id, 'tok_success', { capture: false });

      expect((await capture(order.id, body.id, { amount: 1001 })).status).toBe(422);
      expect((await capture(order.id, body.id, { amount: 600 })).status).toBe(201);
      expect((await till.refund(order.id, { amount: 601 })).body).toMatchObject({ refundable: 600 });
      expect((await till.refund(order.id, { amount: 600 })).status).toBe(201);
      expect(await till.posted(order.id)).toMatchObject({ clearing: 0 });
    });

    it('is given up when the order is cancelled, and then not captured', async () => {
      const order = await till.order();
      const { body } = await till.pay(order.id, 'tok_success', { capture: false });
      await cancel(order.id);
      await settled(shop);

      expect(await till.states(order.id)).toEqual(['authorize authorized', 'void voided']);
      expect((await capture(order.id, body.id)).status).toBe(409);
      expect(await till.moved(order.id)).toEqual(['authorize 1000', 'void 1000']);
      expect(await till.posted(order.id)).toEqual({});
    });
  });

  it('is closed in production as long as no provider is configured', async () => {
    const order = await till.order();
    const { Config } = await import('../src/common/config/config.js');
    jest.spyOn(shop.app.get(Config), 'production', 'get').mockReturnValue(true);
    const { status, body } = await till.pay(order.id, 'tok_success');

    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'payments-closed' })]);
  });

  it('P9: P19: gives back what was paid when the order is cancelled, once', async () => {
    const order = await till.paidOrder(2);
    await cancel(order.id);
    await until(async () => {
      await settled(shop);
      return (await till.read(order.id)).paymentStatus === 'refunded';
    });
    await till.later(DAY);

    expect(await till.states(order.id)).toEqual(['capture captured', 'refund refunded']);
    expect(await till.moved(order.id)).toEqual(['capture 2000', 'refund 2000']);
    expect(await till.posted(order.id)).toMatchObject({ clearing: 0, refunds: 2000 });
  });

  /** Cancels an order as its customer does. */
  async function cancel(orderId: string): Promise<void> {
    const { headers } = await shop.ask(`orders/${orderId}`, till.customer);
    const { status } = await shop.ask(`orders/${orderId}/cancel`, {
      method: 'POST',
      token: till.customer.token,
      headers: { 'if-match': headers.get('etag') ?? '', 'idempotency-key': randomUUID() },
      json: {},
    });
    expect(status).toBeLessThan(300);
  }
});
