import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Logger, Module, Post } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { requestFields } from '../src/common/context/request-context.js';
import { Transactions } from '../src/common/database/transactions.js';
import type { PublishedEvent } from '../src/common/events/define-event.js';
import { DeliveriesRepository } from '../src/common/events/deliveries.repository.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { EventsService } from '../src/common/events/events.service.js';
import { OutboxRepository } from '../src/common/events/outbox.repository.js';
import { SignedIn } from '../src/common/security/access.js';
import { openAccount } from './support/accounts.js';
import { CounterClosed, CounterMoved, Counters } from './support/counters.module.js';
import { Shop } from './support/shop.js';

/** A route that moves a counter that it makes. */
@Controller('counters')
class CountersController {
  constructor(private readonly counters: Counters) {}

  /** Moves a new counter. */
  @Post()
  @SignedIn()
  async move(): Promise<void> {
    const id = randomUUID();
    await this.counters.add(id);
    await this.counters.move(id);
  }
}

@Module({ controllers: [CountersController], providers: [Counters], exports: [Counters] })
class CountersOverHttpModule {}

let shop: Shop;
let counters: Counters;
beforeAll(async () => {
  shop = await Shop.open({}, CountersOverHttpModule);
  counters = shop.app.get(Counters);
  await counters.createTables();
});
afterEach(async () => {
  counters.before = counters.after = () => undefined;
  jest.restoreAllMocks();
  await idle();
});
afterAll(() => shop.close());

const idle = (): Promise<void> => shop.app.get(EventRelay).idle();
const transact = <T>(work: () => T | Promise<T>): Promise<T> => shop.app.get(Transactions).run(work);
const query = <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  shop.app.get(DataSource).query<T[]>(text, values);
const newCounter = async (): Promise<string> => {
  const id = randomUUID();
  await counters.add(id);
  return id;
};

describe('an event', () => {
  const feedOf = async (id: string): Promise<PublishedEvent[]> => {
    await idle();
    return (await shop.app.get(OutboxRepository).read(0, 10_000)).filter(({ aggregateId }) => aggregateId === id);
  };

  it('is handled once by each handler of its kind, and by no other, in the order of its versions', async () => {
    const id = await newCounter();
    await counters.move(id);
    await counters.close(id);
    await counters.move(id);
    await idle();

    expect(await counters.seen(id)).toEqual([1, 2, 3]);
    expect(await counters.seen(id, 'closing')).toEqual([2]);
  });

  it('can’t be announced outside of a unit of work', async () => {
    const id = randomUUID();
    const publish = (): void => {
      shop.app.get(EventsService).publish(CounterMoved, { id, version: 1 }, { step: 1 });
    };

    expect(publish).toThrow('counter.moved is announced outside of a unit of work');
    expect(await feedOf(id)).toEqual([]);
  });

  it('is not there when its unit of work is rolled back, also one inside of another', async () => {
    const id = await newCounter();
    const rolledBack = transact(async () => {
      await counters.move(id);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await transact(async () => {
      const inner = transact(async () => {
        await counters.move(id, 2);
        throw new Error('not either');
      });
      await expect(inner).rejects.toThrow('not either');
      await counters.move(id, 3);
    });

    expect((await feedOf(id)).map(({ version, data }) => [version, data])).toEqual([[1, { step: 3 }]]);
    expect(await counters.seen(id)).toEqual([1]);
  });

  it('is refused for a version of an aggregate that was announced before (W7)', async () => {
    const id = randomUUID();
    const publish = (): Promise<void> =>
      transact(() => {
        shop.app.get(EventsService).publish(CounterMoved, { id, version: 1 }, { step: 1 });
      });
    await publish();

    await expect(publish()).rejects.toThrow('outbox_version_unique');
    expect(await feedOf(id)).toHaveLength(1);
  });

  it('is looked for where the last look found nothing, however far behind its handler stands', async () => {
    const id = await newCounter();
    await counters.move(id);
    await idle();
    const relay = shop.app.get(EventRelay);
    const find = jest.spyOn(shop.app.get(DeliveriesRepository, { strict: false }), 'findPending');
    relay.wake();
    await idle();
    const [end] = await query<{ position: number }>('SELECT position FROM event_sequencer');
    const [first] = find.mock.calls;

    expect(first?.[0].map(({ name, nothingUpTo }) => [name, nothingUpTo])).toEqual(
      relay.consumers.map(({ name }) => [name, end?.position]),
    );
  });

  it('holds what its schema names, and no other member of the object that it is made of', async () => {
    const id = randomUUID();
    const row = { step: 4, email: 'ada@counters.test' };
    await transact(() => {
      shop.app.get(EventsService).publish(CounterMoved, { id, version: 1 }, row);
    });

    expect(await feedOf(id)).toEqual([
      {
        id: expect.any(String),
        position: expect.any(Number),
        name: 'counter.moved',
        schemaVersion: 1,
        aggregateType: 'counter',
        aggregateId: id,
        version: 1,
        data: { step: 4 },
        context: {},
        occurredAt: expect.any(Date),
      },
    ]);
  });

  it('is announced together with others of its kind by one statement, in their order, or with none at all', async () => {
    const ids = Array.from({ length: 3 }, (): string => randomUUID());
    const sent = jest.spyOn(shop.app.get(DataSource).logger, 'logQuery');
    await transact(() => {
      const events = shop.app.get(EventsService);
      events.publishAll(CounterMoved, []);
      events.publishAll(
        CounterMoved,
        ids.map((id, index) => ({ id, version: index + 1, data: { step: index, secret: 'not announced' } })),
      );
    });
    const written = sent.mock.calls.filter(([text]) => text.includes('INSERT INTO outbox'));
    await idle();
    const announced = (await shop.app.get(OutboxRepository).read(0, 10_000)).filter(({ aggregateId }) =>
      ids.includes(aggregateId),
    );

    expect(written).toHaveLength(1);
    expect(announced.map(({ aggregateId, version, data }) => [aggregateId, version, data])).toEqual(
      ids.map((id, index) => [id, index + 1, { step: index }]),
    );
  });

  it('tells its kind, and so the type of its data', async () => {
    const id = await newCounter();
    const read: unknown[] = [];
    counters.before = (event) => {
      read.push(CounterClosed.is(event) ? event.data.reason : CounterMoved.is(event) ? event.data.step : undefined);
    };
    await counters.move(id, 7);
    await counters.close(id, 'enough');
    await idle();

    expect(read).toEqual([7, 'enough']);
  });

  it('is handled for the request that caused it, and so are events that its handler announces', async () => {
    const { id: callerId, token } = await openAccount(shop, 'customer');
    const contexts: object[] = [];
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    counters.before = async (event) => {
      contexts.push(requestFields());
      if (event.version === 1) await counters.close(event.aggregateId);
    };
    const { status, headers } = await shop.ask('counters', {
      method: 'POST',
      token,
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    await idle();

    const cause = { requestId: headers.get('x-request-id'), trace_id: traceId, callerId };
    expect(status).toBe(201);
    expect(contexts).toEqual([
      { ...cause, eventId: expect.any(String) },
      { ...cause, eventId: expect.any(String) },
    ]);
    expect(new Set(contexts.map((context) => 'eventId' in context && context.eventId)).size).toBe(2);
  });

  it('stands in a feed without gaps, which is read by position', async () => {
    const id = await newCounter();
    for (let n = 0; n < 5; n++) await counters.move(id);
    await idle();
    const outbox = shop.app.get(OutboxRepository);
    const all = await outbox.read(0, 10_000);
    const last = all.at(-3)?.position ?? 0;

    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index + 1));
    expect(await outbox.read(last, 2)).toEqual(all.slice(-2));
  });

  it('has its place by its version, not by its id, however many there are at once', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    // the ids of one counter fall while its versions rise
    await query(
      `INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)
       SELECT lpad(to_hex(CASE WHEN c.id = $1 THEN 20000 - 2 * v ELSE 18001 + 2 * v END), 32, '0')::uuid, 'counter', c.id, v,
         'counter.moved', 1, '{"step":1}', '{}', now()
       FROM generate_series(1, 700) v, unnest(ARRAY[$1, $2]::uuid[]) c (id)`,
      [one, other],
    );
    shop.app.get(EventRelay).wake();
    const versions = Array.from({ length: 700 }, (_, index) => index + 1);

    expect((await feedOf(one)).map(({ version }) => version)).toEqual(versions);
    expect((await feedOf(other)).map(({ version }) => version)).toEqual(versions);
    expect([await counters.seen(one), await counters.seen(other)]).toEqual([versions, versions]);
  });

  it('is handled also when another process announced it and ended', async () => {
    const id = randomUUID();
    await query(
      `INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)
       VALUES ($1, 'counter', $2, 1, 'counter.moved', 1, '{"step":1}', '{}', now())`,
      [randomUUID(), id],
    );
    while ((await counters.seen(id)).length === 0) await delay(50);

    expect(await counters.seen(id)).toEqual([1]);
  });
});

describe('the relay', () => {
  it('asks the database at most once in two seconds when there is nothing to do', async () => {
    await idle();
    const sent: string[] = [];
    jest.spyOn(shop.app.get(DataSource).logger, 'logQuery').mockImplementation((text) => {
      sent.push(text);
    });
    await delay(8_000);
    const asked = sent.filter((text) => /outbox|event_/.test(text));

    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(new Set(asked).size).toBe(1);
  });

  it('goes on after a failure of the database, and says so once', async () => {
    const id = await newCounter();
    const publishNext = jest
      .spyOn(shop.app.get(OutboxRepository), 'publishNext')
      .mockRejectedValue(Object.assign(new Error('gone'), { code: '57P01' }));
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await counters.move(id);
    await idle();
    shop.app.get(EventRelay).wake();
    await idle();
    const before = await counters.seen(id);
    publishNext.mockRestore();
    shop.app.get(EventRelay).wake();
    await idle();

    expect([before, await counters.seen(id)]).toEqual([[], [1]]);
    expect(warned.mock.calls.filter(([, text]) => String(text).startsWith('Events could not be'))).toHaveLength(1);
  });

  it('has an event that commits while it works handled at once, too', async () => {
    const [one, other] = [await newCounter(), await newCounter()];
    counters.after = async (event) => {
      if (event.aggregateId === one && event.version === 1) await counters.move(other);
    };
    await counters.move(one);
    await idle();

    expect(await counters.seen(other)).toEqual([1]);
  });
});

describe('a handler', () => {
  it('is registered before the application starts, under a name of its own', () => {
    const events = shop.app.get(EventsService);
    const handle = (): void => {
      events.handle('late', [CounterMoved], () => Promise.resolve());
    };

    expect(handle).toThrow('in onModuleInit');
  });
});
