import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BackgroundWork } from '../common/background/background-work.js';
import { AppError } from '../common/errors/app-error.js';
import { DURATION, withConstantDuration } from './constant-duration.js';

describe('work whose length depends on a secret', () => {
  let background: BackgroundWork;
  let logged: jest.Spied<Logger['error']>;
  beforeEach(() => {
    jest.useFakeTimers();
    background = new BackgroundWork();
    logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  /** When the answer to work that takes so long is there, in milliseconds; in steps of one. */
  async function durationOf(work: () => Promise<void>): Promise<number> {
    const start = Date.now();
    let end: number | undefined;
    const answered = withConstantDuration(background, 'testing', work).finally(() => {
      end = Date.now() - start;
    });
    const settled = answered.catch(() => undefined);
    for (let step = 0; end === undefined && step < 10 * DURATION; step++) await jest.advanceTimersByTimeAsync(1);
    await settled;
    return end ?? NaN;
  }
  const taking = (milliseconds: number) => async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };
  const failingAfter = (milliseconds: number) => async (): Promise<void> => {
    await taking(milliseconds)();
    throw new Error('no database');
  };

  it.each([0, 1, DURATION / 2, DURATION - 1, DURATION + 1, 5 * DURATION])(
    'is answered after the same time when it takes %s ms',
    async (milliseconds) => {
      expect(await durationOf(taking(milliseconds))).toBe(DURATION);
    },
  );

  it('is answered after the same time when it fails, with its failure', async () => {
    expect(await durationOf(failingAfter(1))).toBe(DURATION);
    const answer = withConstantDuration(background, 'testing', failingAfter(1));
    const refused = expect(answer).rejects.toThrow('no database');
    await jest.advanceTimersByTimeAsync(DURATION);
    await refused;
  });

  it('goes on after the answer; a failure then is logged', async () => {
    let done = false;
    await durationOf(async () => {
      await taking(2 * DURATION)();
      done = true;
    });
    const before = done;
    await jest.advanceTimersByTimeAsync(2 * DURATION);
    await durationOf(failingAfter(2 * DURATION));
    await jest.advanceTimersByTimeAsync(2 * DURATION);
    await background.idle();

    expect([before, done]).toEqual([false, true]);
    expect(logged).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: 'no database' }) },
      'Failed in the background: testing.',
    );
  });

  it('is refused with 503 when too much runs already', async () => {
    const never = Promise.withResolvers<undefined>();
    for (let n = 0; n < 1000; n++)
      background.start('holding', async () => {
        await never.promise;
      });

    await expect(withConstantDuration(background, 'testing', taking(0))).rejects.toBeInstanceOf(AppError);
    never.resolve(undefined);
    await background.idle();
    expect(await durationOf(taking(0))).toBe(DURATION);
  });
});
