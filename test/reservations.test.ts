import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRelay } from '../src/common/events/event-relay.js';
import { OutOfStock } from '../src/inventory/inventory.errors.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { eventsOf } from './support/events.js';
import { refusalOf } from './support/fakes.js';
import { type Asked, LATER, ReservingShop } from './support/reservations.js';
import type { Answer } from './support/shop.js';
import { statementsOf } from './support/statements.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

let stock: ReservingShop;
beforeAll(async () => {
  stock = await ReservingShop.open();
});
afterAll(() => stock.close());

const read = (id: string, headers?: Record<string, string>): Promise<Answer<ProductDto>> =>
  stock.shop.ask<ProductDto>(`products/${id}`, { headers });

describe('reserving', () => {
  it('takes units of several products for an order, and leaves others alone', async () => {
    const [lantern, candle, other] = [await stock.create(5), await stock.create(9), await stock.create(3)];
    const order = randomUUID();
    await stock.reserve(order, [
      [lantern, 2],
      [candle, 9],
    ]);

    expect(await stock.reservationsOf(order)).toEqual([
      { id: lantern, quantity: 2, state: 'active' },
      { id: candle, quantity: 9, state: 'active' },
    ]);
    expect([await stock.levelOf(lantern), await stock.levelOf(candle), await stock.levelOf(other)]).toEqual([
      { onHand: 5, reserved: 2 },
      { onHand: 9, reserved: 9 },
      { onHand: 3, reserved: 0 },
    ]);
  });

  it('sums the quantities of one product first (I1)', async () => {
    const [lantern, order] = [await stock.create(5), randomUUID()];
    const over = await refusalOf(
      stock.reserve(randomUUID(), [
        [lantern, 3],
        [lantern.toUpperCase(), 3],
      ]),
    );
    await stock.reserve(order, [
      [lantern, 3],
      [lantern.toUpperCase(), 2],
    ]);

    expect(over.extras.members).toEqual({ products: [{ productId: lantern, available: 5 }] });
    expect(await stock.reservationsOf(order)).toEqual([{ id: lantern, quantity: 5, state: 'active' }]);
    expect(await stock.levelOf(lantern)).toEqual({ onHand: 5, reserved: 5 });
  });

  it('is all or nothing, and names what has too few', async () => {
    const [plenty, few, none] = [await stock.create(50), await stock.create(4), await stock.create(0)];
    await stock.reserve(randomUUID(), [[few, 3]]);
    const order = randomUUID();
    const { kind, extras } = await refusalOf(
      stock.reserve(order, [
        [plenty, 10],
        [few, 2],
        [none, 1],
        [NOBODYS_ID, 3_000_000_000],
      ]),
    );

    expect(kind).toBe(OutOfStock);
    expect(extras.members?.products).toEqual([
      { productId: NOBODYS_ID, available: 0 },
      { productId: few, available: 1 },
      { productId: none, available: 0 },
    ]);
    expect([
      await stock.reservationsOf(order),
      (await stock.levelOf(plenty))?.reserved,
      (await stock.levelOf(few))?.reserved,
    ]).toEqual([[], 0, 3]);
  });

  it('is done once for an order', async () => {
    const [lantern, order] = [await stock.create(5), randomUUID()];
    await stock.reserve(order, [[lantern, 2]]);

    await expect(stock.reserve(order, [[lantern, 2]])).rejects.toThrow('reservations_product_unique_of_order');
    expect(await stock.levelOf(lantern)).toEqual({ onHand: 5, reserved: 2 });
  });

  it('holds a level for the announcement and the commit alone', async () => {
    const asked: Asked[] = [
      [await stock.create(5), 1],
      [await stock.create(5), 1],
    ];
    // what they announced is handled by other transactions
    await stock.shop.app.get(EventRelay).idle();
    const texts = (await statementsOf(stock.shop, () => stock.reserve(randomUUID(), asked))).map(({ text }) => text);
    const locking = texts.findIndex((text) => text.includes('stock_levels'));

    expect(texts.slice(locking + 1, locking + 3)).toEqual([expect.stringContaining('INSERT INTO outbox'), 'COMMIT']);
    expect(texts.filter((text) => text.includes('stock_levels'))).toHaveLength(1);
  });
});

describe('a reservation', () => {
  it('is consumed when all that there is is reserved (I5)', async () => {
    const [lantern, order] = [await stock.create(3), randomUUID()];
    await stock.reserve(order, [[lantern, 3]]);

    expect(await stock.consume(order)).toBe(true);
    expect(await stock.levelOf(lantern)).toEqual({ onHand: 0, reserved: 0 });
  });

  it('is released when the level has no reserved units by mistake (I4)', async () => {
    const [lantern, order] = [await stock.create(3), randomUUID()];
    await stock.reserve(order, [[lantern, 2]]);
    await stock.sql('UPDATE stock_levels SET reserved = 0 WHERE product_id = $1', [lantern]);

    expect([await stock.release(order), await stock.release(order)]).toEqual([true, false]);
    expect(await stock.levelOf(lantern)).toEqual({ onHand: 3, reserved: 0 });
  });

  it('is the order’s own: another order’s stays, and an order without one has nothing to end', async () => {
    const [lantern, order, other] = [await stock.create(5), randomUUID(), randomUUID()];
    await stock.reserve(order, [[lantern, 2]]);
    await stock.reserve(other, [[lantern, 1]]);
    await stock.release(order);

    expect(await stock.reservationsOf(other)).toEqual([{ id: lantern, quantity: 1, state: 'active' }]);
    expect([await stock.consume(randomUUID()), await stock.release(randomUUID())]).toEqual([false, false]);
  });

  it('keeps its product, until it has ended', async () => {
    const [lantern, order] = [await stock.create(3), randomUUID()];
    await stock.reserve(order, [[lantern, 2]]);
    const remove = (): Promise<Answer<{ code?: string; detail?: string }>> =>
      stock.shop.ask(`products/${lantern}`, {
        method: 'DELETE',
        token: stock.staff.token,
        headers: { 'if-match': '*' },
      });
    const refused = await remove();
    const kept = await stock.reservationsOf(order);
    await stock.release(order);

    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      'product-reserved',
      '2 units are reserved.',
    ]);
    expect(kept).toHaveLength(1);
    expect((await remove()).status).toBe(204);
    expect([await stock.levelOf(lantern), await stock.reservationsOf(order)]).toEqual([undefined, []]);
  });

  it('can be sold by the unit of work that reserves it', async () => {
    const [lantern, order] = [await stock.create(5), randomUUID()];
    const isSold = await stock.inUnit(async (reservations) => {
      await reservations.reserve(order, [{ productId: lantern, quantity: 2 }], LATER);
      return reservations.consume(order, null);
    });

    expect([isSold, await stock.levelOf(lantern)]).toEqual([true, { onHand: 3, reserved: 0 }]);
  });

  it('is undone with its unit of work', async () => {
    const [lantern, order] = [await stock.create(5), randomUUID()];
    const unit = stock.inUnit(async (reservations) => {
      await reservations.reserve(order, [{ productId: lantern, quantity: 2 }], LATER);
      throw new Error('the order could not be written');
    });

    await expect(unit).rejects.toThrow('the order');
    expect([await stock.reservationsOf(order), await stock.levelOf(lantern)]).toEqual([[], { onHand: 5, reserved: 0 }]);
  });

  it('is extended while it is active, and never shortened', async () => {
    const [lantern, order, ended] = [await stock.create(5), randomUUID(), randomUUID()];
    for (const one of [order, ended]) await stock.reserve(one, [[lantern, 1]]);
    await stock.release(ended);
    const longer = new Date(LATER.getTime() + 60_000);
    const expiries: unknown[] = [];
    for (const until of [longer, LATER]) {
      for (const one of [order, ended]) await stock.inUnit((reservations) => reservations.extend(one, until));
      const rows = await stock.sql<{ at: Date }>(
        'SELECT expires_at AS at FROM reservations WHERE order_id = ANY ($1) ORDER BY expires_at',
        [[order, ended]],
      );
      expiries.push(rows.map(({ at }) => at));
    }

    expect(expiries).toEqual([
      [LATER, longer],
      [LATER, longer],
    ]);
  });
});

describe('restocking', () => {
  it('puts units back once for each refund', async () => {
    const [lantern, order, refund] = [await stock.create(5), randomUUID(), randomUUID()];
    await stock.reserve(order, [[lantern, 3]]);
    await stock.consume(order);
    await stock.restock(refund, [[lantern, 1]]);

    await expect(stock.restock(refund, [[lantern, 1]])).rejects.toThrow('stock_movements_product_unique_of_cause');
    await stock.restock(randomUUID(), [[lantern, 1]]);
    expect(await stock.levelOf(lantern)).toEqual({ onHand: 4, reserved: 0 });
    const { body } = await stock.shop.ask<{ data: object[] }>(`products/${lantern}/stock-movements`, stock.staff);
    expect(body.data).toMatchObject([
      { delta: 1, onHand: 4, reason: 'Returned', actorId: stock.staff.id },
      { delta: 1, onHand: 3, reason: 'Returned' },
      { delta: -3, onHand: 2, reason: 'Sale', actorId: stock.staff.id },
      { delta: 5, onHand: 5, reason: 'Count' },
    ]);
  });

  it('leaves a product alone that is gone, and puts the others back', async () => {
    const [lantern, candle, order] = [await stock.create(5), await stock.create(5), randomUUID()];
    await stock.reserve(order, [
      [lantern, 2],
      [candle, 3],
    ]);
    await stock.consume(order);
    const headers = { 'if-match': '*' };
    await stock.shop.ask(`products/${lantern}`, { method: 'DELETE', token: stock.staff.token, headers });
    await stock.restock(randomUUID(), [
      [lantern, 2],
      [candle, 1],
    ]);

    expect([await stock.levelOf(lantern), await stock.levelOf(candle)]).toEqual([
      undefined,
      { onHand: 3, reserved: 0 },
    ]);
  });
});

describe('every change of availability', () => {
  it('is announced as the next version of the stock', async () => {
    const [lantern, order, other] = [await stock.create(5), randomUUID(), randomUUID()];
    for (const one of [order, other]) await stock.reserve(one, [[lantern, 2]]);
    await stock.release(other);
    await stock.consume(order);
    await stock.restock(randomUUID(), [[lantern, 1]]);

    expect((await eventsOf(stock.shop, lantern)).filter(({ name }) => name === 'stock.changed')).toEqual(
      [
        { onHand: 5, reserved: 0, cause: 'adjustment' },
        { onHand: 5, reserved: 2, cause: 'reservation' },
        { onHand: 5, reserved: 4, cause: 'reservation' },
        { onHand: 5, reserved: 2, cause: 'release' },
        { onHand: 3, reserved: 0, cause: 'sale' },
        { onHand: 4, reserved: 0, cause: 'refund' },
      ].map((data, at) => ({ name: 'stock.changed', version: at + 2, data })),
    );
  });

  it('shows behind every tag, and costs staff no If-Match on the product', async () => {
    const [lantern, order, other] = [await stock.create(5), randomUUID(), randomUUID()];
    const { headers, body } = await stock.shop.ask<ProductDto>(`products/${lantern}`, stock.staff);
    const seen: number[] = [];
    for (const change of [
      () => stock.reserve(order, [[lantern, 2]]),
      () => stock.reserve(other, [[lantern, 1]]),
      () => stock.release(other),
      () => stock.restock(randomUUID(), [[lantern, 4]]),
    ]) {
      const tag = (await read(lantern)).headers.get('etag') ?? '';
      expect((await read(lantern, { 'if-none-match': tag })).status).toBe(304);
      await change();
      const fresh = await read(lantern, { 'if-none-match': tag });
      expect(fresh.status).toBe(200);
      seen.push(fresh.body.stock.available);
    }
    await stock.consume(order);
    const { status, body: renamed } = await stock.shop.ask<ProductDto>(`products/${lantern}`, {
      method: 'PATCH',
      token: stock.staff.token,
      headers: { 'if-match': headers.get('etag') ?? '' },
      json: { name: 'Renamed' },
    });

    expect(seen).toEqual([3, 2, 3, 7]);
    expect([status, body.version, renamed.version]).toEqual([200, 1, 2]);
    expect(renamed.stock).toEqual({ available: 7, onHand: 7, reserved: 0 });
  });
});

describe('the table of reservations', () => {
  it.each([
    ['quantity = 0', 'reservations_quantity_positive'],
    ["state = 'lost'", 'reservations_state_known'],
  ])('refuses %s', async (change, constraint) => {
    const [lantern, order] = [await stock.create(1), randomUUID()];
    await stock.reserve(order, [[lantern, 1]]);

    await expect(stock.sql(`UPDATE reservations SET ${change} WHERE order_id = $1`, [order])).rejects.toThrow(
      constraint,
    );
  });

  it.each(['sale', 'refund'])('has its order or refund named by each movement of the cause %s', async (cause) => {
    const insert = async (kind: string, causeId: string | null): Promise<unknown> =>
      stock.sql(
        `INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, cause_id, reason)
         VALUES (gen_random_uuid(), $1, 1, 1, $2, $3, 'x')`,
        [await stock.create(0), kind, causeId],
      );

    await expect(insert(cause, null)).rejects.toThrow('stock_movements_cause_named');
    await expect(insert('import', NOBODYS_ID)).rejects.toThrow('stock_movements_cause_named');
  });
});
