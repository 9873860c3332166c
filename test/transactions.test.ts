import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import { outsideTransaction, RolledBack } from '../src/common/database/transactions.js';
import { openUnits, type Units } from './support/units.js';

describe('a unit of work', () => {
  let units: Units;
  beforeAll(async () => {
    units = await openUnits();
  });
  beforeEach(() => units.categories.deleteAll());
  afterAll(() => units.close());

  it('commits what its repositories wrote', async () => {
    await units.transactions.run(async () => {
      await units.add('A');
      await units.categories.createQueryBuilder().update({ name: 'B' }).where({ name: 'A' }).execute();
      await units.categories.query("UPDATE categories SET name = name || 'C'");
    });

    expect((await units.categories.find()).map(({ name }) => name)).toEqual(['BC']);
  });

  it('undoes everything when it throws', async () => {
    const work = units.transactions.run(async () => {
      await units.add('A');
      await units.categories.query("INSERT INTO categories (id, name, slug) VALUES (gen_random_uuid(), 'raw', 'raw')");
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(await units.categories.count()).toBe(0);
  });

  it('is joined by those begun inside of it', async () => {
    const work = units.transactions.run(async () => {
      await units.transactions.run(() => units.add('inner'));
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(await units.categories.count()).toBe(0);
  });

  it('goes on after one inside of it has failed, of which nothing stays', async () => {
    const seen: string[] = [];
    await units.transactions.run(async () => {
      await units.add('outer');
      const inner = units.transactions.run(async () => {
        units.transactions.afterCommit(() => seen.push('never'));
        await units.add('inner');
        await units.transactions.run(() => units.add('innermost'));
        await units.add('inner');
      });
      await expect(inner).rejects.toThrow('duplicate key');
      await units.transactions.run(() => units.add('next'));
      units.transactions.afterCommit(() => seen.push('done'));
    });

    expect(await units.names()).toEqual(['next', 'outer']);
    expect(seen).toEqual(['done']);
  });

  it('has those begun inside of it at the same time take turns', async () => {
    await units.transactions.run(async () => {
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map((name) =>
          units.transactions.run(async () => {
            await units.add(name);
            await units.add(`${name}2`);
            if (name === 'b' || name === 'd') throw new Error('no');
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    });

    expect(await units.names()).toEqual(['a', 'a2', 'c', 'c2']);
  });

  it('that ignored the error of a statement is not said to be done, as nothing of it is', async () => {
    const seen: string[] = [];
    const work = units.transactions.run(async () => {
      units.transactions.afterCommit(() => seen.push('never'));
      await units.add('A');
      await units.add('A').catch(() => undefined);
    });

    await expect(work).rejects.toThrow(RolledBack);
    expect(seen).toEqual([]);
    expect(await units.categories.count()).toBe(0);
  });

  it('is left by what outlives it', async () => {
    let later = Promise.resolve();
    await units.transactions
      .run(() => {
        later = outsideTransaction(() => units.transactions.run(() => units.add('later')));
        return Promise.reject(new Error('no'));
      })
      .catch(() => undefined);
    await later;

    expect(await units.names()).toEqual(['later']);
  });

  it('stays apart from others that run at the same time', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((name) =>
        units.transactions.run(async () => {
          await units.add(name);
          if (name > 'b') throw new Error('no');
        }),
      ),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect((await units.categories.find({ order: { name: 'ASC' } })).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('does what waits for its commit after it, and not at all after a rollback', async () => {
    const seen: string[] = [];
    await units.transactions.run(async () => {
      units.transactions.afterCommit(() => seen.push('mail'));
      await units.add('A');
      seen.push('written');
    });
    await units.transactions
      .run(() => {
        units.transactions.afterCommit(() => seen.push('never'));
        return Promise.reject(new Error('no'));
      })
      .catch(() => seen.push('undone'));

    expect(seen).toEqual(['written', 'mail', 'undone']);
  });

  it('does all that waits for its commit, even if some of it fails, and is done', async () => {
    const seen: string[] = [];
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const failWith = (message: string) => (): void => {
      throw new Error(message);
    };
    const work = units.transactions.run(async () => {
      await units.add('A');
      for (const message of ['mail', 'event']) {
        units.transactions.afterCommit(failWith(message));
        units.transactions.afterCommit(() => seen.push(`after ${message}`));
      }
      return 'done';
    });

    await expect(work).resolves.toBe('done');
    expect(seen).toEqual(['after mail', 'after event']);
    expect(await units.names()).toEqual(['A']);
    expect(log.mock.calls).toEqual(
      ['mail', 'event'].map((message) => [{ err: new Error(message) }, expect.stringContaining('committed')]),
    );
    log.mockRestore();
  });

  it('writes what was left for its end when it commits, all of a kind with one statement, and not before', async () => {
    const sent = jest.spyOn(units.categories.manager.dataSource.logger, 'logQuery');
    await units.transactions.run(async () => {
      units.transactions.writeLast(insertionOf, ['A']);
      await units.transactions.run(() => {
        units.transactions.writeLast(insertionOf, ['B', 'C']);
      });
      expect(await units.names()).toEqual([]);
    });
    const inserted = sent.mock.calls.filter(([text]) => text.trim().startsWith('INSERT'));
    sent.mockRestore();

    expect([await units.names(), inserted.length]).toEqual([['A', 'B', 'C'], 1]);
  });

  it('writes nothing that was left for the end of one that was undone', async () => {
    await units.transactions.run(async () => {
      units.transactions.writeLast(insertionOf, ['outer']);
      const inner = units.transactions.run(() => {
        units.transactions.writeLast(insertionOf, ['inner']);
        throw new Error('no');
      });
      await expect(inner).rejects.toThrow('no');
    });

    expect(await units.names()).toEqual(['outer']);
  });

  it('fails for what the database refuses of what was left for its end, and nothing of it stays', async () => {
    const seen: string[] = [];
    const work = units.transactions.run(async () => {
      await units.add('A');
      units.transactions.afterCommit(() => seen.push('never'));
      units.transactions.writeLast(insertionOf, ['B', 'B']);
      units.transactions.writeLast(() => sql`SELECT 1`);
    });

    await expect(work).rejects.toThrow('duplicate key');
    expect([await units.names(), seen]).toEqual([[], []]);
    await units.add('next');
    expect(await units.names()).toEqual(['next']);
  });

  it('leaves nothing for its end when none is open', () => {
    expect(() => {
      units.transactions.writeLast(insertionOf, ['A']);
    }).toThrow('none is open');
  });

  it('does what waits for a commit at once when nothing is open', () => {
    const seen: string[] = [];
    units.transactions.afterCommit(() => seen.push('done'));

    expect(seen).toEqual(['done']);
  });
});

const insertionOf = (names: readonly string[]): Sql => sql`
  INSERT INTO categories (id, name, slug) SELECT gen_random_uuid(), name, name FROM unnest(${names}::text[]) added (name)`;
