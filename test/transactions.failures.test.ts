import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { raw } from 'sql-template-tag';
import { TypeORMError } from 'typeorm';
import { DatabaseClient, UnitEnded, UnitStalled } from '../src/common/database/client.js';
import { OutcomeUnknown } from '../src/common/database/failures.js';
import { RolledBack } from '../src/common/database/transactions.js';
import { openUnits, type Units } from './support/units.js';
import { until } from './support/until.js';

/** The key of an advisory lock; an arbitrary number. */
const LOCK = 7_316;

const raising = (state: string): string => `DO $$ BEGIN RAISE 'in the way' USING ERRCODE = '${state}'; END $$`;

describe('a unit of work that the database refuses', () => {
  let units: Units;
  beforeAll(async () => {
    units = await openUnits();
  });
  beforeEach(() => units.categories.deleteAll());
  afterAll(() => units.close());

  const clientOfUnit = async (): Promise<DatabaseClient> => {
    const client: unknown = await units.categories.manager.queryRunner?.connect();
    if (client instanceof DatabaseClient) return client;
    throw new Error('another client');
  };

  const raise = (state: string): Promise<unknown> => units.categories.query(raising(state));

  it.each(['40P01', '40001'])('is done again after %s, and not for ever', async (state) => {
    let times = 0;
    const contend = (until: number): Promise<void> =>
      units.transactions.run(async () => {
        await units.add(`attempt ${String(++times)}`);
        if (times < until) await raise(state);
      });

    await contend(3);
    expect(await units.names()).toEqual(['attempt 3']);
    await units.categories.deleteAll();
    times = 0;
    await expect(contend(Infinity)).rejects.toThrow('in the way');
    expect(times).toBe(4);
    expect(await units.names()).toEqual([]);
  });

  it('pauses for a random time before it is done again, up to twice as long each time', async () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(1);
    const begun = performance.now();
    await expect(units.transactions.run(() => raise('40001'))).rejects.toThrow('in the way');

    // a timer may fire up to a millisecond early
    expect(performance.now() - begun).toBeGreaterThan(20 + 40 + 80 - 3);
    expect(random).toHaveBeenCalledTimes(3);
    random.mockRestore();
  });

  it('is done again as a whole when one inside of it was in the way, and does what follows its commit once', async () => {
    const seen: string[] = [];
    let [outer, inner] = [0, 0];
    await units.transactions.run(async () => {
      outer++;
      units.transactions.afterCommit(() => seen.push('outer'));
      await units.add('outer');
      await units.transactions.run(async () => {
        units.transactions.afterCommit(() => seen.push('inner'));
        await units.add('inner');
        if (++inner < 3) await raise('40P01');
      });
    });

    expect([outer, inner]).toEqual([3, 3]);
    expect(seen).toEqual(['outer', 'inner']);
    expect(await units.names()).toEqual(['inner', 'outer']);
  });

  it('is done again when what was left for its end was in the way', async () => {
    let attempts = 0;
    await units.transactions.run(async () => {
      await units.add('A');
      const state = attempts++ === 0 ? '40P01' : undefined;
      if (state) units.transactions.writeLast(() => raw(raising(state)));
    });

    expect([attempts, await units.names()]).toEqual([2, ['A']]);
  });

  it('is not done again for anything else', async () => {
    let times = 0;
    const work = units.transactions.run(async () => {
      times++;
      await units.add('A');
      await units.add('A');
    });

    await expect(work).rejects.toThrow('duplicate key');
    expect(times).toBe(1);
  });

  it('fails for what failed first, when it can’t be rolled back either', async () => {
    const work = units.transactions.run(async () => {
      const client = await clientOfUnit();
      Object.assign(client, { query: () => Promise.reject(new Error('no rollback')) });
      throw new Error('first');
    });

    await expect(work).rejects.toThrow('first');
    await units.transactions.run(() => units.add('A'));
    expect(await units.names()).toEqual(['A']);
  });

  it('is not committed when one inside of it can’t be rolled back', async () => {
    const work = units.transactions.run(async () => {
      await units.add('outer');
      const runner = units.categories.manager.queryRunner;
      if (!runner) throw new Error('no transaction');
      const inner = units.transactions.run(async () => {
        await units.add('inner');
        const query = runner.query.bind(runner);
        jest
          .spyOn(runner, 'query')
          .mockImplementation((text) => query(text.startsWith('ROLLBACK TO') ? 'ROLLBACK TO SAVEPOINT missing' : text));
        throw new Error('first');
      });
      await expect(inner).rejects.toThrow('first');
    });

    await expect(work).rejects.toThrow(RolledBack);
    expect(await units.names()).toEqual([]);
  });

  it('says why its connection broke, whichever statement met that', async () => {
    const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' });
    const work = units.transactions.run(async () => {
      await units.add('A');
      const client = await clientOfUnit();
      client.giveUp(cut);
      await units.add('B').catch(() => undefined);
      await units.add('C');
    });

    const error = await work.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TypeORMError);
    expect(error).toHaveProperty('cause', cut);
    await units.transactions.run(() => units.add('D'));
    expect(await units.names()).toEqual(['D']);
  });

  it.each(['itself', 'a unit inside of it'])(
    'that hangs in %s is undone, and its locks and its connection are free again',
    async (where) => {
      const { transactions } = units;
      const [limit, late] = [transactions.idleLimit, Promise.withResolvers<undefined>()];
      transactions.idleLimit = 200;
      const written: Promise<unknown>[] = [];
      const hang = async (): Promise<void> => {
        await units.add('A');
        await units.categories.query(`SELECT pg_advisory_xact_lock(${String(LOCK)})`);
        await late.promise;
        written.push(units.add('too late'));
        await written[0];
      };
      const work = transactions.run(where === 'itself' ? hang : () => transactions.run(hang));
      await expect(work).rejects.toThrow(UnitStalled);
      const locking = await transactions.run(() =>
        units.categories.query<{ free: boolean }[]>(`SELECT pg_try_advisory_xact_lock(${String(LOCK)}) AS free`),
      );
      // the engine has one connection, a pool a few: none of them is in the transaction of that unit
      for (let time = 0; time < 12; time++) await transactions.run(() => units.add(`B${String(time)}`));
      late.resolve(undefined);
      await until(() => written.length > 0);
      await expect(written[0]).rejects.toThrow(UnitEnded);
      transactions.idleLimit = limit;

      expect(locking).toEqual([{ free: true }]);
      expect((await units.names()).filter((name) => !name.startsWith('B'))).toEqual([]);
    },
  );

  it('may take longer than that while it asks', async () => {
    const { transactions } = units;
    const limit = transactions.idleLimit;
    transactions.idleLimit = 200;
    await transactions.run(async () => {
      for (let time = 0; time < 6; time++) {
        await units.categories.query('SELECT pg_sleep(0.1)');
      }
      await units.add('A');
    });
    transactions.idleLimit = limit;

    expect(await units.names()).toEqual(['A']);
  });

  it('is not taken to hang when the process itself was busy', async () => {
    const { transactions } = units;
    const limit = transactions.idleLimit;
    transactions.idleLimit = 200;
    await transactions.run(async () => {
      await units.add('A');
      await delay(60);
      // longer than the limit, in one turn of the event loop
      setTimeout(() => {
        for (const begun = performance.now(); performance.now() - begun < 400;);
      }, 1);
      await delay(60);
      await units.add('B');
    });
    transactions.idleLimit = limit;

    expect(await units.names()).toEqual(['A', 'B']);
  });

  it('that lost its connection as it committed does not say that nothing of it is there', async () => {
    const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' });
    const work = units.transactions.run(async () => {
      await units.add('A');
      const client = await clientOfUnit();
      jest.spyOn(client, 'endTransaction').mockImplementation(() => {
        client.giveUp(cut);
        return Promise.reject(cut);
      });
    });

    await expect(work).rejects.toThrow(OutcomeUnknown);
  });
});
