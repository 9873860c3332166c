import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UnitEnded } from '../src/common/database/client.js';
import { openUnits, type Units } from './support/units.js';

/** Starts work that nobody waits for. */
type Start = (work: () => void) => void;

const STARTS: Record<string, Start> = {
  setTimeout: (work) => {
    setTimeout(work, 1);
  },
  setInterval: (work) => {
    const timer = setInterval(() => {
      clearInterval(timer);
      work();
    }, 1);
  },
  setImmediate: (work) => {
    setImmediate(work);
  },
  queueMicrotask: (work) => {
    queueMicrotask(work);
  },
  'a promise': (work) => {
    void Promise.resolve().then(work);
  },
};

/** The two ways in which a statement is sent. */
const WAYS = ['add', 'send'] as const;

describe('work that a unit of work started and did not await', () => {
  let units: Units;
  beforeAll(async () => {
    units = await openUnits();
  });
  beforeEach(() => units.categories.deleteAll());
  afterAll(() => units.close());

  const fail = (): Promise<never> => Promise.reject(new Error('no'));
  const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: unknown) => error,
    );

  const CASES = Object.entries(STARTS).flatMap(([by, start]) => WAYS.map((way) => ({ by, start, way })));

  it.each(CASES)('by $by is in no transaction after the commit, by $way()', async ({ start, way }) => {
    const later = Promise.withResolvers<undefined>();
    let late: Promise<unknown> = Promise.resolve();
    await units.transactions.run(async () => {
      const begun = Promise.withResolvers<undefined>();
      start(() => {
        late = later.promise.then(() => units[way]('late'));
        begun.resolve(undefined);
      });
      await units.add('first');
      await begun.promise;
    });
    // this unit gets the connection that the first one had, at least on the embedded engine
    const other = units.transactions.run(async () => {
      await units.add('other');
      later.resolve(undefined);
      expect(await units.names()).toContain('other');
      throw new Error('no');
    });

    await expect(other).rejects.toThrow('no');
    await late;
    expect(await units.names()).toEqual(['first', 'late']);
  });

  it.each(CASES)('by $by writes nothing after the rollback, by $way()', async ({ start, way }) => {
    const later = Promise.withResolvers<undefined>();
    const outcome = Promise.withResolvers<unknown>();
    const unit = units.transactions.run(async () => {
      start(() => {
        outcome.resolve(outcomeOf(later.promise.then(() => units[way]('late'))));
      });
      await units.add('first');
      throw new Error('no');
    });
    await expect(unit).rejects.toThrow('no');
    later.resolve(undefined);

    expect(await outcome.promise).toBeInstanceOf(UnitEnded);
    expect(await units.names()).toEqual([]);
  });

  it.each(WAYS)('stops where another part fails, by %s()', async (way) => {
    let outcome: Promise<unknown> = Promise.resolve();
    const several = async (): Promise<void> => {
      for (const name of ['a', 'b', 'c', 'd']) await units[way](name);
    };
    const unit = units.transactions.run(async () => {
      const parts = several();
      outcome = outcomeOf(parts);
      await Promise.all([parts, fail()]);
    });

    await expect(unit).rejects.toThrow('no');
    expect(await outcome).toBeInstanceOf(UnitEnded);
    expect(await units.names()).toEqual([]);
  });

  it.each(WAYS)('is undone when it was sent as the unit failed, by %s()', async (way) => {
    let outcome: Promise<unknown> = Promise.resolve();
    const unit = units.transactions.run(() => {
      outcome = outcomeOf(units[way]('late'));
      return fail();
    });

    await expect(unit).rejects.toThrow('no');
    await outcome;
    expect(await units.names()).toEqual([]);
  });

  it('ends with its unit when it is a unit itself, which another one beside it fails', async () => {
    const outcomes: Promise<unknown>[] = [];
    const unit = units.transactions.run(async () => {
      const parts = ['a', 'b', 'c'].map((name) =>
        units.transactions.run(async () => {
          await units.add(`${name}1`);
          await units.add(`${name}2`);
          if (name === 'a') throw new Error('no');
        }),
      );
      outcomes.push(...parts.map(outcomeOf));
      await Promise.all(parts);
    });

    await expect(unit).rejects.toThrow('no');
    expect(await Promise.all(outcomes)).toEqual([new Error('no'), expect.any(UnitEnded), expect.any(UnitEnded)]);
    expect(await units.names()).toEqual([]);
  });

  it('commits with its unit when it is a unit itself', async () => {
    let inner: Promise<unknown> = Promise.resolve();
    await units.transactions.run(async () => {
      await units.add('outer');
      inner = units.transactions.run(async () => {
        await units.add('inner1');
        await units.add('inner2');
      });
    });

    expect(await units.names()).toEqual(['inner1', 'inner2', 'outer']);
    await inner;
  });

  it('is in the outer unit when the inner one has ended, and counts with its savepoints', async () => {
    await units.transactions.run(async () => {
      let late: Promise<unknown> = Promise.resolve();
      const later = Promise.withResolvers<undefined>();
      await units.transactions.run(async () => {
        late = later.promise.then(() => units.transactions.run(() => units.add('late')));
        await units.add('inner');
      });
      const failing = units.transactions.run(async () => {
        later.resolve(undefined);
        await units.add('failing1');
        await units.add('failing2');
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await late;
    });

    expect(await units.names()).toEqual(['inner', 'late']);
  });

  it('writes nothing in the outer unit when the inner one was undone', async () => {
    await units.transactions.run(async () => {
      const later = Promise.withResolvers<undefined>();
      let late: Promise<unknown> = Promise.resolve();
      const inner = units.transactions.run(() => {
        late = outcomeOf(later.promise.then(() => units.add('late')));
        return fail();
      });
      await expect(inner).rejects.toThrow('no');
      later.resolve(undefined);
      expect(await late).toBeInstanceOf(UnitEnded);
      await units.add('outer');
    });

    expect(await units.names()).toEqual(['outer']);
  });

  it('does at once what it would do after a commit, when there is none to come', async () => {
    const later = Promise.withResolvers<undefined>();
    const seen: string[] = [];
    let late = Promise.resolve();
    await units.transactions.run(async () => {
      late = later.promise.then(() => {
        units.transactions.afterCommit(() => seen.push('late'));
      });
      await units.add('first');
    });
    later.resolve(undefined);
    await late;

    expect(seen).toEqual(['late']);
  });

  it('begins a unit of its own after the commit', async () => {
    const later = Promise.withResolvers<undefined>();
    let late: Promise<unknown> = Promise.resolve();
    await units.transactions.run(async () => {
      late = later.promise.then(() =>
        units.transactions.run(async () => {
          await units.add('late');
          throw new Error('no');
        }),
      );
      await units.add('first');
    });
    later.resolve(undefined);

    expect(await outcomeOf(late)).toEqual(new Error('no'));
    expect(await units.names()).toEqual(['first']);
  });

  it('is in no unit when something asks for one, after the commit', async () => {
    const later = Promise.withResolvers<undefined>();
    let late: Promise<unknown> = Promise.resolve();
    await units.transactions.run(() => {
      units.transactions.requireOpen('this');
      late = later.promise.then(() => {
        units.transactions.requireOpen('this');
      });
      return Promise.resolve();
    });
    later.resolve(undefined);

    await expect(late).rejects.toThrow('this outside of a unit of work');
  });
});
