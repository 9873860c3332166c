import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STOCK_VERIFICATION, verifyIn } from '../src/commands/inventory-verify.js';
import { readOptions, runVerification } from '../src/commands/verify.js';
import { createLastingDatabase } from './support/database.js';
import { eventsOf } from './support/events.js';
import { ReservingShop } from './support/reservations.js';

const never = (): never => {
  throw new Error('the configuration was read');
};

describe('npm run inventory:verify', () => {
  let stock: ReservingShop;
  let products: string[];
  let sound: string;
  let broken: string;
  beforeAll(async () => {
    stock = await ReservingShop.open();
    products = [];
  });
  afterAll(() => stock.close());
  beforeEach(async () => {
    [sound, broken] = [await create(7), await create(10)];
    await stock.reserve(randomUUID(), [
      [sound, 2],
      [broken, 4],
    ]);
  });

  async function create(units: number): Promise<string> {
    const id = await stock.create(units);
    products.push(id);
    return id;
  }

  /** What it prints in a shop where each product that is left out is as it should be, and its exit code. */
  async function verify(...args: string[]): Promise<[code: number, ...lines: string[]]> {
    const printed: string[] = [];
    const code = await verifyIn(stock.shop.app, readOptions(args)?.repair ?? never(), (text) => printed.push(text));
    return [code, ...printed.join('').trimEnd().split('\n')];
  }
  const plant = (change: string): Promise<unknown> =>
    stock.sql(`UPDATE stock_levels SET ${change} WHERE product_id = $1`, [broken]);
  const movementsOf = (id: string): Promise<unknown[]> =>
    stock.sql('SELECT delta, on_hand, cause, actor_id FROM stock_movements WHERE product_id = $1 ORDER BY created_at', [
      id,
    ]);
  const verified = (result: string): string => `Verified ${String(products.length)} products${result}`;
  const CLEAN = ': no differences.';

  it('says that nothing differs, and changes nothing', async () => {
    const before = await stock.sql('SELECT * FROM stock_levels ORDER BY product_id');

    expect(await verify()).toEqual([0, verified(CLEAN)]);
    expect(await verify('--repair')).toEqual([0, verified(CLEAN)]);
    expect(await stock.sql('SELECT * FROM stock_levels ORDER BY product_id')).toEqual(before);
  });

  it.each([
    ['more on hand than moved', 'on_hand = on_hand + 3', '13 units on hand, but the movements sum to 10', 13, 3],
    ['less on hand than moved', 'on_hand = on_hand - 5', '5 units on hand, but the movements sum to 10', 5, -5],
  ])('names %s, and adds a movement that makes up for it', async (_, change, line, onHand, delta) => {
    await plant(change);
    const found = await verify();
    const repaired = await verify('--repair');

    expect(found).toEqual([
      1,
      `product ${broken}: ${line}`,
      verified(': 1 differ. Run it with --repair to repair them.'),
    ]);
    expect(repaired).toEqual([
      0,
      `product ${broken}: ${line}`,
      `product ${broken}: added a movement of ${String(delta)} units`,
      verified(': 1 differed, 0 still do.'),
    ]);
    expect(await stock.levelOf(broken)).toEqual({ onHand, reserved: 4 });
    expect(await movementsOf(broken)).toEqual([
      { delta: 10, on_hand: 10, cause: 'adjustment', actor_id: stock.staff.id },
      { delta, on_hand: onHand, cause: 'adjustment', actor_id: null },
    ]);
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it('names a movement without its units', async () => {
    await stock.sql(
      `INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason)
       VALUES (gen_random_uuid(), $1, 6, 16, 'import', 'x')`,
      [broken],
    );

    expect(await verify('--repair')).toContain(`product ${broken}: added a movement of -6 units`);
    expect(await stock.levelOf(broken)).toEqual({ onHand: 10, reserved: 4 });
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it.each([
    ['more', 'reserved = 9', 9],
    ['fewer', 'reserved = 0', 0],
  ])('names %s reserved than orders have, sets and announces what they have', async (_, change, reserved) => {
    await plant(change);
    const line = `product ${broken}: ${String(reserved)} units reserved, but the reservations sum to 4`;

    expect((await verify()).slice(0, 2)).toEqual([1, line]);
    expect(await verify('--repair')).toEqual([
      0,
      line,
      `product ${broken}: set the reserved units from ${String(reserved)} to 4`,
      verified(': 1 differed, 0 still do.'),
    ]);
    expect(await stock.levelOf(broken)).toEqual({ onHand: 10, reserved: 4 });
    expect(await movementsOf(broken)).toHaveLength(1);
    expect((await eventsOf(stock.shop, broken)).at(-1)).toEqual({
      name: 'stock.changed',
      // created, filled, reserved, planted, repaired
      version: 5,
      data: { onHand: 10, reserved: 4, cause: 'adjustment' },
    });
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it('names what an ended reservation still has in the level, and each of several products', async () => {
    await stock.sql("UPDATE reservations SET state = 'released' WHERE product_id = ANY ($1)", [[sound, broken]]);
    await plant('on_hand = 11');
    const [code, ...lines] = await verify('--repair');

    expect(code).toBe(0);
    expect(lines).toEqual([
      `product ${sound}: 2 units reserved, but the reservations sum to 0`,
      `product ${sound}: set the reserved units from 2 to 0`,
      `product ${broken}: 11 units on hand, but the movements sum to 10`,
      `product ${broken}: 4 units reserved, but the reservations sum to 0`,
      `product ${broken}: added a movement of 1 units`,
      `product ${broken}: set the reserved units from 4 to 0`,
      verified(': 2 differed, 0 still do.'),
    ]);
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it('reserves all that there is where orders have more, and says what a person has to do', async () => {
    await plant('on_hand = 3, reserved = 1');
    const advice = `product ${broken}: more units are reserved than are on hand. Add 1 units, or cancel orders; then run it again`;
    const [first, again] = [await verify('--repair'), await verify('--repair')];

    expect([first[0], again[0]]).toEqual([1, 1]);
    expect(first).toContain(advice);
    expect(again).toEqual([
      1,
      `product ${broken}: 3 units reserved, but the reservations sum to 4`,
      advice,
      verified(': 1 differed, 1 still do.'),
    ]);
    await stock.adjust(broken, 1);
    expect((await verify('--repair'))[0]).toBe(0);
    expect(await stock.levelOf(broken)).toEqual({ onHand: 4, reserved: 4 });
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it('goes through more products than it compares at once', async () => {
    const ids = Array.from({ length: 1100 }, () => randomUUID());
    await stock.sql(
      `INSERT INTO products (id, sku, slug, name, price_amount, price_currency, status)
       SELECT id, id, id, 'Lantern', 1, 'GBP', 'active' FROM unnest($1::uuid[]) AS id`,
      [ids],
    );
    await stock.sql('INSERT INTO stock_levels (product_id) SELECT * FROM unnest($1::uuid[])', [ids]);
    await stock.sql('UPDATE stock_levels SET on_hand = 1 WHERE product_id = ANY ($1)', [ids.slice(0, 600)]);
    products.push(...ids);

    expect((await verify('--repair')).at(-1)).toBe(verified(': 600 differed, 0 still do.'));
    expect(await verify()).toEqual([0, verified(CLEAN)]);
  });

  it('finds and repairs nothing that is only being changed', async () => {
    const orders = Array.from({ length: 30 }, () => randomUUID());
    const changes = orders.map(async (order, n) => {
      await stock.reserve(order, [[sound, 1]], n).catch(() => undefined);
      await (n % 2 ? stock.consume(order, n) : stock.release(order, n));
      await stock.adjust(sound, 1);
    });
    const runs = Array.from({ length: 10 }, () => verify('--repair'));

    expect(await Promise.all(runs)).toEqual(runs.map(() => [0, verified(CLEAN)]));
    await Promise.all(changes);
  });

  it('opens the database that the configuration names, and closes it again', async () => {
    const database = await createLastingDatabase();
    const printed: string[] = [];
    const print = (text: string): number => printed.push(text);
    const codes: number[] = [];
    for (const args of [[], ['--repair']]) {
      codes.push(await runVerification(STOCK_VERIFICATION, args, () => database.config, print, database.options));
    }
    await database.drop();

    expect([codes, printed]).toEqual([[0, 0], Array(2).fill('Verified 0 products: no differences.\n')]);
  });

  it('explains itself, and refuses what it does not know, before anything is opened', async () => {
    const printed: string[] = [];
    const run = (...args: string[]): Promise<number> =>
      runVerification(STOCK_VERIFICATION, args, never, (text) => printed.push(text));

    expect(await run('--help')).toBe(0);
    expect(printed.join('')).toMatch(/^Usage: npm run inventory:verify -- \[--repair\]/);
    await expect(run('--fix')).rejects.toThrow("Unknown option '--fix'");
    await expect(run('product')).rejects.toThrow(/Unexpected argument 'product'/);
  });
});
