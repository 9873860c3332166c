import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { declareLock, type Lockable } from '../src/common/database/locks.js';
import { LockOrderViolated, Transactions } from '../src/common/database/transactions.js';
import { testConfig } from './support/database.js';
import { openUnits, type Units } from './support/units.js';

describe('the order of locks', () => {
  let units: Units;
  beforeAll(async () => {
    units = await openUnits();
  });
  afterAll(() => units.close());

  const lock = (transactions: Transactions, ...locks: Lockable[]): Promise<void> =>
    transactions.run(() => {
      for (const each of locks) declareLock(each);
      return Promise.resolve();
    });

  it('is kept by a unit that locks from the first to the last, and several of one kind', async () => {
    await expect(
      lock(units.transactions, 'category tree', 'user', 'category tree', 'product', 'product', 'import'),
    ).resolves.toBeUndefined();
  });

  it('is refused the other way round', async () => {
    await expect(lock(units.transactions, 'product', 'user')).rejects.toThrow(LockOrderViolated);
    await expect(lock(units.transactions, 'category', 'category tree')).rejects.toThrow(
      'category tree is locked after category: lock in the order of common/database/locks.ts',
    );
  });

  it('counts from one unit to those inside of it, and back', async () => {
    const inside = (): Promise<void> =>
      units.transactions.run(() => {
        declareLock('product');
        return lock(units.transactions, 'user');
      });
    const after = (): Promise<void> =>
      units.transactions.run(async () => {
        await lock(units.transactions, 'product');
        declareLock('user');
      });

    await expect(inside()).rejects.toThrow(LockOrderViolated);
    await expect(after()).rejects.toThrow(LockOrderViolated);
  });

  it('forgets what a unit inside of it had locked when that was undone, as its locks are free', async () => {
    const unit = units.transactions.run(async () => {
      const inner = units.transactions.run(() => {
        declareLock('product');
        return Promise.reject(new Error('no'));
      });
      await expect(inner).rejects.toThrow('no');
      declareLock('user');
      return 'done';
    });

    await expect(unit).resolves.toBe('done');
  });

  it('begins again with each unit, and is nothing to a statement outside of one', async () => {
    await lock(units.transactions, 'product');
    await expect(lock(units.transactions, 'user')).resolves.toBeUndefined();
    declareLock('product');
    expect(() => {
      declareLock('user');
    }).not.toThrow();
  });

  it('is logged in production, once for each violation, and the unit goes on', async () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const production = new Transactions(units.categories.manager.dataSource, testConfig({ nodeEnv: 'production' }));
    for (let time = 0; time < 3; time++) await lock(production, 'product', 'user', 'product');
    await lock(production, 'product', 'category');

    expect(log.mock.calls).toEqual(
      ['user is locked after product', 'category is locked after product'].map((message) => [
        { err: new LockOrderViolated(`${message}: lock in the order of common/database/locks.ts`) },
        expect.stringContaining('may deadlock'),
      ]),
    );
    log.mockRestore();
  });
});
