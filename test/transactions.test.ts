import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { Repository } from 'typeorm';
import { Category } from '../src/categories/entities/category.entity.js';
import { StockroomDataSource, Transactions } from '../src/common/database/transactions.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

describe('a unit of work', () => {
  let database: TestDatabase;
  let dataSource: StockroomDataSource;
  let transactions: Transactions;
  let categories: Repository<Category>;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new StockroomDataSource(database.options).initialize();
    transactions = new Transactions(dataSource);
    categories = dataSource.getRepository(Category);
  });
  beforeEach(() => categories.deleteAll());
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const add = async (name: string): Promise<void> => {
    const id = uuidv7();
    await categories.insert({ id, name, slug: id, parentId: null });
  };

  it('commits what its repositories wrote', async () => {
    await transactions.run(async () => {
      await add('A');
      await categories.createQueryBuilder().update({ name: 'B' }).where({ name: 'A' }).execute();
      await categories.query("UPDATE categories SET name = name || 'C'");
    });

    expect((await categories.find()).map(({ name }) => name)).toEqual(['BC']);
  });

  it('undoes everything when it throws', async () => {
    const work = transactions.run(async () => {
      await add('A');
      await categories.query("INSERT INTO categories (id, name, slug) VALUES (gen_random_uuid(), 'raw', 'raw')");
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(await categories.count()).toBe(0);
  });

  it('is joined by those begun inside of it', async () => {
    const work = transactions.run(async () => {
      await transactions.run(() => add('inner'));
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(await categories.count()).toBe(0);
  });

  it('stays apart from others that run at the same time', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((name) =>
        transactions.run(async () => {
          await add(name);
          if (name > 'b') throw new Error('no');
        }),
      ),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect((await categories.find({ order: { name: 'ASC' } })).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('does what waits for its commit after it, and not at all after a rollback', async () => {
    const seen: string[] = [];
    await transactions.run(async () => {
      transactions.afterCommit(() => seen.push('mail'));
      await add('A');
      seen.push('written');
    });
    await transactions
      .run(() => {
        transactions.afterCommit(() => seen.push('never'));
        return Promise.reject(new Error('no'));
      })
      .catch(() => seen.push('undone'));

    expect(seen).toEqual(['written', 'mail', 'undone']);
  });

  it('does what waits for a commit at once when nothing is open', () => {
    const seen: string[] = [];
    transactions.afterCommit(() => seen.push('done'));

    expect(seen).toEqual(['done']);
  });
});
