import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import { Config } from '../src/common/config/config.js';
import { createApp } from '../src/app.js';
import { Retention } from '../src/common/background/retention.js';
import { Transactions } from '../src/common/database/transactions.js';
import { DeliveriesRepository } from '../src/common/events/deliveries.repository.js';
import { EventDeliveriesService } from '../src/common/events/event-deliveries.service.js';
import { EventDeliverer } from '../src/common/events/event-deliverer.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { OutboxRepository } from '../src/common/events/outbox.repository.js';
import { PageQuery } from '../src/common/http/paging/page.dto.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Clock } from '../src/common/time/clock.js';
import { Counters, CountersModule } from './support/counters.module.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

const onServer = process.env.TEST_DATABASE_URL !== undefined;

/** One that can write, and work on what is written. */
interface Process {
  app: NestFastifyApplication;
  counters: Counters;
  relay: EventRelay;
}

let database: TestDatabase;
let apps: NestFastifyApplication[];
let processes: [Process, Process];
beforeAll(async () => {
  database = await createTestDatabase();
  // the embedded engine belongs to one application: there the second relay is one more in it
  apps = [];
  for (let n = 0; n < (onServer ? 2 : 1); n++) {
    const app = await createApp(database.config, database.options, [CountersModule]);
    apps.push(app);
    if (n === 0) await app.get(Counters).createTables();
    await app.init();
  }
  const [first, second = first] = apps.map((app) => ({ app, counters: app.get(Counters), relay: app.get(EventRelay) }));
  if (!first || !second) throw new Error('no application was made');
  processes = [first, onServer ? second : { ...second, relay: await secondRelayOf(first) }];
}, 120_000);
afterEach(async () => {
  jest.restoreAllMocks();
  for (const { counters } of processes) counters.before = counters.after = () => undefined;
  await settle();
});
afterAll(async () => {
  await processes[1].relay.stop();
  for (const app of apps) await app.close();
  await database.drop();
});

async function secondRelayOf({ app, relay }: Process): Promise<EventRelay> {
  const second = new EventRelay(
    app.get(OutboxRepository),
    app.get(DeliveriesRepository, { strict: false }),
    app.get(EventDeliverer, { strict: false }),
    new Retention(app.get(JobsService), app.get(Clock)),
    app.get(Config),
  );
  for (const consumer of relay.consumers) second.register(consumer);
  await second.onApplicationBootstrap();
  return second;
}

/** Waits until neither process has anything to do. */
async function settle(): Promise<void> {
  for (;;) {
    for (const { relay } of processes) relay.wake();
    await Promise.all(processes.map(({ relay }) => relay.idle()));
    const { isUnpublished, behind, due } = await processes[0].app
      .get(DeliveriesRepository, { strict: false })
      .findPending(processes[0].relay.consumers);
    if (!isUnpublished && behind.length === 0 && due.length === 0) return;
  }
}

const transact = <T>({ app }: Process, work: () => Promise<T>): Promise<T> => app.get(Transactions).run(work);
const countUndone = async (): Promise<number> => {
  const asked = Object.assign(new PageQuery(), { limit: 100 });
  return (await processes[0].app.get(EventDeliveriesService).list(asked)).data.length;
};
const newCounters = async (count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID());
  await processes[0].counters.add(...ids);
  return ids;
};

if (onServer) {
  describe('a feed that is read while transactions are open', () => {
    it('shows an event that commits after a later one: both are seen, once (W4)', async () => {
      const [first, second] = processes;
      for (let round = 0; round < 50; round++) {
        const [slow = '', fast = ''] = await newCounters(2);
        const [written, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
        const open = transact(first, async () => {
          await first.counters.move(slow);
          written.resolve(undefined);
          await goOn.promise;
        });
        await written.promise;
        await second.counters.move(fast);
        await settle();
        const before = [await second.counters.seen(slow), await second.counters.seen(fast)];
        goOn.resolve(undefined);
        await open;
        await settle();

        expect([before, await second.counters.seen(slow), await second.counters.seen(fast)]).toEqual([
          [[], [1]],
          [1],
          [1],
        ]);
      }
    });

    it('shows two versions in their order when the later one’s transaction is the older one (W6)', async () => {
      const [older, younger] = processes;
      for (let round = 0; round < 50; round++) {
        const [id = '', other = ''] = await newCounters(2);
        const [begun, goOn, locked] = Array.from({ length: 3 }, () => Promise.withResolvers<undefined>());
        if (!begun || !goOn || !locked) throw new Error('three promises');
        const second = transact(older, async () => {
          // from here on it has a transaction id
          await older.counters.move(other);
          begun.resolve(undefined);
          await locked.promise;
          await older.counters.move(id);
        });
        await begun.promise;
        const first = transact(younger, async () => {
          await younger.counters.move(id);
          locked.resolve(undefined);
          await goOn.promise;
        });
        await locked.promise;
        await delay(Math.random() * 5);
        goOn.resolve(undefined);
        await Promise.all([first, second]);
        await settle();

        expect(await older.counters.seen(id)).toEqual([1, 2]);
      }
    });
  });
}

/** One transaction of a property test: which counters it moves, in which process, how slowly, and whether it commits. */
interface Step {
  process: 0 | 1;
  moves: number[];
  delays: number[];
  aborts: boolean;
  /** Whether the handler fails on its events, the first time. */
  fails: boolean;
}

const COUNTERS = 4;
const step: fc.Arbitrary<Step> = fc.record({
  process: fc.constantFrom(0 as const, 1 as const),
  // in one order, or they deadlock
  moves: fc.uniqueArray(fc.nat(COUNTERS - 1), { minLength: 1, maxLength: 3 }).map((moves) => moves.sort()),
  delays: fc.array(fc.nat(8), { minLength: 3, maxLength: 3 }),
  aborts: fc.boolean(),
  fails: fc.nat(5).map((n) => n === 0),
});

describe('any number of transactions, handlers that fail and two relays at once', () => {
  it('lose nothing, do nothing twice, and invert nothing (W5)', async () => {
    const outbox = processes[0].app.get(OutboxRepository);
    let [rounds, committed, aborted, failures] = [0, 0, 0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        rounds++;
        const ids = await newCounters(COUNTERS);
        const start = (await outbox.read(0, 1_000_000)).at(-1)?.position ?? 0;
        const failing = new Set<string>();
        const expected = new Map<string, number[]>(ids.map((id) => [id, []]));
        for (const { counters } of processes) {
          counters.after = (event) => {
            const key = `${event.aggregateId} ${String(event.version)}`;
            if (!failing.delete(key)) return;
            failures++;
            throw new Error('the first time');
          };
        }
        const done = steps.map(
          async ({ process, moves, delays: [before = 0, between = 0, after = 0], aborts, fails }) => {
            await delay(before);
            const running = processes[process];
            const made: (readonly [string, number])[] = [];
            const work = transact(running, async () => {
              made.length = 0;
              for (const move of moves) {
                const id = ids[move] ?? '';
                made.push([id, await running.counters.move(id)]);
                if (fails && !aborts) failing.add(`${id} ${String(made.at(-1)?.[1])}`);
                await delay(between);
              }
              await delay(after);
              if (aborts) throw new Error('aborted');
            });
            if (aborts) {
              await expect(work).rejects.toThrow('aborted');
              aborted++;
            } else {
              await work;
              for (const [id, version] of made) expected.get(id)?.push(version);
            }
          },
        );
        await Promise.all(done);
        await settle();
        // what failed is due, and then what waited behind it and fails, too
        for (let hour = 1; (await countUndone()) > 0 && hour < 20; hour++) {
          for (const app of apps) {
            jest.spyOn(app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + hour * 3_600_000));
          }
          await settle();
        }
        jest.restoreAllMocks();

        const feed = await outbox.read(start, 1_000_000);
        expect(feed.map(({ position }) => position)).toEqual(feed.map((_, index) => start + index + 1));
        for (const id of ids) {
          const versions = expected.get(id)?.sort((one, other) => one - other);
          committed += versions?.length ?? 0;
          expect(feed.filter(({ aggregateId }) => aggregateId === id).map(({ version }) => version)).toEqual(versions);
          expect(await processes[0].counters.seen(id)).toEqual(versions);
        }
        expect(feed).toHaveLength([...expected.values()].flat().length);
      }),
      { numRuns: 60, endOnFailure: true },
    );

    expect(rounds).toBe(60);
    for (const count of [committed, aborted, failures]) expect(count).toBeGreaterThan(50);
  }, 300_000);
});
