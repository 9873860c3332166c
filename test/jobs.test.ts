import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Config } from '../src/common/config/config.js';
import { requestContext, requestFields, runInRequest } from '../src/common/context/request-context.js';
import { OutcomeUnknown } from '../src/common/database/failures.js';
import { Transactions } from '../src/common/database/transactions.js';
import { AppError } from '../src/common/errors/app-error.js';
import { Conflict, NotFound } from '../src/common/errors/errors.js';
import { defineJob } from '../src/common/jobs/define-job.js';
import type { Job } from '../src/common/jobs/entities/job.entity.js';
import type { RunningJob } from '../src/common/jobs/job-execution.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Clock } from '../src/common/time/clock.js';
import { UsersService } from '../src/users/users.service.js';
import { openAccount } from './support/accounts.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

const Note = defineJob<{ text: string }>('test.note', { attempts: 5, firstPause: 5, maxPause: 30, lease: 6 });
const Pair = defineJob<number>('test.pair', { concurrency: 2 });
const Brief = defineJob<null>('test.brief', { timeout: 0.05, attempts: 2 });
const Strange = defineJob<null>('test.strange');

const USER = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
const LEASE = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11';
const START = Date.parse('2026-11-20T09:30:00.000Z');

describe('jobs', () => {
  let shop: Shop;
  let jobs: JobsService;
  let runner: JobRunner;
  let repository: JobsRepository;
  let transactions: Transactions;
  /** Seconds since {@link START}. */
  let time: number;
  /** What the handler of notes does. */
  let onNote: (data: { text: string }, job: RunningJob) => Promise<void>;
  let onPair: (data: number) => Promise<void>;
  let onBrief: (job: RunningJob) => Promise<void>;
  let notes: string[];
  let logged: Record<'warn' | 'error', jest.Spied<Logger['warn']>>;

  beforeAll(async () => {
    shop = await Shop.open({ shutdownSeconds: 1 });
    jobs = shop.app.get(JobsService);
    runner = shop.app.get(JobRunner);
    repository = shop.app.get(JobsRepository);
    transactions = shop.app.get(Transactions);
    jobs.handle(Note, (data, job) => onNote(data, job));
    jobs.handle(Pair, (data) => onPair(data));
    jobs.handle(Brief, (_, job) => onBrief(job));
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    time = 0;
    notes = [];
    onNote = ({ text }) => Promise.resolve(void notes.push(text));
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(START + time * 1000));
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    logged = {
      warn: jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined),
      error: jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined),
    };
    await query('DELETE FROM jobs');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const query = <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    shop.app.get(DataSource).query<T[]>(text, values);
  const rows = (): Promise<Job[]> =>
    shop.app
      .get(DataSource)
      .getRepository<Job>('jobs')
      .find({ order: { id: 'ASC' } });
  const row = async (): Promise<Job> => {
    const [first, ...others] = await rows();
    if (!first || others.length > 0) throw new Error(`there are ${String(others.length)} more jobs, or none`);
    return first;
  };
  /** Another process on the same database. */
  const startRunner = (): { jobs: JobsService; runner: JobRunner } => {
    const other = new JobRunner(repository, shop.app.get(Clock), shop.app.get(Config));
    other.onApplicationBootstrap();
    return { jobs: new JobsService(repository, other, transactions, shop.app.get(Clock)), runner: other };
  };
  /** A process takes the job, and is killed. */
  const dieWithJob = async (): Promise<{ id: string; leaseId: string }> => {
    const [claimed] = await repository.claim([{ kind: Note, free: 1 }], LEASE, [], shop.app.get(Clock).now());
    if (!claimed) throw new Error('there was nothing to do');
    return claimed;
  };

  describe('are enqueued', () => {
    it('with what the unit of work changes: begun after its commit', async () => {
      await transactions.run(async () => {
        await jobs.enqueue(Note, { text: 'one' });
        expect(notes).toEqual([]);
      });
      await runner.idle();

      expect(notes).toEqual(['one']);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 1, data: null, finishedAt: new Date(START) });
    });

    it('and leave nothing when it is rolled back', async () => {
      const failed = transactions.run(async () => {
        await jobs.enqueue(Note, { text: 'one' });
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      await runner.idle();

      expect([notes, await rows()]).toEqual([[], []]);
    });

    it('for later, and not begun before', async () => {
      await jobs.enqueue(Note, { text: 'later' }, { runAt: new Date(START + 60_000) });
      time = 59;
      await runner.idle();
      const before = [...notes];
      time = 60;
      await runner.idle();

      expect([before, notes]).toEqual([[], ['later']]);
    });

    it('for later, and nobody looks for jobs because of it', async () => {
      const wake = jest.spyOn(runner, 'wake');
      await jobs.enqueue(Note, { text: 'later' }, { runAt: new Date(START + 60_000) });
      const afterLater = wake.mock.calls.length;
      await jobs.enqueue(Note, { text: 'now' });
      const afterNow = wake.mock.calls.length;
      await runner.idle();

      expect([afterLater, afterNow]).toEqual([0, 1]);
    });

    it('once while one with the same key waits: at the earlier time, and again while it runs', async () => {
      const key = 'the same';
      const first = await jobs.enqueue(Note, { text: 'first' }, { key, runAt: new Date(START + 60_000) });
      const second = await jobs.enqueue(Note, { text: 'second' }, { key, runAt: new Date(START + 30_000) });
      await jobs.enqueue(Note, { text: 'other' }, { key: 'another', runAt: new Date(START + 90_000) });
      onNote = async ({ text }) => {
        if (notes.push(text) === 1) await jobs.enqueue(Note, { text: 'while it runs' }, { key });
      };
      time = 30;
      await runner.idle();

      expect(second).toBe(first);
      expect(notes).toEqual(['first', 'while it runs']);
    });

    it('with all its attempts when one with its key waits, which has failed before', async () => {
      const key = 'the same';
      await jobs.enqueue(Note, { text: 'first' }, { key });
      onNote = () => Promise.reject(new Error('no'));
      await runner.idle();
      const failed = await rows();
      await jobs.enqueue(Note, { text: 'second' }, { key, runAt: new Date(START + 60_000) });

      expect([failed, await rows()].map(([row]) => row?.attempts)).toEqual([1, 0]);
    });

    it('and one that fails while another with its key waits leaves the work to that one', async () => {
      const key = 'the same';
      await jobs.enqueue(Note, { text: 'first' }, { key });
      onNote = async ({ text }) => {
        notes.push(text);
        if (text !== 'first') return;
        await jobs.enqueue(Note, { text: 'second' }, { key });
        throw new Error('no');
      };
      await runner.idle();
      time = 3600;
      await runner.idle();

      expect(notes).toEqual(['first', 'second']);
      expect((await rows()).map(({ state }) => state)).toEqual(['finished', 'finished']);
    });

    if (process.env.TEST_DATABASE_URL) {
      it('under the key of a job that waits, which then does not begin before the commit', async () => {
        await jobs.enqueue(Note, { text: 'waits' }, { key: 'k', runAt: new Date(START + 1000) });
        time = 1;
        await transactions.run(async () => {
          await jobs.enqueue(Note, { text: 'sees more' }, { key: 'k' });
          await runner.idle();
          expect(notes).toEqual([]);
        });
        await runner.idle();

        expect(notes).toEqual(['waits']);
      });
    }
  });

  it('run outside of the transaction that causes them, with the request of their cause', async () => {
    const seen: unknown[] = [];
    onNote = async () => {
      seen.push(requestFields());
      let isCommitted = false;
      transactions.afterCommit(() => (isCommitted = true));
      seen.push(isCommitted);
      await Promise.resolve();
    };
    const id = await runInRequest({ requestId: 'r-1', trace_id: 't-1', callerId: USER }, () =>
      transactions.run(() => jobs.enqueue(Note, { text: 'one' })),
    );
    await runner.idle();

    expect(seen).toEqual([{ requestId: 'r-1', trace_id: 't-1', callerId: USER, jobId: id }, true]);
  });

  it('have the user who calls as their cause, over HTTP', async () => {
    jest.restoreAllMocks();
    const { id, token } = await openAccount(shop, 'customer');
    const seen: (string | undefined)[] = [];
    const users = shop.app.get(UsersService);
    const read = users.read.bind(users);
    jest.spyOn(users, 'read').mockImplementation(async (userId) => {
      seen.push(requestContext().callerId);
      return read(userId);
    });
    await shop.ask('users/me', { token });

    expect(seen).toEqual([id]);
  });

  describe('that fail', () => {
    it('are tried again after 5, 10, 20 and then 30 s, and not before; then they are dead (W1)', async () => {
      const begun: number[] = [];
      onNote = () => {
        begun.push(time);
        return Promise.reject(new Error('no'));
      };
      await jobs.enqueue(Note, { text: 'one' });
      for (; time <= 200; time++) await runner.idle();

      expect(begun).toEqual([0, 5, 15, 35, 65]);
      expect(await row()).toMatchObject({ state: 'dead', attempts: 5, lastError: 'Error: no', data: { text: 'one' } });
      expect(logged.error).toHaveBeenCalledTimes(1);
    });

    it('keep a text that is cut and has no secret in it', async () => {
      onNote = () => Promise.reject(new TypeError(`Bearer ${'s3cret'.repeat(10)}\n${'x'.repeat(5000)}`));
      await jobs.enqueue(Note, { text: 'one' });
      await runner.idle();
      const { lastError } = await row();

      expect(lastError).toMatch(/^TypeError: \[redacted\] x+…$/);
      expect(lastError).toHaveLength(500);
    });

    it.each([
      ['never again by what stays so', NotFound, 'dead'],
      ['again by what may be otherwise later', Conflict, 'waiting'],
    ])('are tried %s', async (_, kind, state) => {
      onNote = () => Promise.reject(new AppError(kind, 'so it is'));
      await jobs.enqueue(Note, { text: 'one' });
      await runner.idle();

      expect(await row()).toMatchObject({ state, attempts: 1 });
    });

    it('by the database go on later, and use up no attempt', async () => {
      onNote = () => Promise.reject(new OutcomeUnknown('the connection broke'));
      await jobs.enqueue(Note, { text: 'one' });
      for (let n = 0; n < 10; n++, time += 5) await runner.idle();
      onNote = ({ text }) => Promise.resolve(void notes.push(text));
      await runner.idle();

      expect(notes).toEqual(['one']);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 1 });
    });

    it('by taking too long free their place, and are asked to stop', async () => {
      let signal: AbortSignal | undefined;
      onBrief = (job) => {
        signal = job.signal;
        return new Promise(() => undefined);
      };
      await jobs.enqueue(Brief, null);
      await runner.idle();

      expect(signal?.aborted).toBe(true);
      expect(await row()).toMatchObject({ state: 'waiting', attempts: 1, lastError: expect.stringMatching(/0.05 s/) });
    });
  });

  describe('of a process that was killed', () => {
    it('are done by another one once the lease is over, and not before (W2)', async () => {
      await jobs.enqueue(Note, { text: 'one' }, { runAt: new Date(START + 1000) });
      time = 1;
      const lost = await dieWithJob();
      time = 6.9;
      await runner.idle();
      const before = [...notes];
      time = 7;
      await runner.idle();

      expect([before, notes]).toEqual([[], ['one']]);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 2 });
      // it was only slow: what it says now is ignored
      const now = new Date(START + 8000);
      expect(await repository.finish(lost, undefined, now)).toBe(false);
      expect(await repository.bury(lost, 'late', now)).toBe(false);
      expect(await repository.giveBack(lost, { dueAt: now, attempts: 0, lastError: null }, now)).toBe(false);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 2 });
    });

    it('are given up when each attempt ends its process', async () => {
      await jobs.enqueue(Note, { text: 'poison' }, { runAt: new Date(START + 1000) });
      for (let n = 0; n < 5; n++) {
        time += 6;
        await dieWithJob();
      }
      time += 6;
      await runner.idle();

      expect(notes).toEqual([]);
      expect(await row()).toMatchObject({
        state: 'dead',
        attempts: 5,
        lastError: expect.stringMatching(/process ended/),
      });
    });

    it('are not taken from a process that lives: it renews its lease', async () => {
      jest.useFakeTimers({
        doNotFake: ['Date', 'nextTick', 'setImmediate', 'performance', 'setTimeout', 'queueMicrotask'],
      });
      const held = Promise.withResolvers<undefined>();
      onNote = async ({ text }) => {
        notes.push(text);
        await held.promise;
      };
      const renewed = jest.spyOn(repository, 'renew');
      await jobs.enqueue(Note, { text: 'one' });
      await until(() => notes.length === 1);
      const other = startRunner();
      other.jobs.handle(Note, () => Promise.resolve(void notes.push('taken over')));
      for (time = 2; time <= 20; time += 2) {
        jest.advanceTimersByTime(2000);
        await Promise.all(renewed.mock.results.map(({ value }) => value));
        await other.runner.idle();
      }
      jest.useRealTimers();
      held.resolve(undefined);
      await runner.idle();

      expect(notes).toEqual(['one']);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 1 });
    });

    it('and live on there are asked to stop, and end without a word', async () => {
      jest.useFakeTimers({
        doNotFake: ['Date', 'nextTick', 'setImmediate', 'performance', 'setTimeout', 'queueMicrotask'],
      });
      let signal: AbortSignal | undefined;
      onNote = (_, job) => {
        signal = job.signal;
        return new Promise(() => undefined);
      };
      await jobs.enqueue(Note, { text: 'one' });
      await until(() => signal !== undefined);
      time = 7;
      const other = startRunner();
      other.jobs.handle(Note, ({ text }) => Promise.resolve(void notes.push(text)));
      await other.runner.idle();
      jest.advanceTimersByTime(2000);
      jest.useRealTimers();
      await runner.idle();

      expect(signal?.aborted).toBe(true);
      expect(notes).toEqual(['one']);
      expect(await row()).toMatchObject({ state: 'finished', attempts: 2 });
    });
  });

  it('of a kind that nothing here handles are left alone', async () => {
    await jobs.enqueue(Strange, null);
    time = 24 * 3600;
    await runner.idle();

    expect(await row()).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('run as many at a time as their kind may, and hold up no other kind', async () => {
    let [now, most] = [0, 0];
    const held = Promise.withResolvers<undefined>();
    onPair = async () => {
      most = Math.max(most, ++now);
      await held.promise;
      now--;
    };
    await transactions.run(async () => {
      for (let n = 0; n < 6; n++) await jobs.enqueue(Pair, n);
      await jobs.enqueue(Note, { text: 'beside' });
    });
    await until(() => notes.length === 1 && now === 2);
    held.resolve(undefined);
    await runner.idle();

    expect(most).toBe(2);
    expect((await rows()).map(({ state }) => state)).toEqual(Array.from({ length: 7 }, () => 'finished'));
  });

  it('are each done once, however many runners there are', async () => {
    const done: number[] = [];
    onPair = (n) => Promise.resolve(void done.push(n));
    const others = [startRunner(), startRunner()];
    for (const other of others) other.jobs.handle(Pair, (n) => Promise.resolve(void done.push(n)));
    await transactions.run(async () => {
      for (let n = 0; n < 60; n++) await jobs.enqueue(Pair, n);
    });
    await Promise.all([runner, ...others.map((other) => other.runner)].map((one) => one.idle()));

    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('write their progress now and then, and at the end', async () => {
    const written = jest.spyOn(repository, 'updateProgress');
    onNote = (_, job) => {
      for (let n = 1; n <= 1000; n++) job.progress(n, 1000);
      return Promise.resolve();
    };
    await jobs.enqueue(Note, { text: 'one' });
    await runner.idle();

    expect(written).toHaveBeenCalledTimes(1);
    expect(await row()).toMatchObject({ progressDone: 1000, progressTotal: 1000 });
  });

  it('cost one statement when there are none', async () => {
    const statements: string[] = [];
    jest.spyOn(shop.app.get(DataSource).logger, 'logQuery').mockImplementation((text) => void statements.push(text));
    await runner.idle();

    expect(statements).toHaveLength(1);
  });

  describe('when the database is away', () => {
    it('are looked for again, and that is logged once', async () => {
      await jobs.enqueue(Note, { text: 'one' }, { runAt: new Date(START + 1000) });
      const away = jest
        .spyOn(repository, 'claim')
        .mockRejectedValue(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
      time = 1;
      await runner.idle();
      await runner.idle();
      away.mockRestore();
      await runner.idle();

      expect(logged.error).toHaveBeenCalledTimes(1);
      expect(notes).toEqual(['one']);
    });
  });

  describe('when the process stops', () => {
    it('are given back without an attempt, also those that go on; and no other one begins', async () => {
      const { jobs: here, runner: stopping } = startRunner();
      const began: number[] = [];
      here.handle(Pair, async (n, { signal }) => {
        began.push(n);
        await new Promise((_, reject) => {
          if (n === 1) {
            signal.addEventListener('abort', () => {
              reject(new Error('stopped'));
            });
          }
        });
      });
      await transactions.run(async () => {
        for (const n of [1, 2, 3]) await here.enqueue(Pair, n);
      });
      await until(() => began.length === 2);
      await stopping.stop();
      await stopping.idle();

      expect(began).toEqual([1, 2]);
      expect(await rows()).toMatchObject([
        { state: 'waiting', attempts: 0, leaseId: null },
        { state: 'waiting', attempts: 0, leaseId: null },
        { state: 'waiting', attempts: 0, leaseId: null },
      ]);
    });

    it('are waited for when they come to their end', async () => {
      const { jobs: here, runner: stopping } = startRunner();
      const held = Promise.withResolvers<undefined>();
      here.handle(Note, async ({ text }, { signal }) => {
        notes.push(text);
        signal.addEventListener('abort', () => {
          held.resolve(undefined);
        });
        await held.promise;
      });
      await here.enqueue(Note, { text: 'one' });
      await until(() => notes.length === 1);
      await stopping.stop();

      expect(await row()).toMatchObject({ state: 'finished', attempts: 1 });
    });
  });
});
