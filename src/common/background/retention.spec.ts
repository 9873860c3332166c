import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Retention, type RetentionRule } from './retention.js';

/** A rule over so many rows; what it was asked is kept. */
class Rows implements RetentionRule {
  readonly limits: number[] = [];

  constructor(
    readonly name: string,
    private left: number,
  ) {}

  readonly deleteBatch = (limit: number): Promise<number> => {
    this.limits.push(limit);
    const deleted = Math.min(limit, this.left);
    this.left -= deleted;
    return Promise.resolve(deleted);
  };
}

describe('Retention', () => {
  const failing: RetentionRule = { name: 'broken rows', deleteBatch: () => Promise.reject(new Error('no table')) };
  let warned: jest.Spied<Logger['warn']>;
  beforeEach(() => {
    jest.useFakeTimers();
    warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('deletes in batches of 1000 until nothing is left', async () => {
    const [retention, rows] = [new Retention(), new Rows('old rows', 2500)];
    retention.register(rows);

    expect([...(await retention.sweep())]).toEqual([['old rows', 2500]]);
    expect(rows.limits).toEqual([1000, 1000, 1000]);
  });

  it('logs a rule that fails, and applies the others', async () => {
    const retention = new Retention();
    retention.register(failing);
    retention.register(new Rows('old rows', 3));

    expect([...(await retention.sweep())]).toEqual([['old rows', 3]]);
    expect(warned).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: 'no table' }) },
      expect.stringContaining('broken rows'),
    );
  });

  it('sweeps again and again, also after a failure, and at other times than other processes', async () => {
    const sweeps = async (random: number): Promise<number> => {
      jest.spyOn(Math, 'random').mockReturnValue(random);
      const [retention, rows] = [new Retention(), new Rows('old rows', 0)];
      retention.register(failing);
      retention.register(rows);
      retention.onApplicationBootstrap();
      await jest.advanceTimersByTimeAsync(60 * 60 * 1000);
      await retention.onModuleDestroy();
      return rows.limits.length;
    };

    expect([await sweeps(0), await sweeps(0.5), await sweeps(0.999)]).toEqual([12, 6, 4]);
  });

  it('stops after the batch that is under way when the application stops', async () => {
    const [retention, rows] = [new Retention(), new Rows('old rows', 10_000)];
    retention.register(rows);
    const sweep = retention.sweep();
    await retention.onModuleDestroy();

    expect([...(await sweep)]).toEqual([['old rows', 1000]]);
    await jest.advanceTimersByTimeAsync(60 * 60 * 1000);
    expect(rows.limits).toHaveLength(1);
  });
});
