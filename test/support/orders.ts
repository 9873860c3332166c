import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../../src/common/jobs/job-runner.js';
import { Clock } from '../../src/common/time/clock.js';
import type { OrderDto } from '../../src/orders/dto/order.dto.js';
import type { PaymentDto, PaymentPage } from '../../src/payments/dto/payment.dto.js';
import { type Account, openAccount, settled } from './accounts.js';
import type { Answer, Shop } from './shop.js';

/** A shop with products to sell, a customer and a member of staff. */
export class Till {
  private constructor(
    readonly shop: Shop,
    readonly customer: Account,
    readonly staff: Account,
  ) {}

  static async open(shop: Shop): Promise<Till> {
    return new Till(shop, await openAccount(shop, 'customer'), await openAccount(shop, 'staff'));
  }

  /** Makes a product of which there are so many units. */
  async product(amount = 1000, units = 100): Promise<string> {
    const { token } = this.staff;
    const { body } = await this.shop.ask<{ id: string }>('products', {
      method: 'POST',
      token,
      json: { sku: randomUUID().slice(0, 20), name: 'Lantern', price: { amount, currency: 'GBP' }, status: 'active' },
    });
    const json = { delta: units, reason: 'Delivery' };
    await this.shop.ask(`products/${body.id}/stock-adjustments`, { method: 'POST', token, json });
    return body.id;
  }

  /** Places an order of so many units of one product. */
  async order(quantity = 1, productId?: string): Promise<OrderDto> {
    const items = [{ productId: productId ?? (await this.product()), quantity }];
    const { status, body } = await this.post<OrderDto>('orders', { items });
    if (status !== 201) throw new Error(`the order was not placed: ${JSON.stringify(body)}`);
    return body;
  }

  /** Places an order and pays it. */
  async paidOrder(quantity = 1, token = 'tok_success'): Promise<OrderDto> {
    const { id } = await this.order(quantity);
    const { status, body } = await this.pay(id, token);
    if (status !== 201) throw new Error(`the order was not paid: ${JSON.stringify(body)}`);
    return this.read(id);
  }

  async read(orderId: string): Promise<OrderDto> {
    return (await this.shop.ask<OrderDto>(`orders/${orderId}`, { token: this.staff.token })).body;
  }

  async pay(
    orderId: string,
    token: string,
    more: { key?: string; capture?: boolean } = {},
  ): Promise<Answer<PaymentDto>> {
    const { key, ...rest } = more;
    // only staff authorize without capturing
    const by = rest.capture === false ? this.staff : this.customer;
    return this.post<PaymentDto>(`orders/${orderId}/payments`, { token, ...rest }, { key, by });
  }

  async refund(orderId: string, json: object, key?: string): Promise<Answer<PaymentDto & { refundable?: number }>> {
    return this.post(`orders/${orderId}/refunds`, { reason: 'Broken', ...json }, { key, by: this.staff });
  }

  /** All attempts of an order, the first one first. */
  async payments(orderId: string): Promise<PaymentDto[]> {
    const { body } = await this.shop.ask<PaymentPage>(`orders/${orderId}/payments?limit=100`, {
      token: this.staff.token,
    });
    return body.data;
  }

  /** The operations and states of all attempts of an order. */
  async states(orderId: string): Promise<string[]> {
    return (await this.payments(orderId)).map(({ operation, state }) => `${operation} ${state}`);
  }

  async post<T>(
    path: string,
    json: object,
    { key = randomUUID(), by = this.customer }: { key?: string; by?: Account } = {},
  ): Promise<Answer<T>> {
    return this.shop.ask<T>(path, { method: 'POST', token: by.token, json, headers: { 'idempotency-key': key } });
  }

  /** Does all that is due so many seconds from now. */
  async later(seconds: number): Promise<void> {
    const clock = jest
      .spyOn(this.shop.app.get(Clock), 'now')
      .mockImplementation(() => new Date(Date.now() + seconds * 1000));
    this.shop.app.get(JobRunner).wake();
    await settled(this.shop);
    clock.mockRestore();
  }

  /** What the sandbox did to pay an order: each operation that succeeded there, with its amount. */
  async moved(orderId: string): Promise<string[]> {
    const rows = await this.shop.app.get(DataSource).query<{ operation: string; amount: number }[]>(
      `SELECT s.operation, s.amount FROM sandbox_operations s JOIN payment_attempts a ON a.id = s.key
       WHERE a.order_id = $1 AND s.state = 'succeeded' ORDER BY s.created_at, s.key`,
      [orderId],
    );
    return rows.map(({ operation, amount }) => `${operation} ${String(amount)}`);
  }

  /** What was posted to the ledger for an order: each account with its balance, clearing first. */
  async posted(orderId: string): Promise<Record<string, number>> {
    const rows = await this.shop.app.get(DataSource).query<{ account: string; sum: number }[]>(
      `SELECT e.account, sum(e.amount)::bigint AS sum FROM ledger_entries e
       JOIN ledger_transactions t ON t.id = e.transaction_id WHERE t.order_id = $1 GROUP BY e.account ORDER BY e.account`,
      [orderId],
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
  }
}
