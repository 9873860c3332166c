import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../src/app.js';
import { EventDeliveriesService } from '../src/common/events/event-deliveries.service.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { OutboxRepository } from '../src/common/events/outbox.repository.js';
import { PageQuery } from '../src/common/http/paging/page.dto.js';
import { Clock } from '../src/common/time/clock.js';
import { Counters, CountersModule } from './support/counters.module.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';

const onServer = process.env.TEST_DATABASE_URL !== undefined;

describe('processes that are killed (kill -9) while they publish and handle events', () => {
  const ids = Array.from({ length: 4 }, () => randomUUID());
  let database: TestDatabase;
  /** For each process that is started it is an hour later: what failed before is due. */
  let hours = 0;
  let kills = 0;
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    database = await createLastingDatabase();
    const app = await open();
    await app.get(Counters).createTables();
    await app.get(Counters).add(...ids);
    await app.close();
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await database.drop();
  });

  const open = async (): Promise<NestFastifyApplication> => {
    const { config } = database;
    const app = await createApp(config, config.databaseUrl ? database.options : undefined, [CountersModule]);
    return app.init();
  };

  /** Starts a process that dies at a moment, or lives until it is killed. @returns the signal that ends it, when it does. */
  function start(moment = '', nth = 0): { child: ChildProcess; ended: Promise<unknown>; ready: Promise<unknown> } {
    const { databaseUrl, dataDir } = database.config;
    const child = spawn(process.execPath, ['generated/tests/test/support/counters.process.js'], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl ?? '',
        DATA_DIR: dataDir,
        COUNTERS: ids.join(','),
        LATER: String(++hours * 3600),
        DIE_AT: moment,
        NTH: String(nth),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const ended = once(child, 'exit').then(([, signal]: unknown[]) => {
      children.delete(child);
      if (signal === 'SIGKILL') kills++;
      return signal;
    });
    return { child, ended, ready: Promise.race([once(child.stdout, 'data'), ended]) };
  }

  /** Has everything done that is left, and holds what handlers did against what was announced. */
  async function check(): Promise<{ events: number }> {
    const app = await open();
    const [counters, relay] = [app.get(Counters), app.get(EventRelay)];
    const asked = Object.assign(new PageQuery(), { limit: 1 });
    const isUndone = async (): Promise<boolean> => {
      await relay.idle();
      return (await app.get(EventDeliveriesService).list(asked)).data.length > 0;
    };
    Object.assign(app.get(Clock), { now: () => new Date(Date.now() + hours * 3_600_000) });
    do {
      hours++;
      relay.wake();
    } while (await isUndone());
    const feed = await app.get(OutboxRepository).read(0, 1_000_000);
    const effects = await counters.effects();
    const versions = await Promise.all(ids.map((id) => counters.version(id)));
    await app.close();

    expect(feed.map(({ position }) => position)).toEqual(feed.map((_, index) => index + 1));
    for (const [index, id] of ids.entries()) {
      const announced = feed.filter(({ aggregateId }) => aggregateId === id).map(({ version }) => version);
      expect(announced).toEqual(Array.from({ length: versions[index] ?? -1 }, (_, before) => before + 1));
      expect(effects.filter(({ counter }) => counter === id).map(({ version }) => version)).toEqual(announced);
    }
    return { events: feed.length };
  }

  it.each([
    'before it gives positions',
    'before it commits positions',
    'as it has committed positions',
    'before a handler writes',
    'after a handler has written',
    'before it commits effects',
    'as it has committed effects',
    'as an event that failed is done',
  ])('%s: nothing is lost, done twice or out of order', async (moment) => {
    for (const nth of [1, 4]) {
      // on a server another process goes on meanwhile
      const other = onServer ? start() : undefined;
      const doomed = start(moment, nth);
      expect(await doomed.ended).toBe('SIGKILL');
      if (other) {
        await other.ready;
        other.child.kill('SIGKILL');
        await other.ended;
      }
    }

    expect((await check()).events).toBeGreaterThan(0);
  });

  it('at any time: nothing is lost, done twice or out of order', async () => {
    for (let round = 0; round < 10; round++) {
      const running = Array.from({ length: onServer ? 2 : 1 }, () => start());
      await Promise.all(running.map(({ ready }) => ready));
      for (const { child, ended } of running) {
        await delay(Math.random() * 700);
        child.kill('SIGKILL');
        expect(await ended).toBe('SIGKILL');
      }
    }
    const { events } = await check();

    expect(events).toBeGreaterThan(100);
    expect(kills).toBeGreaterThanOrEqual(26);
  });
});
