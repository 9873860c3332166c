import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Repository } from 'typeorm';
import { Category } from '../src/categories/entities/category.entity.js';
import { DatabaseClient } from '../src/common/database/client.js';
import {
  outsideTransaction,
  RolledBack,
  StockroomDataSource,
  Transactions,
} from '../src/common/database/transactions.js';
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

  const names = async (): Promise<string[]> =>
    (await categories.find({ order: { name: 'ASC' } })).map(({ name }) => name);

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

  it('goes on after one inside of it has failed, of which nothing stays', async () => {
    const seen: string[] = [];
    await transactions.run(async () => {
      await add('outer');
      const inner = transactions.run(async () => {
        transactions.afterCommit(() => seen.push('never'));
        await add('inner');
        await transactions.run(() => add('innermost'));
        await add('inner');
      });
      await expect(inner).rejects.toThrow('duplicate key');
      await transactions.run(() => add('next'));
      transactions.afterCommit(() => seen.push('done'));
    });

    expect(await names()).toEqual(['next', 'outer']);
    expect(seen).toEqual(['done']);
  });

  it('has those begun inside of it at the same time take turns', async () => {
    await transactions.run(async () => {
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((name) =>
          transactions.run(async () => {
            await add(name);
            await add(`${name}2`);
            if (name === 'b' || name === 'd') throw new Error('no');
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    });

    expect(await names()).toEqual(['a', 'a2', 'c', 'c2']);
  });

  it('that ignored the error of a statement is not said to be done, as nothing of it is', async () => {
    const seen: string[] = [];
    const work = transactions.run(async () => {
      transactions.afterCommit(() => seen.push('never'));
      await add('A');
      await add('A').catch(() => undefined);
    });

    await expect(work).rejects.toThrow(RolledBack);
    expect(seen).toEqual([]);
    expect(await categories.count()).toBe(0);
  });

  it('is done again when it is in the way of others, and not for ever', async () => {
    let times = 0;
    const contend = (until: number): Promise<void> =>
      transactions.run(async () => {
        await add(`attempt ${String(++times)}`);
        if (times < until) await categories.query("DO $$ BEGIN RAISE 'deadlock' USING ERRCODE = '40P01'; END $$");
      });

    await contend(3);
    expect(await names()).toEqual(['attempt 3']);
    await expect(contend(Infinity)).rejects.toThrow('deadlock');
    expect(times).toBeLessThan(10);
    expect(await names()).toEqual(['attempt 3']);
  });

  it('is not done again for anything else', async () => {
    let times = 0;
    const work = transactions.run(async () => {
      times++;
      await add('A');
      await add('A');
    });

    await expect(work).rejects.toThrow('duplicate key');
    expect(times).toBe(1);
  });

  it('fails for what failed first, when it can’t be rolled back either', async () => {
    const work = transactions.run(async () => {
      const client: unknown = await categories.manager.queryRunner?.connect();
      if (!(client instanceof DatabaseClient)) throw new Error('another client');
      Object.assign(client, { query: () => Promise.reject(new Error('no rollback')) });
      throw new Error('first');
    });

    await expect(work).rejects.toThrow('first');
    await transactions.run(() => add('A'));
    expect(await names()).toEqual(['A']);
  });

  it('is left by what outlives it', async () => {
    let later = Promise.resolve();
    await transactions
      .run(() => {
        later = outsideTransaction(() => transactions.run(() => add('later')));
        return Promise.reject(new Error('no'));
      })
      .catch(() => undefined);
    await later;

    expect(await names()).toEqual(['later']);
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

  it('does all that waits for its commit, even if one of it fails, and is done', async () => {
    const seen: string[] = [];
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await transactions.run(async () => {
      await add('A');
      transactions.afterCommit(() => {
        throw new Error('mail');
      });
      transactions.afterCommit(() => seen.push('second'));
    });

    expect(seen).toEqual(['second']);
    expect(log).toHaveBeenCalledWith({ err: new Error('mail') }, expect.stringContaining('committed'));
    log.mockRestore();
  });

  it('does what waits for a commit at once when nothing is open', () => {
    const seen: string[] = [];
    transactions.afterCommit(() => seen.push('done'));

    expect(seen).toEqual(['done']);
  });
});
