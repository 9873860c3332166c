import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { IdempotencyKeys, KEY_LIFETIME } from '../src/common/http/idempotency/idempotency-keys.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { Clock } from '../src/common/time/clock.js';
import { signIn } from './support/accounts.js';
import { ChargesModule } from './support/charges.controller.js';
import type { ChargeDto } from './support/charges.dto.js';
import { Charges, REFUSED_AMOUNT } from './support/charges.service.js';
import { type Answer, Shop } from './support/shop.js';

describe('a request in phases', () => {
  let shop: Shop;
  let token: string;
  let charges: Charges;
  /** How often the provider was called for each charge. */
  const calls = new Map<string, number>();
  beforeAll(async () => {
    shop = await Shop.open({}, ChargesModule);
    token = await signIn(shop, 'customer');
    charges = shop.app.get(Charges);
    await charges.createTable();
  });
  afterAll(() => shop.close());
  afterEach(() => {
    jest.restoreAllMocks();
    charges.at = () => undefined;
    charges.provider = working;
  });

  const working = {
    charge: (id: string) => {
      calls.set(id, (calls.get(id) ?? 0) + 1);
      return Promise.resolve('charged');
    },
  };

  const charge = (key: string, amount = 100): Promise<Answer<ChargeDto>> =>
    shop.ask<ChargeDto>('charges', { method: 'POST', token, json: { amount }, headers: { 'idempotency-key': key } });
  const isReplay = ({ headers }: Answer<ChargeDto>): boolean => headers.get('idempotency-replayed') === 'true';

  /** Executes the jobs that are due so many seconds from now. */
  async function runJobs(seconds: number): Promise<void> {
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + seconds * 1000));
    shop.app.get(JobRunner).wake();
    await shop.app.get(JobRunner).idle();
    jest.restoreAllMocks();
  }

  const recordsOf = async (id: string): Promise<number | undefined> => {
    const [row] = await shop.app
      .get(DataSource)
      .query<{ records: number }[]>('SELECT records FROM charges WHERE id = $1', [id]);
    return row?.records;
  };

  it('is answered with its outcome, and so is its repetition', async () => {
    charges.provider = working;
    const key = randomUUID();

    const [first, second] = [await charge(key), await charge(key)];

    expect([first.status, first.body, isReplay(first)]).toEqual([
      201,
      { id: first.body.id, amount: 100, state: 'charged' },
      false,
    ]);
    expect([second.status, second.body, isReplay(second)]).toEqual([201, first.body, true]);
    expect([calls.get(first.body.id), await recordsOf(first.body.id)]).toEqual([1, 1]);
  });

  it('calls the other system outside of any transaction', async () => {
    const open: boolean[] = [];
    charges.provider = {
      charge: (id) => {
        open.push(shop.app.get(DataSource).manager.queryRunner !== undefined);
        return working.charge(id);
      },
    };
    await charge(randomUUID());

    expect(open).toEqual([false]);
  });

  it('shows its present state, and calls nobody again, while the call goes on', async () => {
    const answered = Promise.withResolvers<string>();
    const called = Promise.withResolvers<undefined>();
    charges.provider = {
      charge: (id) => {
        called.resolve(undefined);
        calls.set(id, (calls.get(id) ?? 0) + 1);
        return answered.promise;
      },
    };
    const key = randomUUID();
    const first = charge(key);
    await called.promise;

    const meanwhile = await charge(key);
    answered.resolve('charged');

    const { status, body } = await first;
    expect([meanwhile.status, meanwhile.body, isReplay(meanwhile)]).toEqual([
      202,
      { id: body.id, amount: 100, state: 'pending' },
      true,
    ]);
    expect([status, body.state, calls.get(body.id)]).toEqual([201, 'charged', 1]);
  });

  it('is finished by a job when the outcome of the call is unknown', async () => {
    charges.provider = { charge: () => Promise.reject(new Error('no answer')) };
    const key = randomUUID();
    const first = await charge(key);
    charges.provider = working;

    await runJobs(59);
    const early = await charge(key);
    await runJobs(61);
    const late = await charge(key);

    expect([first.status, first.body.state, isReplay(first)]).toEqual([202, 'pending', false]);
    expect([early.status, early.body]).toEqual([202, first.body]);
    expect([late.status, late.body, isReplay(late)]).toEqual([
      201,
      { id: first.body.id, amount: 100, state: 'charged' },
      true,
    ]);
    expect([calls.get(first.body.id), await recordsOf(first.body.id)]).toEqual([1, 1]);
  });

  it('counts the calls of the job that find nobody: staff see it in the end', async () => {
    const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    charges.provider = { charge: () => Promise.reject(new Error('fetch failed', { cause: away })) };
    const key = randomUUID();
    await charge(key);
    const attempts = async (): Promise<unknown> =>
      shop.app
        .get(DataSource)
        .query(`SELECT state, attempts FROM jobs WHERE kind = 'requests.recover' AND data->>'key' = $1`, [key]);
    await runJobs(61);
    expect(await attempts()).toEqual([{ state: 'waiting', attempts: 1 }]);
    for (let hours = 1; hours <= 28; hours++) await runJobs(hours * 3600 + 61);

    expect(await attempts()).toEqual([{ state: 'dead', attempts: 20 }]);
  });

  it('is recorded once when the request and the job come with a result', async () => {
    const answered = Promise.withResolvers<undefined>();
    const called = Promise.withResolvers<undefined>();
    charges.provider = {
      charge: async (id) => {
        charges.provider = working;
        called.resolve(undefined);
        await answered.promise;
        return working.charge(id);
      },
    };
    const key = randomUUID();
    const pending = charge(key);
    await called.promise;
    await runJobs(61);
    answered.resolve(undefined);

    const { status, body } = await pending;
    expect([status, body.state, calls.get(body.id), await recordsOf(body.id)]).toEqual([201, 'charged', 2, 1]);
  });

  it('leaves nothing when its preparation is refused, so that the key is free', async () => {
    charges.provider = working;
    const key = randomUUID();

    expect((await charge(key, REFUSED_AMOUNT)).status).toBe(422);
    expect((await charge(key, 100)).status).toBe(201);
  });

  it('is refused with a key of another request, and without a key', async () => {
    charges.provider = working;
    const key = randomUUID();
    await charge(key, 100);

    expect((await charge(key, 200)).status).toBe(422);
    const { status, body } = await shop.ask('charges', { method: 'POST', token, json: { amount: 1 } });
    expect([status, body.code]).toEqual([400, 'idempotency-key-required']);
  });

  it('keeps its key until it is finished, however long that takes', async () => {
    charges.provider = { charge: () => Promise.reject(new Error('no answer')) };
    const key = randomUUID();
    const { body } = await charge(key);
    await shop.app
      .get(DataSource)
      .query('UPDATE idempotency_keys SET created_at = $2 WHERE key = $1', [
        key,
        shop.app.get(Clock).in(-KEY_LIFETIME),
      ]);

    await shop.app.get(IdempotencyKeys).sweep();
    const late = await charge(key);

    expect([late.status, late.body, isReplay(late)]).toEqual([202, body, true]);
  });
});
