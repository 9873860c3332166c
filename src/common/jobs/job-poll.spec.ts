import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Config } from '../config/config.js';
import { JobPoll } from './job-poll.js';
import type { JobRunner } from './job-runner.js';
import type { Schedules } from './schedules.js';

describe('JobPoll', () => {
  const wake = jest.fn<JobRunner['wake']>();
  const enqueueDue = jest.fn<Schedules['enqueueDue']>();
  let poll: JobPoll;
  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    enqueueDue.mockReset().mockResolvedValue(undefined);
    wake.mockReset();
    poll = new JobPoll(
      { wake } as Partial<JobRunner> as JobRunner,
      { enqueueDue } as Partial<Schedules> as Schedules,
      new Config(),
    );
  });
  afterEach(async () => {
    await poll.stop();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it.each([
    [0, 31],
    [0.999, 24],
  ])('looks every two seconds or a little later (%d): %d times a minute', async (random, times) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    poll.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(60_000);

    expect(wake).toHaveBeenCalledTimes(times);
  });

  it('goes on after a failure of the database', async () => {
    enqueueDue.mockRejectedValueOnce(new Error('away'));
    poll.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(10_000);

    expect(enqueueDue.mock.calls.length).toBeGreaterThan(3);
    expect(wake).toHaveBeenCalledTimes(enqueueDue.mock.calls.length);
  });

  it('waits for a look that is under way, and begins no other one', async () => {
    const held = Promise.withResolvers<undefined>();
    enqueueDue.mockReturnValue(held.promise);
    poll.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(60_000);
    const stopped = poll.stop();
    held.resolve(undefined);
    await stopped;
    await jest.advanceTimersByTimeAsync(60_000);

    expect(enqueueDue).toHaveBeenCalledTimes(1);
  });
});
