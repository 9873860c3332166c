import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { EventDeliveryDto, EventDeliveryPage } from '../src/ops/dto/event-delivery.dto.js';
import { settled, signIn } from './support/accounts.js';
import { Counters, CountersModule } from './support/counters.module.js';
import { type Answer, Shop } from './support/shop.js';

const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('the events that a handler could not do', () => {
  let shop: Shop;
  let counters: Counters;
  let staff: string;
  let admin: string;
  let counter: string;
  let isBroken = true;
  beforeAll(async () => {
    shop = await Shop.open({}, CountersModule);
    counters = shop.app.get(Counters);
    await counters.createTables();
    counters.before = () => {
      if (isBroken) throw new Error('broken');
    };
    [staff, admin] = [await signIn(shop, 'staff'), await signIn(shop, 'admin')];
    counter = randomUUID();
    await counters.add(counter);
    await counters.move(counter);
    await counters.move(counter);
    await settled(shop);
  });
  afterAll(() => shop.close());

  const list = async (query = ''): Promise<EventDeliveryDto[]> =>
    (await shop.ask<EventDeliveryPage>(`ops/events${query}`, { token: staff })).body.data.filter(
      ({ aggregateId }) => aggregateId === counter,
    );
  const post = (id: string, what: string): Promise<Answer<EventDeliveryDto>> =>
    shop.ask<EventDeliveryDto>(`ops/events/${id}/${what}`, { method: 'POST', token: admin });
  const effects = async (): Promise<number[]> => {
    const rows = await shop.app
      .get(DataSource)
      .query<{ version: number }[]>(
        "SELECT version FROM effects WHERE counter = $1 AND handler = 'everything' ORDER BY version",
        [counter],
      );
    return rows.map(({ version }) => version);
  };

  it('are listed by state, without their data, and read one by one', async () => {
    const [failed, ...others] = await list();

    expect(failed).toMatchObject({
      handler: 'everything of counters',
      eventName: 'counter.moved',
      aggregateType: 'counter',
      state: 'failed',
      attempts: 1,
      lastError: expect.stringContaining('broken'),
      nextAttemptAt: expect.any(String),
    });
    expect(others.map(({ state }) => state)).toEqual(['waiting']);
    expect((await list('?state=waiting')).map(({ id }) => id)).toEqual(others.map(({ id }) => id));
    expect(await list('?state=dead')).toEqual([]);
    expect((await shop.ask(`ops/events/${failed?.id ?? ''}`, { token: staff })).body).toEqual(failed);
  });

  it('are seen by staff, and retried and skipped by administrators only', async () => {
    const [{ id } = { id: '' }] = await list();
    const customer = await signIn(shop, 'customer');

    expect((await shop.ask(`ops/events/${id}`, { token: customer })).status).toBe(403);
    for (const what of ['retries', 'skips']) {
      expect((await shop.ask(`ops/events/${id}/${what}`, { method: 'POST', token: staff })).status).toBe(403);
      expect((await post(NOBODYS_ID, what)).status).toBe(404);
    }
  });

  it('are retried in the order of their resource', async () => {
    const [first, second] = await list();
    const waiting = await post(second?.id ?? '', 'retries');
    isBroken = false;
    const retried = await post(first?.id ?? '', 'retries');
    await settled(shop);

    expect([waiting.status, waiting.body]).toEqual([409, expect.objectContaining({ code: 'event-waits' })]);
    expect([retried.status, retried.body.id, retried.body.state]).toEqual([200, first?.id, 'failed']);
    expect([await list(), await effects()]).toEqual([[], [1, 2]]);
  });

  it('are skipped, so that the next ones have their turn', async () => {
    isBroken = true;
    await counters.move(counter);
    await counters.move(counter);
    await settled(shop);
    const [first] = await list();
    isBroken = false;
    const { status } = await post(first?.id ?? '', 'skips');
    await settled(shop);

    expect([status, await list(), await effects()]).toEqual([204, [], [1, 2, 4]]);
  });
});
