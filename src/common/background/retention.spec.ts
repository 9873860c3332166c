import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { JobsService } from '../jobs/jobs.service.js';
import { Clock } from '../time/clock.js';
import { Retention, type RetentionRule } from './retention.js';

/** Its jobs and its clock are not asked when a rule is applied. */
const retentionWith = (): Retention => new Retention({} as Partial<JobsService> as JobsService, new Clock());

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
    warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('deletes in batches of 1000 until nothing is left', async () => {
    const [retention, rows] = [retentionWith(), new Rows('old rows', 2500)];
    retention.register(rows);

    expect([...(await retention.sweep())]).toEqual([['old rows', 2500]]);
    expect(rows.limits).toEqual([1000, 1000, 1000]);
  });

  it('logs a rule that fails, and applies the others', async () => {
    const retention = retentionWith();
    retention.register(failing);
    retention.register(new Rows('old rows', 3));

    expect([...(await retention.sweep())]).toEqual([['old rows', 3]]);
    expect(warned).toHaveBeenCalledWith(
      { err: expect.objectContaining({ message: 'no table' }) },
      expect.stringContaining('broken rows'),
    );
  });

  it('stops after the batch that is under way when the process stops', async () => {
    const [retention, rows] = [retentionWith(), new Rows('old rows', 10_000)];
    retention.register(rows);
    const stop = new AbortController();
    const sweep = retention.sweep(stop.signal);
    stop.abort();

    expect([...(await sweep)]).toEqual([['old rows', 1000]]);
  });
});
