import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobPoll } from '../src/common/jobs/job-poll.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { EventRelay } from '../src/common/events/event-relay.js';
import { Shop } from './support/shop.js';

describe('a process without background work', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ backgroundWork: false });
  });
  afterAll(() => shop.close());

  it('answers, and leaves jobs and events to other processes', async () => {
    const { status } = await shop.ask('auth/register', {
      method: 'POST',
      json: { email: 'ada@background.test', name: 'Ada', password: 'a lantern in the hall' },
    });
    await shop.app.get(JobPoll).look();
    await Promise.all([shop.app.get(JobRunner).idle(), shop.app.get(EventRelay).idle()]);

    expect(status).toBe(202);
    const rows = (text: string): Promise<object[]> => shop.app.get(DataSource).query(text);
    expect(await rows('SELECT DISTINCT state FROM jobs')).toEqual([{ state: 'waiting' }]);
    expect(await rows('SELECT DISTINCT position FROM outbox')).toEqual([{ position: null }]);
  });
});
