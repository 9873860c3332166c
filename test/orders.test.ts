import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { ProblemDto } from '../src/common/http/problems/problem.dto.js';
import type { OrderEventDto } from '../src/orders/dto/order-event.dto.js';
import type { OrderDto, OrderPage } from '../src/orders/dto/order.dto.js';
import { OrdersExpiryService } from '../src/orders/orders.expiry.service.js';
import { type Account, openAccount } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { type Answer, Shop } from './support/shop.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const ADDRESS = {
  name: 'Cleo Customer',
  phone: '+44 20 7946 0000',
  street: '1 Harbour Street',
  city: 'Bristol',
  postcode: 'BS1 4RN',
  country: 'GB',
};

let shop: Shop;
let staff: Account;
let customer: Account;
let other: Account;
beforeAll(async () => {
  shop = await Shop.open();
  [staff, customer, other] = [
    await openAccount(shop, 'staff'),
    await openAccount(shop, 'customer'),
    await openAccount(shop, 'customer'),
  ];
});
afterAll(() => shop.close());

const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
const gbp = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'GBP' });

/** A product with units in stock; its id. */
async function product(onHand = 10, more: object = {}): Promise<string> {
  const json = { sku: randomUUID(), name: 'Lantern', price: gbp(1999), ...more };
  const { body } = await shop.ask<{ id: string }>('products', { method: 'POST', token: staff.token, json });
  if (onHand > 0) {
    const adjustment = { delta: onHand, reason: 'Delivery' };
    await shop.ask(`products/${body.id}/stock-adjustments`, { method: 'POST', token: staff.token, json: adjustment });
  }
  return body.id;
}
const stockOf = async (id: string): Promise<unknown> =>
  (await sql('SELECT on_hand, reserved FROM stock_levels WHERE product_id = $1', [id]))[0];
async function method(more: object = {}): Promise<string> {
  const json = { name: 'Standard', price: gbp(395), countries: ['GB'], freeFrom: gbp(5000), ...more };
  return (await shop.ask<{ id: string }>('shipping-methods', { method: 'POST', token: staff.token, json })).body.id;
}
const place = <T = OrderDto>(json: object, { token } = customer, key = randomUUID()): Promise<Answer<T>> =>
  shop.ask<T>('orders', { method: 'POST', token, headers: { 'idempotency-key': key }, json });
const order = async (productId: string, quantity = 1, by = customer): Promise<OrderDto> =>
  (await place({ items: [{ productId, quantity }] }, by)).body;
const read = (id: string, { token } = customer): Promise<Answer<OrderDto>> =>
  shop.ask<OrderDto>(`orders/${id}`, { token });
const cancel = <T = OrderDto>(id: string, { token } = customer, etag = '*', json: object = {}): Promise<Answer<T>> =>
  shop.ask<T>(`orders/${id}/cancel`, { method: 'POST', token, headers: { 'if-match': etag }, json });
const fulfill = <T = Record<string, unknown>>(
  id: string,
  lines: { lineId: string; quantity: number }[],
  etag = '*',
  { token } = staff,
): Promise<Answer<T>> => {
  const json = { lines, carrier: 'Parcel Post', trackingNumber: 'PP1' };
  return shop.ask<T>(`orders/${id}/fulfillments`, { method: 'POST', token, headers: { 'if-match': etag }, json });
};
const historyOf = async (id: string, { token } = customer): Promise<OrderEventDto[]> =>
  (await shop.ask<{ data: OrderEventDto[] }>(`orders/${id}/events`, { token })).body.data;
const expire = async (id: string): Promise<void> => {
  await sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
  await shop.app.get(OrdersExpiryService).expireBatch();
};

describe('placing an order', () => {
  it('reserves stock, and adds up items and shipping', async () => {
    const [lantern, candle] = [await product(10), await product(10, { name: 'Candle', price: gbp(295) })];
    const shippingMethodId = await method();
    const items = [
      { productId: lantern, quantity: 2 },
      { productId: candle, quantity: 3 },
    ];
    const { status, headers, body } = await place({
      items,
      shippingMethodId,
      shippingAddress: ADDRESS,
      reference: 'PO-1',
    });

    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      201,
      `/api/v1/orders/${body.id}`,
      expect.stringMatching(/^"1-customer/),
    ]);
    expect(body).toMatchObject({
      status: 'pending',
      paymentStatus: 'unpaid',
      fulfillmentStatus: 'unfulfilled',
      customerId: customer.id,
      reference: 'PO-1',
      items: [
        { productId: lantern, name: 'Lantern', quantity: 2, unitPrice: gbp(1999), total: gbp(3998) },
        { productId: candle, name: 'Candle', quantity: 3, unitPrice: gbp(295), total: gbp(885) },
      ],
      shipping: { methodId: shippingMethodId, name: 'Standard', total: gbp(395) },
      shippingAddress: { ...ADDRESS, region: null },
      total: gbp(3998 + 885 + 395),
      refunded: gbp(0),
      version: 1,
    });
    const minutes = (Date.parse(body.expiresAt ?? '') - Date.parse(body.createdAt)) / 60_000;
    expect(minutes).toBeCloseTo(15, 1);
    expect([await stockOf(lantern), await stockOf(candle)]).toEqual([
      { on_hand: 10, reserved: 2 },
      { on_hand: 10, reserved: 3 },
    ]);
    expect((await read(body.id)).body).toEqual(body);
    expect(await sql('SELECT sum(total)::integer AS sum FROM order_lines WHERE order_id = $1', [body.id])).toEqual([
      { sum: body.total.amount },
    ]);
  });

  it('costs no shipping from the sum of the items on that the method names', async () => {
    const productId = await product(10, { price: gbp(2500) });
    const more = { shippingMethodId: await method(), shippingAddress: ADDRESS };
    const one = await place({ ...more, items: [{ productId, quantity: 1 }] });
    const two = await place({ ...more, items: [{ productId, quantity: 2 }] });

    expect([one.body.total, two.body.total]).toEqual([gbp(2895), gbp(5000)]);
    expect(two.body.shipping?.total).toEqual(gbp(0));
  });

  it('keeps its own copy of name and price', async () => {
    const productId = await product();
    const { id } = await order(productId);
    const change = { method: 'PATCH', token: staff.token, headers: { 'if-match': '*' } };
    await shop.ask(`products/${productId}`, { ...change, json: { name: 'Renamed', price: { amount: 5 } } });

    expect((await read(id)).body).toMatchObject({
      items: [{ name: 'Lantern', unitPrice: gbp(1999) }],
      total: gbp(1999),
    });
  });

  it('has a number that tells nothing of how many there are', async () => {
    const productId = await product();
    const numbers = [await order(productId), await order(productId)].map(({ number }) => number);

    expect(numbers[0]).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(numbers[0]?.slice(0, 4)).not.toBe(numbers[1]?.slice(0, 4));
  });

  it('needs an Idempotency-Key, and happens once for each', async () => {
    const productId = await product();
    const json = { items: [{ productId, quantity: 3 }] };
    const without = await shop.ask('orders', { method: 'POST', token: customer.token, json });
    const key = randomUUID();
    const [first, second] = [await place(json, customer, key), await place(json, customer, key)];

    expect([without.status, first.status, second.status]).toEqual([400, 201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(await stockOf(productId)).toEqual({ on_hand: 10, reserved: 3 });
  });

  it('adds up the quantities of one product before it looks at the stock (I1)', async () => {
    const productId = await product(5);
    const items = [
      { productId, quantity: 3 },
      { productId, quantity: 3 },
    ];
    const { status, body } = await place<ProblemDto>({ items });
    const fits = await place({ items: [items[0], { productId, quantity: 2 }] });

    expect([status, body.type]).toEqual([409, expect.stringMatching(/out-of-stock$/)]);
    expect(fits.body.items).toMatchObject([{ quantity: 5, total: gbp(5 * 1999) }]);
    expect(await stockOf(productId)).toEqual({ on_hand: 5, reserved: 5 });
  });

  it('leaves nothing behind when one of several products is not in stock (O1)', async () => {
    const [full, empty] = [await product(5), await product(0)];
    const before = await sql('SELECT count(*) FROM orders');
    const { status } = await place({ items: [full, empty].map((productId) => ({ productId, quantity: 1 })) });

    expect(status).toBe(409);
    expect(await stockOf(full)).toEqual({ on_hand: 5, reserved: 0 });
    expect(await sql('SELECT count(*) FROM orders')).toEqual(before);
  });

  it('tells the new total when another one is expected, and places nothing then', async () => {
    const productId = await product();
    const items = [{ productId, quantity: 2 }];
    const wrong = await place<ProblemDto>({ items, expectedTotal: gbp(3997) });
    const currency = await place({ items, expectedTotal: { amount: 3998, currency: 'EUR' } });
    const right = await place({ items, expectedTotal: gbp(3998) });

    expect([wrong.status, currency.status, right.status]).toEqual([409, 409, 201]);
    expect(wrong.body).toMatchObject({ type: expect.stringMatching(/order-total-changed$/), total: gbp(3998) });
    expect(await stockOf(productId)).toEqual({ on_hand: 10, reserved: 2 });
  });

  it('is confirmed at once when it costs nothing, and its stock is sold (P26)', async () => {
    const productId = await product(10, { price: gbp(0) });
    const { status, body } = await place({ items: [{ productId, quantity: 4 }] });

    expect([status, body.status, body.paymentStatus, body.expiresAt, body.version]).toEqual([
      201,
      'confirmed',
      'paid',
      null,
      2,
    ]);
    expect(await stockOf(productId)).toEqual({ on_hand: 6, reserved: 0 });
    expect((await eventsOf(shop, body.id)).map(({ name, version }) => [name, version])).toEqual([
      ['order.placed', 1],
      ['order.confirmed', 2],
    ]);
  });

  it('announces nothing personal', async () => {
    const productId = await product();
    const { body } = await place({ items: [{ productId, quantity: 1 }], shippingAddress: ADDRESS, reference: 'Cleo' });
    const [event] = await eventsOf(shop, body.id);

    expect(event).toEqual({
      name: 'order.placed',
      version: 1,
      data: {
        number: body.number,
        customerId: customer.id,
        status: 'pending',
        paymentStatus: 'unpaid',
        fulfillmentStatus: 'unfulfilled',
        currency: 'GBP',
        total: 1999,
      },
    });
  });
});

describe('an order is refused', () => {
  it.each([
    ['without items', { items: [] }, '#/items', 'arrayNotEmpty'],
    ['with no units', { items: [{ productId: NOBODYS_ID, quantity: 0 }] }, '#/items/0/quantity', 'min'],
    ['with half a unit', { items: [{ productId: NOBODYS_ID, quantity: 0.5 }] }, '#/items/0/quantity', 'isInt'],
    ['with an unknown product', { items: [{ productId: NOBODYS_ID, quantity: 1 }] }, '#/items/0/productId', 'exists'],
  ])('%s', async (_, json, pointer, code) => {
    const { status, body } = await place<ProblemDto>(json);

    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ pointer, code })]]);
  });

  it('with more than 100 lines', async () => {
    const items = Array.from({ length: 101 }, () => ({ productId: NOBODYS_ID, quantity: 1 }));

    expect((await place({ items })).status).toBe(422);
  });

  it.each(['status', 'total', 'version', 'number', 'paymentStatus'])('with its own %s', async (member) => {
    const productId = await product();
    const { status, body } = await place<ProblemDto>({ items: [{ productId, quantity: 1 }], [member]: 1 });

    expect([status, body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: `#/${member}`, code: 'unknown' })],
    ]);
  });

  it('with an archived product, by name; a draft does not exist for customers', async () => {
    const archived = await product(5, { status: 'archived' });
    const draft = await product(5, { status: 'draft' });
    const of = (productId: string, by: Account): Promise<Answer<ProblemDto>> =>
      place<ProblemDto>({ items: [{ productId, quantity: 1 }] }, by);

    expect((await of(archived, customer)).body).toMatchObject({
      status: 409,
      type: expect.stringMatching(/product-not-sold$/),
      errors: [{ pointer: '#/items/0/productId', code: 'sold' }],
    });
    expect((await of(draft, customer)).body).toMatchObject({ status: 422, errors: [{ code: 'exists' }] });
    expect((await of(draft, staff)).body).toMatchObject({ status: 409, errors: [{ code: 'sold' }] });
    expect([await stockOf(archived), await stockOf(draft)]).toEqual([
      { on_hand: 5, reserved: 0 },
      { on_hand: 5, reserved: 0 },
    ]);
  });

  it('with several currencies, and with a method in another one', async () => {
    const [pounds, euros] = [await product(), await product(5, { price: { amount: 1999, currency: 'EUR' } })];
    const eur = { price: { amount: 395, currency: 'EUR' }, freeFrom: null };
    const mixed = await place<ProblemDto>({
      items: [pounds, pounds, euros].map((productId) => ({ productId, quantity: 1 })),
    });
    const sent = await place<ProblemDto>({
      items: [{ productId: pounds, quantity: 1 }],
      shippingMethodId: await method(eur),
      shippingAddress: ADDRESS,
    });

    expect(mixed.body).toMatchObject({ status: 422, errors: [{ pointer: '#/items/2', code: 'currency' }] });
    expect(sent.body).toMatchObject({ status: 422, errors: [{ pointer: '#/shippingMethodId', code: 'currency' }] });
    expect(mixed.body.type).toMatch(/mixed-currencies$/);
  });

  it('with a method that does not go to the country, is not there or not active, or comes without an address', async () => {
    const items = [{ productId: await product(), quantity: 1 }];
    const away = await place<ProblemDto>({
      items,
      shippingMethodId: await method(),
      shippingAddress: { ...ADDRESS, country: 'FR' },
    });
    const refused = [
      await place({ items, shippingMethodId: NOBODYS_ID, shippingAddress: ADDRESS }),
      await place({ items, shippingMethodId: await method({ active: false }), shippingAddress: ADDRESS }),
      await place({ items, shippingMethodId: await method() }),
    ];

    expect([away.status, away.body.type]).toEqual([422, expect.stringMatching(/shipping-not-to-country$/)]);
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422]);
  });

  it('when it costs more than an amount of money can be', async () => {
    const productId = await product(1, { price: gbp(999_999_999_999) });
    const { status, body } = await place<ProblemDto>({ items: [{ productId, quantity: 2 }] });

    expect([status, body.type]).toEqual([422, expect.stringMatching(/order-too-large$/)]);
  });

  it('for another customer, or at a price of one’s own, but for staff (O3, O7)', async () => {
    const productId = await product();
    const items = [{ productId, quantity: 1, unitPrice: gbp(1) }];
    const own = await place<ProblemDto>({ items, customerId: other.id });
    const staffs = await place({ items, customerId: other.id }, staff);
    const nobodys = await place<ProblemDto>({ items, customerId: NOBODYS_ID }, staff);

    expect([own.status, own.body.errors]).toEqual([
      422,
      [
        expect.objectContaining({ pointer: '#/customerId', code: 'permission' }),
        expect.objectContaining({ pointer: '#/items/0/unitPrice', code: 'permission' }),
      ],
    ]);
    expect([staffs.status, staffs.body.customerId, staffs.body.total]).toEqual([201, other.id, gbp(1)]);
    expect([nobodys.status, nobodys.body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '#/customerId', code: 'exists' })],
    ]);
    expect((await read(staffs.body.id, other)).status).toBe(200);
    expect(await stockOf(productId)).toEqual({ on_hand: 10, reserved: 1 });
  });
});

describe('reading orders', () => {
  it('shows customers their own and nobody else’s, staff all (O4)', async () => {
    const { id } = await order(await product());
    const ids = async ({ token }: Account, query = ''): Promise<string[]> =>
      (await shop.ask<OrderPage>(`orders?limit=100${query}`, { token })).body.data.map((one) => one.id);

    expect((await read(id, other)).status).toBe(404);
    expect((await shop.ask(`orders/${id}/events`, other)).status).toBe(404);
    expect((await shop.ask(`orders/${id}/fulfillments`, other)).status).toBe(404);
    expect((await cancel(id, other)).status).toBe(404);
    expect(
      (await shop.ask(`orders/${id}`, { token: other.token, headers: { 'if-none-match': '"1-customer"' } })).status,
    ).toBe(404);
    expect((await read(id, staff)).status).toBe(200);
    expect(await ids(customer)).toContain(id);
    expect(await ids(other)).not.toContain(id);
    expect(await ids(other, `&customerId=${customer.id}`)).toEqual([]);
    expect(await ids(staff, `&customerId=${customer.id}`)).toContain(id);
    expect((await read(id)).body.status).toBe('pending');
  });

  it('filters by states, reference and time', async () => {
    const by = await openAccount(shop, 'customer');
    const productId = await product(10, { price: gbp(0) });
    const paid = await order(productId, 1, by);
    const open = (await place({ items: [{ productId: await product(), quantity: 1 }], reference: 'A-7' }, by)).body;
    const ids = async (query: string): Promise<string[]> =>
      (await shop.ask<OrderPage>(`orders?${query}`, by)).body.data.map(({ id }) => id);

    expect(await ids('')).toEqual([open.id, paid.id]);
    expect(await ids('sort=createdAt')).toEqual([paid.id, open.id]);
    expect(await ids('status=confirmed')).toEqual([paid.id]);
    expect(await ids('paymentStatus=unpaid')).toEqual([open.id]);
    expect(await ids('fulfillmentStatus=fulfilled')).toEqual([]);
    expect(await ids('reference=A-7')).toEqual([open.id]);
    expect(await ids(`from=${open.createdAt}`)).toEqual([open.id]);
    expect(await ids(`to=${open.createdAt}`)).toEqual([paid.id]);
    expect((await shop.ask('orders?status=lost', by)).status).toBe(400);
  });

  it('says who did what, when, for which request, and in which version', async () => {
    const { id } = await order(await product());
    const headers = { 'if-match': '"1"', 'x-request-id': 'cancel-7' };
    const json = { reason: 'Ordered twice' };
    await shop.ask(`orders/${id}/cancel`, { method: 'POST', token: staff.token, headers, json });

    expect(await historyOf(id)).toEqual([
      expect.objectContaining({ name: 'placed', status: 'pending', version: 1, actorId: customer.id, reason: null }),
      expect.objectContaining({
        name: 'cancelled',
        status: 'cancelled',
        version: 2,
        actorId: staff.id,
        reason: 'Ordered twice',
        requestId: 'cancel-7',
      }),
    ]);
  });

  it('never forgets what happened', async () => {
    const { id } = await order(await product());

    for (const change of ["UPDATE order_events SET name = 'expired'", 'DELETE FROM order_events'])
      await expect(sql(`${change} WHERE order_id = $1`, [id])).rejects.toThrow(/never changed/);
    await expect(sql('TRUNCATE order_events')).rejects.toThrow(/never changed/);
  });
});

describe('cancelling an order', () => {
  it('returns its stock exactly once (I4)', async () => {
    const productId = await product(3);
    const { id } = await order(productId, 3);
    const { status, body } = await cancel(id);
    const again = await cancel<ProblemDto>(id);

    expect([status, body.status, body.expiresAt, body.version]).toEqual([200, 'cancelled', null, 2]);
    expect([again.status, again.body]).toEqual([
      409,
      expect.objectContaining({ orderStatus: 'cancelled', allowed: [] }),
    ]);
    expect(await stockOf(productId)).toEqual({ on_hand: 3, reserved: 0 });
    expect((await eventsOf(shop, id)).map(({ name }) => name)).toEqual(['order.placed', 'order.cancelled']);
  });

  it('returns what was sold, by a movement', async () => {
    const productId = await product(10, { price: gbp(0) });
    const { id } = await order(productId, 4);
    const before = await stockOf(productId);
    await cancel(id);

    expect([before, await stockOf(productId)]).toEqual([
      { on_hand: 6, reserved: 0 },
      { on_hand: 10, reserved: 0 },
    ]);
    expect(
      await sql('SELECT cause, delta FROM stock_movements WHERE product_id = $1 ORDER BY created_at, id', [productId]),
    ).toEqual([
      { cause: 'adjustment', delta: 10 },
      { cause: 'sale', delta: -4 },
      { cause: 'refund', delta: 4 },
    ]);
  });

  it('returns nothing twice when it is cancelled and expires at once', async () => {
    const productId = await product(20);
    const orders = await Promise.all(Array.from({ length: 5 }, () => order(productId, 2)));
    await sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = ANY ($1)", [
      orders.map(({ id }) => id),
    ]);
    const expiry = shop.app.get(OrdersExpiryService);
    const cancelled = orders.flatMap(({ id }) => [cancel(id), cancel(id, staff)]);
    await Promise.all([...cancelled, expiry.expireBatch(), expiry.expireBatch()]);

    expect(await stockOf(productId)).toEqual({ on_hand: 20, reserved: 0 });
    for (const { id } of orders) expect(await historyOf(id)).toHaveLength(2);
  });

  it('is of any version, or of the one that the caller names', async () => {
    const [{ id }, other] = [await order(await product()), await order(await product())];
    const any = await shop.ask(`orders/${other.id}/cancel`, { method: 'POST', token: customer.token, json: {} });

    expect([any.status, (await cancel(id, customer, '"7"')).status]).toEqual([200, 412]);
    expect((await read(id)).body.status).toBe('pending');
    expect((await cancel(id, customer, '"1"')).status).toBe(200);
  });
});

describe('an order that is not paid in time', () => {
  it('expires, and returns its stock', async () => {
    const productId = await product(3);
    const { id } = await order(productId, 2);
    await expire(id);
    await expire(id).catch(() => undefined);

    expect((await read(id)).body).toMatchObject({ status: 'expired', expiresAt: null });
    expect(await stockOf(productId)).toEqual({ on_hand: 3, reserved: 0 });
    expect((await historyOf(id)).map(({ name, actorId }) => [name, actorId])).toEqual([
      ['placed', customer.id],
      ['expired', null],
    ]);
    expect((await cancel<ProblemDto>(id)).body).toMatchObject({ orderStatus: 'expired', allowed: [] });
  });

  it('waits as long as its time is not over, and as long as a payment is unresolved', async () => {
    const [early, unresolved] = [await order(await product()), await order(await product())];
    await sql("UPDATE orders SET payment_status = 'unresolved', expires_at = now() - interval '1 day' WHERE id = $1", [
      unresolved.id,
    ]);
    await shop.app.get(OrdersExpiryService).expireBatch();

    expect([(await read(early.id)).body.status, (await read(unresolved.id)).body.status]).toEqual([
      'pending',
      'pending',
    ]);
  });

  it('is expired by one of several processes alone', async () => {
    const productId = await product(30);
    const orders = await Promise.all(Array.from({ length: 12 }, () => order(productId)));
    await sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = ANY ($1)", [
      orders.map(({ id }) => id),
    ]);
    const expiry = shop.app.get(OrdersExpiryService);
    await Promise.all([expiry.expireBatch(), expiry.expireBatch(), expiry.expireBatch()]);

    expect(await stockOf(productId)).toEqual({ on_hand: 30, reserved: 0 });
    for (const { id } of orders) expect((await historyOf(id)).map(({ name }) => name)).toEqual(['placed', 'expired']);
  });
});

describe('sending an order', () => {
  /** A confirmed order of two products, which cost nothing; with the ids of its lines. */
  async function confirmed(): Promise<{ id: string; first: string; second: string }> {
    const products = [await product(10, { price: gbp(0) }), await product(10, { price: gbp(0) })];
    const items = products.map((productId, at) => ({ productId, quantity: at + 2 }));
    const { id, items: lines } = (await place({ items })).body;
    return { id, first: lines[0]?.id ?? '', second: lines[1]?.id ?? '' };
  }

  it('happens in parcels, the last of which completes it (I5)', async () => {
    const { id, first, second } = await confirmed();
    const partial = await fulfill(id, [{ lineId: first, quantity: 1 }], '"2"');
    const between = (await read(id)).body;
    await fulfill(id, [
      { lineId: first, quantity: 1 },
      { lineId: second, quantity: 2 },
    ]);
    await fulfill(id, [{ lineId: second, quantity: 1 }]);
    const { body } = await read(id);

    expect([partial.status, partial.headers.get('location')]).toEqual([201, './fulfillments']);
    expect(partial.body).toMatchObject({
      orderId: id,
      carrier: 'Parcel Post',
      trackingNumber: 'PP1',
      actorId: staff.id,
    });
    expect(between).toMatchObject({ status: 'confirmed', fulfillmentStatus: 'partially_fulfilled', version: 3 });
    expect(between.items.map(({ fulfilledQuantity }) => fulfilledQuantity)).toEqual([1, 0]);
    expect(body).toMatchObject({ status: 'completed', fulfillmentStatus: 'fulfilled', version: 5 });
    expect(body.items.map(({ fulfilledQuantity }) => fulfilledQuantity)).toEqual([2, 3]);
    const { body: parcels } = await shop.ask<{ data: { lines: object[] }[] }>(`orders/${id}/fulfillments`, customer);
    expect(parcels.data.map(({ lines }) => lines.length)).toEqual([1, 2, 1]);
    expect((await historyOf(id)).map(({ name }) => name)).toEqual([
      'placed',
      'confirmed',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'completed',
    ]);
    expect((await eventsOf(shop, id)).map(({ name }) => name)).toEqual([
      'order.placed',
      'order.confirmed',
      'order.updated',
      'order.updated',
      'order.completed',
    ]);
  });

  it('is refused of more units than are left, also over several lines of one request', async () => {
    const { id, first } = await confirmed();
    const one = { lineId: first, quantity: 1 };
    const { status, body } = await fulfill<ProblemDto>(id, [one, one, one]);

    expect([status, body.type]).toEqual([409, expect.stringMatching(/fulfillment-too-large$/)]);
    expect((await fulfill(id, [one, one])).status).toBe(201);
    expect((await fulfill(id, [one])).status).toBe(409);
    expect((await read(id)).body.items[0]?.fulfilledQuantity).toBe(2);
  });

  it('is refused of lines of other orders, and of none (O3, O4)', async () => {
    const [mine, others] = [await confirmed(), await confirmed()];
    const { status, body } = await fulfill<ProblemDto>(mine.id, [{ lineId: others.first, quantity: 1 }]);

    expect([status, body.errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: '#/lines/0/lineId', code: 'exists' })],
    ]);
    expect((await fulfill(mine.id, [])).status).toBe(422);
    expect((await fulfill(NOBODYS_ID, [{ lineId: others.first, quantity: 1 }])).status).toBe(404);
  });

  it('is for staff, in the version that they have seen, and of a confirmed order', async () => {
    const { id, first } = await confirmed();
    const pending = await order(await product());
    const lines = [{ lineId: first, quantity: 1 }];
    const early = await fulfill<ProblemDto>(pending.id, [{ lineId: pending.items[0]?.id ?? '', quantity: 1 }]);

    expect((await fulfill(id, lines, '*', customer)).status).toBe(403);
    expect((await fulfill(id, lines, '"1"')).status).toBe(412);
    expect([early.status, early.body]).toEqual([
      409,
      expect.objectContaining({ orderStatus: 'pending', allowed: ['cancel', 'expire'] }),
    ]);
  });

  it('ends the time in which it can be cancelled', async () => {
    const { id, first } = await confirmed();
    await fulfill(id, [{ lineId: first, quantity: 1 }]);
    const { status, body } = await cancel<ProblemDto>(id);

    expect([status, body]).toEqual([409, expect.objectContaining({ orderStatus: 'confirmed', allowed: ['fulfill'] })]);
  });

  it('sends no unit twice when two clerks send at once', async () => {
    const { id, first } = await confirmed();
    const answers = await Promise.all(Array.from({ length: 6 }, () => fulfill(id, [{ lineId: first, quantity: 1 }])));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect((await read(id)).body.items[0]?.fulfilledQuantity).toBe(2);
  });
});

describe('the last unit', () => {
  it('is sold once to 50 who want it at once (I7)', async () => {
    const productId = await product(1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => place<ProblemDto>({ items: [{ productId, quantity: 1 }] })),
    );
    const refused = answers.filter(({ status }) => status === 409);

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(refused).toHaveLength(49);
    for (const { body } of refused) expect(body.type).toMatch(/out-of-stock$/);
    expect(await stockOf(productId)).toEqual({ on_hand: 1, reserved: 1 });
    expect(await sql('SELECT count(*)::integer AS n FROM order_lines WHERE product_id = $1', [productId])).toEqual([
      { n: 1 },
    ]);
  });

  it('is sold again once its order is cancelled', async () => {
    const productId = await product(1);
    const { id } = await order(productId);
    const refused = await place({ items: [{ productId, quantity: 1 }] }, other);
    await cancel(id);

    expect([refused.status, (await place({ items: [{ productId, quantity: 1 }] }, other)).status]).toEqual([409, 201]);
  });

  it('is never waited for in a circle: orders of the same products, the other way round', async () => {
    const products = [await product(100), await product(100), await product(100)];
    const itemsOf = (ids: string[]): object => ({ items: ids.map((productId) => ({ productId, quantity: 1 })) });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => place(itemsOf(at % 2 ? products : products.toReversed()))),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    for (const id of products) expect(await stockOf(id)).toEqual({ on_hand: 100, reserved: 20 });
  });
});
