import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Retention } from '../src/common/background/retention.js';
import { declareLock } from '../src/common/database/locks.js';
import { outsideTransaction, Transactions } from '../src/common/database/transactions.js';
import { DeliveriesRepository, type DeliveryRow } from '../src/common/events/deliveries.repository.js';
import { EventDeliveriesService } from '../src/common/events/event-deliveries.service.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { OutboxRepository } from '../src/common/events/outbox.repository.js';
import { PageQuery } from '../src/common/http/paging/page.dto.js';
import { Clock } from '../src/common/time/clock.js';
import { Counters, CountersModule } from './support/counters.module.js';
import { Shop } from './support/shop.js';

const DAY = 24 * 3600;

let shop: Shop;
let counters: Counters;
/** How many seconds later than it is, for the shop. */
let later = 0;
beforeAll(async () => {
  shop = await Shop.open({}, CountersModule);
  counters = shop.app.get(Counters);
  await counters.createTables();
});
afterEach(async () => {
  counters.before = counters.after = () => undefined;
  jest.restoreAllMocks();
  later = 0;
  for (const { id } of await deliveries()) await shop.app.get(EventDeliveriesService).skip(id);
  await idle();
});
afterAll(() => shop.close());

const idle = (): Promise<void> => shop.app.get(EventRelay).idle();
const query = <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  shop.app.get(DataSource).query<T[]>(text, values);
const newCounter = async (): Promise<string> => {
  const id = randomUUID();
  await counters.add(id);
  return id;
};
const deliveries = async (state?: DeliveryRow['state']): Promise<DeliveryRow[]> => {
  const asked = Object.assign(new PageQuery(), { limit: 100, state });
  return (await shop.app.get(EventDeliveriesService).list(asked)).data;
};
/** What a handler could not do, of one counter: versions and states. */
const undone = async (id: string): Promise<unknown[]> =>
  (await deliveries())
    .filter(({ aggregateId }) => aggregateId === id)
    .sort((one, other) => one.position - other.position)
    .map(({ state, attempts }) => [state, attempts]);

/** Sets the time of the shop so many seconds later than it was, and has it look at what is due. */
async function pass(seconds: number): Promise<void> {
  later += seconds;
  const offset = later * 1000;
  jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + offset));
  shop.app.get(EventRelay).wake();
  await idle();
}

/** Has the handler of everything fail for a counter, until it is called. */
function failFor(id: string, error: unknown = new Error('not today')): { times: () => number; recover: () => void } {
  let times = 0;
  counters.after = (event) => {
    if (event.aggregateId !== id) return;
    times++;
    throw error;
  };
  return { times: () => times, recover: () => (counters.after = () => undefined) };
}

// the embedded engine has one connection
if (process.env.TEST_DATABASE_URL) {
  it('a new handler gets its place while another process is busy with the others', async () => {
    const [repository, { consumers }] = [shop.app.get(DeliveriesRepository), shop.app.get(EventRelay)];
    const added = { name: 'a new handler', events: [], fromBeginning: false };
    await shop.app.get(Transactions).run(async () => {
      for (const { name } of consumers) await repository.lockConsumer(name);
      await outsideTransaction(() => repository.register([...consumers, added]));
    });

    expect(await query(`SELECT name FROM event_consumers WHERE name = $1`, [added.name])).toEqual([
      { name: added.name },
    ]);
    await query('DELETE FROM event_consumers WHERE name = $1', [added.name]);
  });
}

describe('an event that its handler fails on', () => {
  it('has no effect, and holds up later ones of its aggregate and handler alone', async () => {
    const [broken, sound] = [await newCounter(), await newCounter()];
    const { times } = failFor(broken);
    await counters.move(broken);
    await counters.close(broken);
    await counters.move(sound);
    await counters.move(broken);
    await counters.close(sound);
    await idle();

    expect([await counters.seen(broken), await counters.seen(sound)]).toEqual([[], [1, 2]]);
    expect(await counters.seen(broken, 'closing')).toEqual([2]);
    expect(await undone(broken)).toEqual([
      ['failed', 1],
      ['waiting', 0],
      ['waiting', 0],
    ]);
    expect(times()).toBe(1);
  });

  it('holds up no other one when its handler hangs: that counts as a failure', async () => {
    const transactions = shop.app.get(Transactions);
    const limit = transactions.idleLimit;
    transactions.idleLimit = 200;
    const [hanging, sound] = [await newCounter(), await newCounter()];
    counters.before = (event) => (event.aggregateId === hanging ? new Promise(() => undefined) : undefined);
    await counters.move(hanging);
    await counters.move(sound);
    await idle();
    transactions.idleLimit = limit;

    expect([await counters.seen(hanging), await counters.seen(sound)]).toEqual([[], [1]]);
    expect(await undone(hanging)).toEqual([['failed', 1]]);
    counters.before = () => undefined;
    await pass(6);
    expect(await counters.seen(hanging)).toEqual([1]);
  });

  it('because the database is away is no attempt', async () => {
    const id = await newCounter();
    const { recover } = failFor(id, Object.assign(new Error('ended'), { code: '57P01' }));
    await counters.move(id);
    await idle();
    const meanwhile = [await counters.seen(id), await undone(id)];
    recover();
    shop.app.get(EventRelay).wake();
    await idle();

    expect(meanwhile).toEqual([[], []]);
    expect([await counters.seen(id), await undone(id)]).toEqual([[1], []]);
  });

  it('is not one that locks what the event before it locked later: each that locks is in a transaction of its own', async () => {
    const ids = [await newCounter(), await newCounter(), await newCounter()];
    counters.before = () => {
      declareLock('product');
      declareLock('stock level');
    };
    await shop.app.get(Transactions).run(async () => {
      for (const id of ids) await counters.move(id);
    });
    await idle();

    expect(await Promise.all(ids.map((id) => counters.seen(id)))).toEqual([[1], [1], [1]]);
    expect(await deliveries()).toEqual([]);
  });

  it('is tried again after 5 s, not before; then those that waited follow in order, each once', async () => {
    const id = await newCounter();
    const { recover, times } = failFor(id);
    for (let version = 1; version <= 4; version++) await counters.move(id);
    await idle();
    recover();
    await pass(4);
    const early = await counters.seen(id);
    await pass(2);

    expect([times(), early, await counters.seen(id)]).toEqual([1, [], [1, 2, 3, 4]]);
    expect(await undone(id)).toEqual([]);
    await counters.move(id);
    await idle();
    expect(await counters.seen(id)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is tried again after 30 s, 2 min, 10 min, 1 h, 6 h and 24 h more, and is dead then (W1)', async () => {
    const id = await newCounter();
    const failed = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const { times } = failFor(id);
    await counters.move(id);
    await counters.move(id);
    await idle();
    const attempts: number[] = [];
    for (const pause of [5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600]) {
      await pass(pause - 2);
      attempts.push(times());
      await pass(2);
      attempts.push(times());
    }
    await pass(10 * DAY);

    expect(attempts).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8]);
    expect(times()).toBe(8);
    expect(await undone(id)).toEqual([
      ['dead', 8],
      ['waiting', 0],
    ]);
    expect(await deliveries('dead')).toMatchObject([
      {
        consumer: 'everything of counters',
        eventName: 'counter.moved',
        aggregateId: id,
        lastError: 'not today',
        nextAttemptAt: null,
      },
    ]);
    expect(failed).toHaveBeenCalledWith(
      expect.objectContaining({ consumer: 'everything of counters', attempts: 8 }),
      'An event failed too often: retry or skip it.',
    );
  });

  describe('when it is dead', () => {
    /** @returns the id of the delivery that is dead; three events of the counter wait behind it. */
    const kill = async (id: string): Promise<{ dead: string; recover: () => void }> => {
      jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
      const { recover } = failFor(id);
      for (let version = 1; version <= 4; version++) await counters.move(id);
      await idle();
      for (let attempt = 1; attempt < 8; attempt++) await pass(DAY);
      const [dead] = await deliveries('dead');
      return { dead: dead?.id ?? '', recover };
    };

    it('can be retried by staff: then all are handled in order', async () => {
      const id = await newCounter();
      const { dead, recover } = await kill(id);
      recover();
      await pass(DAY);
      const before = await counters.seen(id);
      const state = await shop.app.get(EventDeliveriesService).retry(dead);
      await idle();

      expect([before, state, await counters.seen(id)]).toEqual([[], 'dead', [1, 2, 3, 4]]);
      expect(await shop.app.get(EventDeliveriesService).find(dead)).toBeUndefined();
    });

    it('has all of its attempts again when a retry fails, too', async () => {
      const id = await newCounter();
      const { dead } = await kill(id);
      await shop.app.get(EventDeliveriesService).retry(dead);
      await idle();

      expect((await undone(id))[0]).toEqual(['failed', 1]);
    });

    it('can be skipped by staff: then those behind it are handled, and it never is', async () => {
      const id = await newCounter();
      const { dead, recover } = await kill(id);
      recover();
      const state = await shop.app.get(EventDeliveriesService).skip(dead);
      await idle();

      expect([state, await counters.seen(id), await undone(id)]).toEqual(['dead', [2, 3, 4], []]);
    });

    it('is not overtaken by a retry of one that waits behind it', async () => {
      const id = await newCounter();
      const { recover } = await kill(id);
      recover();
      const waiting = await deliveries('waiting');
      const state = await shop.app.get(EventDeliveriesService).retry(waiting[0]?.id ?? '');
      await idle();

      expect([waiting.length, state, await counters.seen(id)]).toEqual([3, 'waiting', []]);
      expect(await shop.app.get(EventDeliveriesService).retry(randomUUID())).toBeUndefined();
    });
  });

  it('is kept apart also when the failure shows after the handler: at a later statement, or at the commit', async () => {
    await query(`
      CREATE TABLE pledges (id uuid, CONSTRAINT pledges_once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)`);
    const [ignoring, deferring, sound] = [await newCounter(), await newCounter(), await newCounter()];
    const dataSource = shop.app.get(DataSource);
    counters.after = async (event) => {
      if (event.aggregateId === ignoring) await dataSource.manager.query('SELECT 1 / 0').catch(() => undefined);
      if (event.aggregateId !== deferring) return;
      await dataSource.manager.query('INSERT INTO pledges VALUES ($1), ($1)', [deferring]);
    };
    await shop.app.get(Transactions).run(async () => {
      for (const id of [sound, ignoring, sound, deferring, sound]) await counters.move(id);
    });
    await idle();

    expect(await Promise.all([ignoring, deferring, sound].map((id) => counters.seen(id)))).toEqual([[], [], [1, 2, 3]]);
    expect([await undone(ignoring), await undone(deferring)]).toEqual([[['failed', 1]], [['failed', 1]]]);
    counters.after = () => undefined;
    await pass(6);
    expect([await counters.seen(ignoring), await counters.seen(deferring)]).toEqual([[1], [1]]);
  });

  it('says why without secrets, and what PostgreSQL can’t store', async () => {
    const id = await newCounter();
    failFor(id, new Error(`Bearer abcdefghijklmnopqrstuvwxyz \0 ${'x'.repeat(450)}${'😀'.repeat(50)}`));
    await counters.move(id);
    await idle();
    const [{ lastError } = { lastError: '' }] = await deliveries();

    expect(lastError).toMatch(/^\[redacted\] {3}x{450}😀+\uFFFD?$/u);
    expect(await undone(id)).toEqual([['failed', 1]]);
  });
});

describe('old events', () => {
  const left = async (...ids: string[]): Promise<string[]> => {
    const rows = await query<{ id: string }>('SELECT aggregate_id AS id FROM outbox WHERE aggregate_id = ANY ($1)', [
      ids,
    ]);
    return ids.filter((id) => rows.some((row) => row.id === id));
  };
  const sweep = (): Promise<unknown> => shop.app.get(Retention).sweep();

  it('go 30 days after they were published, but never one that a handler has not done', async () => {
    const [done, failed] = [await newCounter(), await newCounter()];
    failFor(failed);
    await counters.move(done);
    await counters.move(failed);
    await idle();
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + 29 * DAY * 1000));
    await sweep();
    const before = await left(done, failed);
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + 31 * DAY * 1000));
    await sweep();

    expect([before, await left(done, failed)]).toEqual([[done, failed], [failed]]);
  });

  it('are not old when they were announced long ago and published just now (W8)', async () => {
    const id = await newCounter();
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() - 40 * DAY * 1000));
    jest.spyOn(shop.app.get(OutboxRepository), 'publishNext').mockResolvedValue(0);
    await counters.move(id);
    await idle();
    jest.restoreAllMocks();
    await sweep();
    const unpublished = await left(id);
    shop.app.get(EventRelay).wake();
    await idle();
    await sweep();

    expect([unpublished, await left(id), await counters.seen(id)]).toEqual([[id], [id], [1]]);
  });

  it('wait for a handler that is behind, and no longer for one that no process has had for 30 days', async () => {
    const id = await newCounter();
    await counters.move(id);
    await idle();
    await query("INSERT INTO event_consumers VALUES ('of an old version', 0, now())");
    const clock = jest.spyOn(shop.app.get(Clock), 'now');
    await query("UPDATE event_consumers SET seen_at = now() + interval '5 days' WHERE name = 'of an old version'");
    clock.mockImplementation(() => new Date(Date.now() + 31 * DAY * 1000));
    await sweep();
    const before = await left(id);
    clock.mockImplementation(() => new Date(Date.now() + 36 * DAY * 1000));
    await sweep();
    await sweep();

    expect([before, await left(id)]).toEqual([[id], []]);
    expect(await query("SELECT name FROM event_consumers WHERE name = 'of an old version'")).toEqual([]);
    const names = (await query<{ name: string }>('SELECT name FROM event_consumers')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['closing of counters', 'everything of counters']));
  });
});
