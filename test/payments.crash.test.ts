import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../src/app.js';
import type { OrderDto } from '../src/orders/dto/order.dto.js';
import type { PaymentDto, PaymentPage } from '../src/payments/dto/payment.dto.js';
import { openAccount } from './support/accounts.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';
import { until } from './support/until.js';

const MOMENTS = ['prepared', 'called', 'recording'] as const;

describe('a payment whose process is killed (kill -9)', () => {
  let database: TestDatabase;
  let staff: string;
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    database = await createLastingDatabase();
    const { config } = database;
    const app = await createApp(config, config.databaseUrl ? database.options : undefined);
    await app.init();
    staff = (await openAccount({ app }, 'staff')).token;
    await app.close();
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    children.clear();
  });
  afterAll(() => database.drop());

  /** Starts a process that kills itself at a moment, if one is given, at a time so many seconds from now. */
  async function start(moment = '', later = 0): Promise<{ url: string; ended: Promise<unknown> }> {
    const { databaseUrl, dataDir } = database.config;
    const child = spawn(process.execPath, ['generated/tests/test/support/payments.process.js'], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl ?? '',
        DATA_DIR: dataDir,
        DIE_AT: moment,
        LATER: String(later),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([, signal]: unknown[]) => {
      children.delete(child);
      return signal;
    });
    children.add(child);
    for await (const line of createInterface(child.stdout)) return { url: line, ended };
    throw new Error('the process ended before it listened');
  }

  async function ask<T>(
    url: string,
    path: string,
    json?: object,
    key: string = randomUUID(),
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: json ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${staff}`, 'content-type': 'application/json', 'idempotency-key': key },
      ...(json && { body: JSON.stringify(json) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async function placeOrder(url: string): Promise<string> {
    const product = await ask<{ id: string }>(url, 'products', {
      sku: randomUUID().slice(0, 20),
      name: 'Lantern',
      price: { amount: 1000, currency: 'GBP' },
      status: 'active',
    });
    const productId = product.body.id;
    await ask(url, `products/${productId}/stock-adjustments`, { delta: 5, reason: 'Delivery' });
    return (await ask<OrderDto>(url, 'orders', { items: [{ productId, quantity: 2 }] })).body.id;
  }

  const statesOf = async (url: string, orderId: string): Promise<string[]> => {
    const { body } = await ask<PaymentPage>(url, `orders/${orderId}/payments`);
    return body.data.map(({ operation, state, amount }) => `${operation} ${state} ${String(amount.amount)}`);
  };

  it.each(MOMENTS)('P5: P12: when it is %s, is paid once after a restart, and so is its refund', async (moment) => {
    const before = await start();
    const orderId = await placeOrder(before.url);
    process.kill([...children][0]?.pid ?? 0, 'SIGKILL');
    await before.ended;

    const [payKey, refundKey] = [randomUUID(), randomUUID()];
    const paying = await start(moment);
    await expect(ask(paying.url, `orders/${orderId}/payments`, { token: 'tok_success' }, payKey)).rejects.toThrow();
    expect(await paying.ended).toBe('SIGKILL');

    const after = await start('', 61);
    await until(async () => (await ask<OrderDto>(after.url, `orders/${orderId}`)).body.paymentStatus === 'paid');
    let repeated = await ask<PaymentDto>(after.url, `orders/${orderId}/payments`, { token: 'tok_success' }, payKey);
    await until(async () => {
      repeated = await ask<PaymentDto>(after.url, `orders/${orderId}/payments`, { token: 'tok_success' }, payKey);
      return repeated.status === 201;
    });
    expect(repeated.body.state).toBe('captured');
    expect(await statesOf(after.url, orderId)).toEqual(['capture captured 2000']);
    process.kill([...children][0]?.pid ?? 0, 'SIGKILL');
    await after.ended;

    const refund = { amount: 500, reason: 'Broken' };
    const refunding = await start(moment);
    await expect(ask(refunding.url, `orders/${orderId}/refunds`, refund, refundKey)).rejects.toThrow();
    expect(await refunding.ended).toBe('SIGKILL');
    const last = await start('', 61);
    await until(async () => (await ask<OrderDto>(last.url, `orders/${orderId}`)).body.refunded.amount === 500);
    expect(await statesOf(last.url, orderId)).toEqual(['capture captured 2000', 'refund refunded 500']);
  });
});
