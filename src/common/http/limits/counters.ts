import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { Config } from '../../config/config.js';

/** How long Redis may take to connect and to answer, in milliseconds. */
const CONNECT_TIMEOUT = 2000;
const COMMAND_TIMEOUT = 500;
/** The longest pause before Redis is looked for again, in milliseconds. */
const LONGEST_PAUSE = 5000;

/**
 * Makes what counts requests and tries: in this process's memory, or, when `REDIS_URL` names a server, there, for all
 * processes together. While Redis is away each process counts for itself: limits are looser then, and nobody is refused
 * for its sake.
 */
@Injectable()
export class Counters implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Counters.name);
  private readonly redis?: Redis;
  private away = false;

  constructor(config: Config) {
    if (config.redisUrl !== undefined) this.redis = this.client(config.redisUrl);
  }

  /** A counter of up to `points` in `duration` seconds, for each key; `name` is its own in the whole application. */
  make(name: string, limit: { points: number; duration: number }): RateLimiterAbstract {
    const options = { ...limit, keyPrefix: `stockroom:${name}` };
    const memory = new RateLimiterMemory(options);
    if (!this.redis) return memory;
    return new RateLimiterRedis({
      ...options,
      storeClient: this.redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: memory,
    });
  }

  /** Looks for Redis, and goes on without it if it isn't there yet. */
  async onApplicationBootstrap(): Promise<void> {
    await this.redis?.connect().catch((error: unknown) => {
      this.lost(error);
    });
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }

  /** A client that fails at once when there is no connection, so that no request waits for one. */
  private client(url: string): Redis {
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT,
      commandTimeout: COMMAND_TIMEOUT,
      disconnectTimeout: COMMAND_TIMEOUT,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 100, LONGEST_PAUSE),
    });
    redis.on('error', (error: unknown) => {
      this.lost(error);
    });
    redis.on('ready', () => {
      if (this.away) this.logger.log('Redis is back: limits are counted by all processes together again.');
      this.away = false;
    });
    return redis;
  }

  private lost(error: unknown): void {
    if (!this.away) this.logger.warn({ err: error }, 'Redis is away: each process counts limits for itself.');
    this.away = true;
  }
}
