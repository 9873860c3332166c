import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Counters } from './counters.js';

describe('a counter', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  afterAll(() => {
    Logger.overrideLogger(['error']);
  });

  it('counts each key for itself', async () => {
    const counter = new Counters(new Config()).make('test', { points: 5, duration: 60 });
    await counter.penalty('a');

    expect((await counter.penalty('a')).consumedPoints).toBe(2);
    expect((await counter.penalty('b')).consumedPoints).toBe(1);
  });

  it('goes on in this process while Redis is away', async () => {
    const counters = new Counters(Object.assign(new Config(), { redisUrl: 'redis://127.0.0.1:1' }));
    await counters.onApplicationBootstrap();
    const counter = counters.make('test', { points: 5, duration: 60 });
    await counter.penalty('a');
    const second = await counter.penalty('a');
    await counter.block('b', 30);
    const blocked = await counter.get('b');
    counters.onApplicationShutdown();

    expect([second.consumedPoints, second.remainingPoints, blocked?.remainingPoints]).toEqual([2, 3, 0]);
  });
});
