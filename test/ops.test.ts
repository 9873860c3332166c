import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { defineJob } from '../src/common/jobs/define-job.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import type { JobCountsDto, JobDto, JobPage } from '../src/ops/dto/job.dto.js';
import { signIn } from './support/accounts.js';
import { type Answer, Shop } from './support/shop.js';

const Fragile = defineJob<{ secret: string }>('test.fragile', { attempts: 1 });
const Other = defineJob<null>('test.other');
const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

describe('the jobs of the shop', () => {
  let shop: Shop;
  let staff: string;
  let admin: string;
  let isBroken: boolean;
  beforeAll(async () => {
    shop = await Shop.open();
    shop.app
      .get(JobsService)
      .handle(Fragile, () => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve()));
    [staff, admin] = [await signIn(shop, 'staff'), await signIn(shop, 'admin')];
  });
  beforeEach(async () => {
    isBroken = true;
    await shop.app.get(DataSource).query('DELETE FROM jobs');
  });
  afterAll(() => shop.close());

  /** A job that has failed for good. */
  const die = async (key?: string): Promise<string> => {
    const id = await shop.app.get(JobsService).enqueue(Fragile, { secret: 'hush' }, { key });
    await shop.app.get(JobRunner).idle();
    return id;
  };
  const wait = (): Promise<string> => shop.app.get(JobsService).enqueue(Other, null);
  const retry = (id: string): Promise<Answer<JobDto>> =>
    shop.ask<JobDto>(`ops/jobs/${id}/retries`, { method: 'POST', token: admin });
  const idsOf = async (filter: string): Promise<string[]> =>
    (await shop.ask<JobPage>(`ops/jobs${filter}`, { token: staff })).body.data.map(({ id }) => id);

  it('are seen by staff, without their data', async () => {
    const id = await die();
    const { status, body } = await shop.ask<JobDto>(`ops/jobs/${id}`, { token: staff });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      kind: 'test.fragile',
      state: 'dead',
      attempts: 1,
      lastError: 'Error: broken',
      runAt: null,
    });
    expect(JSON.stringify(body)).not.toContain('hush');
  });

  it('are listed by kind and by state, page by page, the latest first', async () => {
    const [dead, waiting, latest] = [await die(), await wait(), await wait()];
    const first = await shop.ask<JobPage>('ops/jobs?limit=2', { token: staff });

    expect(first.body.data.map(({ id }) => id)).toEqual([latest, waiting]);
    expect(await idsOf(`?cursor=${first.body.page.next ?? ''}`)).toEqual([dead]);
    expect(await idsOf('?state=dead')).toEqual([dead]);
    expect(await idsOf('?kind=test.other')).toEqual([latest, waiting]);
    expect(await idsOf('?kind=test.other&state=dead')).toEqual([]);
  });

  it('are counted by kind and state', async () => {
    await die();
    await wait();
    await wait();

    expect((await shop.ask<JobCountsDto>('ops/job-counts', { token: staff })).body.counts).toEqual([
      { kind: 'test.fragile', state: 'dead', count: 1 },
      { kind: 'test.other', state: 'waiting', count: 2 },
    ]);
  });

  it('that were given up are tried again with their data, from the first attempt', async () => {
    const id = await die();
    isBroken = false;
    const { status, body } = await retry(id);
    await shop.app.get(JobRunner).idle();

    expect([status, body.state, body.attempts]).toEqual([200, 'waiting', 0]);
    expect((await shop.ask<JobDto>(`ops/jobs/${id}`, { token: staff })).body).toMatchObject({
      state: 'finished',
      attempts: 1,
      lastError: null,
    });
  });

  it('are not tried again while they wait, once they have finished, or while another one with the key waits', async () => {
    const dead = await die('one');
    await shop.app
      .get(JobsService)
      .enqueue(Fragile, { secret: '' }, { key: 'one', runAt: new Date(Date.now() + 60_000) });
    const waiting = await wait();
    const answers = [await retry(waiting), await retry(dead)];
    isBroken = false;
    const other = await die();

    for (const { status, body } of [...answers, await retry(other)]) {
      expect([status, body]).toEqual([409, expect.objectContaining({ type: expect.stringMatching(/job-not-dead$/) })]);
    }
    expect((await retry(NOBODYS_ID)).status).toBe(404);
  });

  it('are seen by staff, and tried again by administrators only', async () => {
    const id = await die();
    const customer = await signIn(shop, 'customer');

    expect((await shop.ask(`ops/jobs/${id}`, { token: customer })).status).toBe(403);
    expect((await shop.ask(`ops/jobs/${id}/retries`, { method: 'POST', token: staff })).status).toBe(403);
  });
});
