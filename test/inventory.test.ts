import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import { ProductsBulkService } from '../src/products/products.bulk.service.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const LANTERN = { name: 'Red Metal Lantern', price: { amount: 1999, currency: 'GBP' } };
const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

let shop: Shop;
let staff: string;
let customer: string;
beforeAll(async () => {
  shop = await Shop.open();
  [staff, customer] = [await signIn(shop, 'staff'), await signIn(shop, 'customer')];
});
afterAll(() => shop.close());

const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
const create = async (sku: string): Promise<ProductDto> =>
  (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json: { ...LANTERN, sku } })).body;
const read = (id: string, token?: string, headers?: Record<string, string>): Promise<Answer<ProductDto>> =>
  shop.ask<ProductDto>(`products/${id}`, { token, headers });
const adjust = (id: string, delta: number, token = staff): Promise<Answer<Record<string, unknown>>> =>
  shop.ask(`products/${id}/stock-adjustments`, { method: 'POST', token, json: { delta, reason: 'Count' } });
const reserve = (id: string, units: number): Promise<unknown> =>
  sql('UPDATE stock_levels SET reserved = $2 WHERE product_id = $1', [id, units]);

describe('stock', () => {
  it('is adjusted by movements', async () => {
    const { id } = await create('STOCK');
    const first = await adjust(id, 10);
    await adjust(id, -4);

    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe('./stock-movements');
    expect((await read(id)).body.stock).toEqual({ available: 6 });
    expect((await read(id, staff)).body.stock).toEqual({ available: 6, onHand: 6, reserved: 0 });
    const { body } = await shop.ask<{ data: object[] }>(`products/${id}/stock-movements`, { token: staff });
    expect(body.data).toMatchObject([
      { delta: -4, onHand: 6, reason: 'Count' },
      { delta: 10, onHand: 10, reason: 'Count' },
    ]);
    expect(await sql('SELECT cause FROM stock_movements WHERE product_id = $1', [id])).toEqual([
      { cause: 'adjustment' },
      { cause: 'adjustment' },
    ]);
  });

  it('never falls below zero', async () => {
    const { id } = await create('EMPTY');
    await adjust(id, 3);
    const { status, body } = await adjust(id, -4);

    expect(status).toBe(409);
    expect(body).toMatchObject({ type: 'http://localhost:3000/problems/out-of-stock', available: 3 });
  });

  it('never falls below the reserved units', async () => {
    const { id } = await create('RESERVED');
    await adjust(id, 5);
    await reserve(id, 3);
    const [over, exactly] = [await adjust(id, -3), await adjust(id, -2)];

    expect([over.status, exactly.status]).toEqual([409, 201]);
    expect(over.body).toMatchObject({ available: 2 });
    expect((await read(id, staff)).body.stock).toEqual({ available: 0, onHand: 3, reserved: 3 });
  });

  it('never falls below zero when many take at once', async () => {
    const { id } = await create('RUSH');
    await adjust(id, 5);
    const answers = await Promise.all(Array.from({ length: 12 }, () => adjust(id, -1)));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect((await read(id)).body.stock.available).toBe(0);
  });

  it('never rises above what can be kept', async () => {
    const { id } = await create('FULL');
    await sql('UPDATE stock_levels SET on_hand = 1000000000 - 5 WHERE product_id = $1', [id]);
    const [over, full] = [await adjust(id, 6), await adjust(id, 5)];
    // the sums of movements are compared below
    await sql('DELETE FROM products WHERE id = $1', [id]);

    expect([over.status, full.status]).toEqual([409, 201]);
    expect(over.body).toMatchObject({ type: 'http://localhost:3000/problems/stock-full' });
  });

  it('is not imported below the reserved units, nor is anything else of that product', async () => {
    const { id } = await create('PROMISED');
    await adjust(id, 10);
    await reserve(id, 4);
    const before = await read(id, staff);
    const result = await shop.app.get(ProductsBulkService).upsertMany([
      { ...LANTERN, sku: 'PROMISED-2', stock: 3 },
      { ...LANTERN, sku: 'PROMISED', name: 'Blue Lantern', stock: 3, categories: [['Gifts']] },
    ]);

    expect(result).toMatchObject({ created: 1, updated: 0 });
    expect(result.refused).toMatchObject([{ index: 1, member: 'stock', code: 'out-of-stock' }]);
    const after = await read(id, staff);
    expect([after.headers.get('etag'), after.body]).toEqual([before.headers.get('etag'), before.body]);
    expect(await sql('SELECT delta FROM stock_movements WHERE product_id = $1', [id])).toEqual([{ delta: 10 }]);
  });

  it('is for staff, and only where there is a product', async () => {
    const { id } = await create('LOCKED');

    expect((await adjust(id, 1, customer)).status).toBe(403);
    expect((await shop.ask(`products/${id}/stock-movements`, { token: customer })).status).toBe(403);
    expect((await adjust(NOBODYS_ID, 1)).status).toBe(404);
    expect((await shop.ask(`products/${NOBODYS_ID}/stock-movements`, { token: staff })).status).toBe(404);
  });

  it('is deleted with its product, and its movements too', async () => {
    const [gone, kept] = [await create('DELETED'), await create('KEPT')];
    for (const { id } of [gone, kept]) await adjust(id, 7);
    const headers = { 'if-match': '*' };
    const { status } = await shop.ask(`products/${gone.id}`, { method: 'DELETE', token: staff, headers });

    const left = (table: string): Promise<unknown[]> =>
      sql(`SELECT product_id AS id FROM ${table} WHERE product_id = ANY ($1)`, [[gone.id, kept.id]]);
    expect(status).toBe(204);
    expect(await left('stock_levels')).toEqual([{ id: kept.id }]);
    expect(await left('stock_movements')).toEqual([{ id: kept.id }]);
  });
});

describe('the version of a product', () => {
  const rename = (id: string, etag: string, name: string): Promise<Answer<ProductDto>> =>
    shop.ask(`products/${id}`, { method: 'PATCH', token: staff, headers: { 'if-match': etag }, json: { name } });

  it('is not changed by its stock: an If-Match from before still counts, until the product itself changes', async () => {
    const { id, updatedAt } = await create('MATCHED');
    const etag = (await read(id, staff)).headers.get('etag') ?? '';
    await adjust(id, 4);
    await reserve(id, 1);

    const between = (await read(id, staff)).body;
    expect([between.version, between.updatedAt, between.stock.available]).toEqual([1, updatedAt, 3]);
    expect((await rename(id, etag, 'Renamed')).status).toBe(200);
    expect((await rename(id, etag, 'Renamed again')).status).toBe(412);
  });

  it('is named by the tags of all states of its stock', async () => {
    const { id } = await create('TAGGED');
    const tags = [(await read(id)).headers.get('etag')];
    for (const delta of [1, 2]) {
      await adjust(id, delta);
      tags.push((await read(id)).headers.get('etag'));
    }

    expect(tags).toEqual(['"1"', '"1.2"', '"1.3"']);
    expect((await rename(id, '"1.2"', 'Renamed')).headers.get('etag')).toBe('"2.3-staff"');
  });

  it.each<[string, () => string | undefined]>([
    ['a stranger', (): undefined => undefined],
    ['a customer', (): string => customer],
    ['staff', (): string => staff],
  ])('never lets a 304 hide from %s that availability has changed', async (who, tokenOf) => {
    const { id } = await create(`FRESH-${who.slice(-5)}`);
    await adjust(id, 5);
    const changes: (() => Promise<unknown>)[] = [
      () => adjust(id, -2),
      () => reserve(id, 1),
      () => adjust(id, 2),
      () => reserve(id, 0),
      () => shop.app.get(ProductsBulkService).upsertMany([{ ...LANTERN, sku: `FRESH-${who.slice(-5)}`, stock: 9 }]),
    ];
    const seen: number[] = [];
    for (const change of changes) {
      const etag = (await read(id, tokenOf())).headers.get('etag') ?? '';
      expect((await read(id, tokenOf(), { 'if-none-match': etag })).status).toBe(304);
      await change();
      const { status, body } = await read(id, tokenOf(), { 'if-none-match': etag });
      expect(status).toBe(200);
      seen.push(body.stock.available);
    }

    expect(seen).toEqual([3, 2, 4, 5, 9]);
  });
});

describe('the tables of stock', () => {
  it.each([
    ['reserved = -1', 'stock_levels_never_oversold'],
    ['reserved = on_hand + 1', 'stock_levels_never_oversold'],
    ['on_hand = -1', 'stock_levels_never_oversold'],
    ['on_hand = 1000000001', 'stock_levels_on_hand_bounded'],
  ])('refuse %s', async (change, constraint) => {
    const { id } = await create(`CHECK ${change}`.replaceAll(/[^A-Za-z0-9]+/g, '-'));

    await expect(sql(`UPDATE stock_levels SET ${change} WHERE product_id = $1`, [id])).rejects.toThrow(constraint);
  });

  it('refuse a movement of an unknown cause', async () => {
    const { id } = await create('CAUSE');

    await expect(
      sql(
        `INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason)
         VALUES (gen_random_uuid(), $1, 1, 1, 'magic', 'x')`,
        [id],
      ),
    ).rejects.toThrow('stock_movements_cause_known');
  });

  it.each([
    ['changing a movement', 'UPDATE stock_movements SET delta = 8 WHERE product_id = $1'],
    ['changing the reason of one', "UPDATE stock_movements SET reason = 'x' WHERE product_id = $1"],
    ['deleting a movement', 'DELETE FROM stock_movements WHERE product_id = $1'],
    ['deleting a level with movements', 'DELETE FROM stock_levels WHERE product_id = $1'],
  ])('refuse %s', async (what, statement) => {
    const { id } = await create(`APPEND-${what.replaceAll(' ', '-')}`);
    await adjust(id, 7);

    await expect(sql(statement, [id])).rejects.toThrow('movements are never changed');
    const { body } = await shop.ask<{ data: object[] }>(`products/${id}/stock-movements`, { token: staff });
    expect(body.data).toMatchObject([{ delta: 7, onHand: 7, reason: 'Count' }]);
  });
});

describe('movements', () => {
  const SKUS = ['SUM-1', 'SUM-2', 'SUM-3'];
  const sku = fc.constantFrom(...SKUS);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('adjust' as const), sku, delta: fc.integer({ min: -30, max: 30 }) }),
    fc.record({
      kind: fc.constant('import' as const),
      products: fc.array(fc.record({ sku, stock: fc.option(fc.nat(50), { nil: undefined }) }), { maxLength: 4 }),
    }),
  );

  it('sum to what is on hand, after any adjustments and imports at once', async () => {
    const bulk = shop.app.get(ProductsBulkService);
    await bulk.upsertMany(SKUS.map((one) => ({ ...LANTERN, sku: one, stock: 20 })));
    const products = await sql<{ id: string; sku: string }>('SELECT id, sku FROM products WHERE sku = ANY ($1)', [
      SKUS,
    ]);
    const idOf = new Map(products.map(({ id, sku: one }) => [one, id]));
    let written = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await Promise.all(
          steps.map(async (one) => {
            if (one.kind === 'import') {
              const { updated } = await bulk.upsertMany(one.products.map((product) => ({ ...LANTERN, ...product })));
              written += updated;
              return;
            }
            const { status } = await adjust(idOf.get(one.sku) ?? '', one.delta);
            if (status === 201) written++;
            expect([201, 409, ...(one.delta === 0 ? [422] : [])]).toContain(status);
          }),
        );
        expect(await unbalanced()).toEqual([]);
      }),
      { numRuns: 15 },
    );

    expect(written).toBeGreaterThan(15);
    const [{ count } = { count: 0 }] = await sql<{ count: number }>(
      'SELECT count(*) AS count FROM stock_movements WHERE product_id = ANY ($1)',
      [[...idOf.values()]],
    );
    expect(count).toBe(written + SKUS.length);
    // a sum that is wrong would be found
    await sql('UPDATE stock_levels SET on_hand = on_hand + 1 WHERE product_id = $1', [idOf.get('SUM-2')]);
    expect(await unbalanced()).toEqual([{ sku: 'SUM-2' }]);
  });

  /** Products whose movements do not sum to what is on hand, or that have no stock level. */
  const unbalanced = (): Promise<unknown[]> =>
    sql(`SELECT p.sku FROM products p LEFT JOIN stock_levels l ON l.product_id = p.id
         WHERE l.on_hand IS DISTINCT FROM (
           SELECT coalesce(sum(delta), 0) FROM stock_movements m WHERE m.product_id = p.id
         ) ORDER BY p.sku`);
});
