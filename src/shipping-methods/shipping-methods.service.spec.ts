import { beforeEach, describe, expect, it } from '@jest/globals';
import { callerOf, FakeEvents, FakeTransactions, refusalOf, standInFor, updateRow } from '../../test/support/fakes.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound, Outdated, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import { toShippingMethodDto } from './dto/shipping-method.dto.js';
import type { ShippingMethod } from './entities/shipping-method.entity.js';
import { seesInactiveMethods } from './shipping-methods.permissions.js';
import { ShippingMethodsRepository, type WrittenMethod } from './shipping-methods.repository.js';
import { ShippingMethodsService } from './shipping-methods.service.js';

const STANDARD = {
  id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
  name: 'Standard delivery',
  priceAmount: 395,
  priceCurrency: 'GBP',
  countries: ['GB', 'IE'],
  freeFrom: 5000,
  active: true,
  version: 3,
  createdAt: new Date('2026-11-20T09:30:00.000Z'),
  updatedAt: new Date('2026-11-21T10:00:00.000Z'),
} satisfies ShippingMethod;

type Faked = 'find' | 'findVersion' | 'lock' | 'insert' | 'update' | 'delete';

/** Shipping methods. What is not locked is not changed. */
class MethodsInMemory implements Pick<ShippingMethodsRepository, Faked> {
  readonly rows = new Map<string, ShippingMethod>();
  private readonly locked = new Set<string>();

  add(row: Partial<ShippingMethod> = {}): ShippingMethod {
    const added = { ...STANDARD, ...row };
    this.rows.set(added.id, added);
    return added;
  }

  find(id: string, reader?: Pick<Caller, 'permissions'>): Promise<ShippingMethod | undefined> {
    const row = this.rows.get(id);
    return Promise.resolve(row && (row.active || seesInactiveMethods(reader)) ? row : undefined);
  }

  async findVersion(id: string, reader?: Pick<Caller, 'permissions'>): Promise<number | undefined> {
    return (await this.find(id, reader))?.version;
  }

  lock(id: string): Promise<ShippingMethod | null> {
    this.locked.add(id);
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  insert(id: string, method: WrittenMethod): Promise<ShippingMethod> {
    return Promise.resolve(this.add({ id, ...method, version: 1 }));
  }

  update(id: string, change: Partial<WrittenMethod>): Promise<void> {
    const row = this.rows.get(id);
    if (!row || !this.locked.has(id)) throw new Error(`${id} is not locked`);
    this.rows.set(id, updateRow(row, change));
    return Promise.resolve();
  }

  delete(id: string): Promise<void> {
    if (!this.locked.has(id)) throw new Error(`${id} is not locked`);
    this.rows.delete(id);
    return Promise.resolve();
  }
}

describe('a shipping method as it goes out', () => {
  it('has its members, and nothing else that a row may have', () => {
    expect(toShippingMethodDto({ ...STANDARD, secret: 'kept' } as ShippingMethod)).toEqual({
      id: STANDARD.id,
      name: 'Standard delivery',
      price: { amount: 395, currency: 'GBP' },
      countries: ['GB', 'IE'],
      freeFrom: { amount: 5000, currency: 'GBP' },
      active: true,
      version: 3,
      createdAt: '2026-11-20T09:30:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  });

  it('is free from no sum when it has none', () => {
    expect(toShippingMethodDto({ ...STANDARD, freeFrom: null }).freeFrom).toBeNull();
    expect(toShippingMethodDto({ ...STANDARD, freeFrom: 0 }).freeFrom).toEqual({ amount: 0, currency: 'GBP' });
  });
});

describe('ShippingMethodsService', () => {
  let rows: MethodsInMemory;
  let events: FakeEvents;
  let methods: ShippingMethodsService;
  beforeEach(() => {
    const transactions = new FakeTransactions();
    rows = new MethodsInMemory();
    events = new FakeEvents(transactions);
    methods = new ShippingMethodsService(
      standInFor(ShippingMethodsRepository, rows),
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
    );
  });

  const gbp = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'GBP' });

  it('creates a method that can be chosen, and announces it', async () => {
    const created = await methods.create({ name: 'Express', price: gbp(900), countries: ['GB'] });

    expect(created).toMatchObject({ name: 'Express', price: gbp(900), freeFrom: null, active: true, version: 1 });
    expect(events.published).toEqual([
      { name: 'shipping-method.created', id: created.id, version: 1, data: { active: true } },
    ]);
  });

  it('refuses a sum in another currency than the price, in a new method and in a change', async () => {
    const { id } = rows.add();
    const eur = { amount: 5000, currency: 'EUR' };
    const attempts = [
      () => methods.create({ name: 'Express', price: gbp(900), countries: ['GB'], freeFrom: eur }),
      () => methods.update(id, { freeFrom: eur }, '*'),
      () => methods.update(id, { price: { currency: 'EUR' } }, '*'),
    ];

    for (const attempt of attempts) {
      const { kind, extras } = await refusalOf(attempt());

      expect(kind).toBe(ValidationFailed);
      expect(extras.errors).toEqual([expect.objectContaining({ pointer: '#/freeFrom/currency', code: 'currency' })]);
    }
    expect([rows.rows.get(id), events.published]).toEqual([STANDARD, []]);
  });

  it('changes price and sum to another currency together, and the amount of the price alone', async () => {
    const { id } = rows.add();
    await methods.update(id, { price: { currency: 'EUR' }, freeFrom: { amount: 0, currency: 'EUR' } }, [3]);
    const updated = await methods.update(id, { price: { amount: 1 } }, [4]);

    expect([updated.price, updated.freeFrom]).toEqual([
      { amount: 1, currency: 'EUR' },
      { amount: 0, currency: 'EUR' },
    ]);
    expect(events.published.map(({ name, version }) => [name, version])).toEqual([
      ['shipping-method.updated', 4],
      ['shipping-method.updated', 5],
    ]);
  });

  it('removes the sum by null, and announces nothing when nothing changed', async () => {
    const { id } = rows.add();

    expect((await methods.update(id, { name: STANDARD.name }, '*')).version).toBe(3);
    expect(events.published).toEqual([]);
    expect((await methods.update(id, { freeFrom: null }, '*')).freeFrom).toBeNull();
  });

  it('refuses to change or delete another version than expected, and what is not there', async () => {
    const { id } = rows.add();

    expect((await refusalOf(methods.update(id, { name: 'Other' }, [2]))).kind).toBe(Outdated);
    expect((await refusalOf(methods.remove(id, [2]))).kind).toBe(Outdated);
    expect((await refusalOf(methods.remove('nothing', '*'))).kind).toBe(NotFound);
    expect([rows.rows.size, events.published]).toEqual([1, []]);
  });

  it('announces that it was deleted, as the version after its last', async () => {
    const { id } = rows.add();
    await methods.remove(id, [3]);

    expect(rows.rows.size).toBe(0);
    expect(events.published).toEqual([{ name: 'shipping-method.deleted', id, version: 4, data: { active: true } }]);
  });

  it('shows a method that is not active to staff alone, and lets no order be sent by it', async () => {
    const { id } = rows.add({ active: false });

    expect((await methods.read(id, callerOf('sam', 'staff'))).active).toBe(false);
    expect((await refusalOf(methods.read(id, callerOf('ada', 'customer')))).kind).toBe(NotFound);
    expect(await methods.versionOf(id)).toBeUndefined();
    expect(await methods.findActive(id)).toBeUndefined();
  });
});
