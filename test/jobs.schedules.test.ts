import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Config } from '../src/common/config/config.js';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Transactions } from '../src/common/database/transactions.js';
import { defineJob } from '../src/common/jobs/define-job.js';
import { JobPoll } from '../src/common/jobs/job-poll.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobSchedulesRepository } from '../src/common/jobs/job-schedules.repository.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Schedules } from '../src/common/jobs/schedules.js';
import { Clock } from '../src/common/time/clock.js';
import { Shop } from './support/shop.js';

const Tick = defineJob<null>('test.tick');

const MINUTE = 60;
const START = Date.parse('2026-11-20T09:30:00.000Z');

describe('a schedule', () => {
  let shop: Shop;
  let runner: JobRunner;
  let repository: JobSchedulesRepository;
  /** Seconds since {@link START}. */
  let time: number;
  /** When its job was done. */
  let done: number[];
  let warned: jest.Spied<Logger['warn']>;

  beforeAll(async () => {
    shop = await Shop.open();
    runner = shop.app.get(JobRunner);
    repository = shop.app.get(JobSchedulesRepository);
    shop.app.get(JobsService).handle(Tick, () => Promise.resolve(void done.push(time)));
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    [time, done] = [0, []];
    jest.spyOn(shop.app.get(Clock), 'now').mockImplementation(() => new Date(START + time * 1000));
    warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    await shop.app.get(DataSource).query('DELETE FROM job_schedules');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** What a process has of it that has just been started. */
  function startProcess(everySeconds = MINUTE): Schedules {
    const transactions = shop.app.get(Transactions);
    const clock = shop.app.get(Clock);
    const jobs = new JobsService(shop.app.get(JobsRepository), runner, transactions, clock);
    jobs.schedule('ticks', { everySeconds, job: Tick });
    return new Schedules(jobs, repository, transactions, clock);
  }
  /** The processes look, all at once, and what they find is done. */
  async function look(processes: readonly Schedules[]): Promise<void> {
    await Promise.all(processes.map((one) => one.enqueueDue()));
    await runner.idle();
  }
  const missed = (): unknown[] => warned.mock.calls.map(([entry]) => (entry as { missed: number }).missed);

  it('has each slot done exactly once by three processes of which one is started again each minute, for an hour (J1-J4)', async () => {
    const processes = [startProcess(), startProcess(), startProcess()];
    await look(processes);
    for (time = 1; time <= 60 * MINUTE; time++) {
      if (time % MINUTE === 30) processes[Math.floor(time / MINUTE) % 3] = startProcess();
      // some process or other looks each second, all of them when a slot begins
      await look(time % MINUTE === 0 ? processes : processes.slice(time % 3, (time % 3) + 1));
    }

    expect(done).toEqual(Array.from({ length: 60 }, (_, slot) => (slot + 1) * MINUTE));
    expect(missed()).toEqual([]);
  });

  it('is done once for the slots that no process was there for, and says how many were missed (J1)', async () => {
    await look([startProcess()]);
    time = MINUTE;
    await look([startProcess()]);
    time = 5 * MINUTE + 10;
    await look([startProcess(), startProcess()]);

    expect(done).toEqual([MINUTE, 5 * MINUTE + 10]);
    expect(missed()).toEqual([3]);
  });

  it('goes on after the database was away for ten minutes, and says what was missed (J5)', async () => {
    const [schedules] = [startProcess()];
    const poll = new JobPoll(runner, schedules, new Config());
    const failed = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    await poll.look();
    const away = jest
      .spyOn(repository, 'lock')
      .mockRejectedValue(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    for (time = MINUTE; time < 11 * MINUTE; time += 2) await poll.look();
    away.mockRestore();
    for (time = 11 * MINUTE; time <= 13 * MINUTE; time += 2) {
      await poll.look();
      await runner.idle();
    }

    expect(done).toEqual([11 * MINUTE, 12 * MINUTE, 13 * MINUTE]);
    expect(missed()).toEqual([10]);
    expect(failed).toHaveBeenCalledTimes(1);
  });

  it('does not pile up jobs that are late', async () => {
    const schedules = startProcess();
    await schedules.enqueueDue();
    const held = jest.spyOn(runner, 'wake').mockReturnValue(undefined);
    for (time = MINUTE; time <= 10 * MINUTE; time += MINUTE) await schedules.enqueueDue();
    held.mockRestore();
    await runner.idle();

    expect(done).toHaveLength(1);
  });

  it('does nothing twice when the clock goes back', async () => {
    await look([startProcess()]);
    time = 2 * MINUTE;
    await look([startProcess()]);
    time = MINUTE;
    await look([startProcess()]);
    time = 2 * MINUTE + 1;
    await look([startProcess()]);

    expect(done).toEqual([2 * MINUTE]);
  });

  it('asks the database only when a slot begins', async () => {
    const schedules = startProcess();
    const asked = jest.spyOn(repository, 'lock');
    for (time = 0; time < 5 * MINUTE; time += 2) await schedules.enqueueDue();

    expect(asked).toHaveBeenCalledTimes(5);
  });
});
