import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { OrderDto, OrderPage } from '../src/orders/dto/order.dto.js';
import { OrdersExpiryService } from '../src/orders/orders.expiry.service.js';
import { OrdersPlacingService } from '../src/orders/orders.placing.service.js';
import { replay } from '../tools/replay/replay.js';
import { type Account, openAccount, PASSWORD } from './support/accounts.js';
import { Till } from './support/orders.js';
import { Shop } from './support/shop.js';

const FILE = 'tools/replay/sample.csv';

/** What is equal in the end. */
const TABLE = [
  '          orders  captured  refunded    net  sold  returned',
  'files          5    229.02    139.74  89.28    67        43',
  'orders         5    229.02    139.74  89.28    67        43',
  'payments            229.02    139.74  89.28',
  'ledger                                89.28',
  'stock                                          67        43',
];

describe('npm run replay', () => {
  let shop: Shop;
  let till: Till;
  let admin: Account;
  beforeAll(async () => {
    shop = await Shop.open();
    // orders of others are no difference
    till = await Till.open(shop);
    const { id, items } = await till.paidOrder(3);
    await till.refund(id, { lines: [{ lineId: items[0]?.id, quantity: 1 }] });
    admin = await openAccount(shop, 'admin');
  });
  afterAll(() => shop.close());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Replays the file. @returns the exit code, and the lines of the comparison. */
  async function run(signal = new AbortController().signal, account = admin.email): Promise<[number, ...string[]]> {
    const printed: string[] = [];
    const options = { files: [FILE], url: shop.url, concurrency: 2, planOnly: false };
    const code = await replay(options, () => ({ email: account, password: PASSWORD }), {
      print: (text) => printed.push(text),
      signal,
      progress: new PassThrough(),
    });
    const lines = printed.join('').trimEnd().split('\n');
    return [code, ...lines.slice(lines.findIndex((line) => line.startsWith('Replayed')) + 2)];
  }

  /** Ends a replay when it places its order so many times, as a kill does. */
  async function runUntilOrder(count: number): Promise<void> {
    const placing = shop.app.get(OrdersPlacingService);
    const place = placing.place.bind(placing);
    const stop = new AbortController();
    let placed = 0;
    jest.spyOn(placing, 'place').mockImplementation((...order) => {
      if (++placed === count) stop.abort(new Error('killed'));
      return place(...order);
    });
    await expect(run(stop.signal)).rejects.toThrow('killed');
    jest.restoreAllMocks();
  }

  const orders = async (): Promise<OrderDto[]> => {
    const { body } = await shop.ask<OrderPage>('orders?limit=100&sort=createdAt', { token: admin.token });
    return body.data.filter(({ reference }) => reference !== null);
  };
  const unpaid = async (): Promise<(string | null)[]> =>
    (await orders()).filter(({ status }) => status === 'pending').map(({ reference }) => reference);
  const sql = (text: string): Promise<unknown> => shop.app.get(DataSource).query(text);
  const counts = (): Promise<unknown> =>
    sql(
      `SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM payment_attempts) AS payments,
         (SELECT count(*) FROM stock_movements) AS movements, (SELECT count(*) FROM users) AS users,
         (SELECT count(*) FROM products) AS products`,
    );

  it('that is killed leaves orders unpaid; it continues with them, and places those again that have expired', async () => {
    await runUntilOrder(2);
    const expired = await unpaid();
    await sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE status = 'pending'");
    await shop.app.get(OrdersExpiryService).expireBatch();
    await runUntilOrder(4);
    const open = await unpaid();
    const result = await run();

    expect(expired).not.toEqual([]);
    expect(open).not.toEqual([]);
    expect(result).toEqual([0, ...TABLE, 'No differences.']);
    const live = (await orders()).filter(({ status }) => status === 'confirmed');
    expect(live.map(({ reference }) => reference).sort()).toEqual(['536365', '536366', '536367', '536375', '536378']);
    expect((await orders()).map(({ status }) => status).filter((status) => status === 'expired')).toHaveLength(
      expired.length,
    );
  });

  it('does nothing twice, also when its keys have run out', async () => {
    const before = await counts();
    const again = await run();
    await sql('DELETE FROM idempotency_keys');
    const later = await run();

    expect(again).toEqual([0, ...TABLE, 'No differences.']);
    expect(later).toEqual(again);
    expect(await counts()).toEqual(before);
  });

  it('keeps what an invoice says: reference, customer, units and prices, and what was returned', async () => {
    const order = (await orders()).find(({ reference, status }) => reference === '536365' && status === 'confirmed');
    const { body: customer } = await shop.ask(`users/${order?.customerId ?? ''}`, { token: admin.token });

    expect(customer).toMatchObject({ email: 'customer-10001@replay.example' });
    expect(
      order?.items.map(({ sku, quantity, unitPrice, refundedQuantity }) => [
        sku,
        quantity,
        unitPrice.amount,
        refundedQuantity,
      ]),
    ).toEqual([
      ['85123A', 6, 255, 5],
      ['71053', 8, 339, 1],
      ['71053', 1, 300, 1],
    ]);
  });

  it('refuses an account that may not do all of it, and one that is not let in', async () => {
    await expect(run(undefined, till.customer.email)).rejects.toThrow('Listing the customers: 403');
    await expect(run(undefined, 'nobody@replay.example')).rejects.toThrow('Signing in as nobody@replay.example: 401');
  });

  it('ends with 1 and names the difference when there is one: in the stock, and in the money', async () => {
    const order = (await orders()).find(({ reference, status }) => reference === '536378' && status === 'confirmed');
    const { status } = await till.refund(order?.id ?? '', { amount: 1, reason: 'Not of the files' });
    const money = await run();
    await sql(
      "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE product_id = (SELECT id FROM products WHERE sku = '22112')",
    );
    const both = await run();

    expect(status).toBe(201);
    expect(money[0]).toBe(1);
    const differences = [
      'orders: refunded is 13975, and should be 13974',
      'orders: net is 8927, and should be 8928',
      'payments: refunded is 13975, and should be 13974',
      'payments: net is 8927, and should be 8928',
      'ledger: net is 8927, and should be 8928',
    ];
    expect(money.slice(7)).toEqual([...differences, '5 differences.']);
    expect(both[0]).toBe(1);
    expect(both.slice(7)).toEqual([
      ...differences,
      'stock: the movements of 22112 sum to 0, and 1 are on hand',
      '6 differences.',
    ]);
  });
});
