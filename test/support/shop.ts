import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { Argon2PasswordHasher, PasswordHasher } from '../../src/auth/passwords.js';
import { Config } from '../../src/common/config/config.js';
import { JobPoll } from '../../src/common/jobs/job-poll.js';
import { Contract } from './contract.js';
import { createTestDatabase, type TestDatabase } from './database.js';

/** Hashing passwords is slow on purpose, and would be most of what tests of accounts do; in KiB and passes. */
export const LITTLE_EFFORT = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** What a request to the shop under test says. */
export interface Ask {
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, instead of `json`. */
  body?: string | Uint8Array<ArrayBuffer> | FormData;
}

/** What came back. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** An application listening on a port of its own, on a database of its own, and a client for it. */
export class Shop {
  private constructor(
    private opened: NestFastifyApplication | undefined,
    readonly url: string,
    private readonly drop: TestDatabase['drop'],
  ) {}

  get app(): NestFastifyApplication {
    if (!this.opened) throw new Error('the shop is closed');
    return this.opened;
  }

  /** Opens it, with additional modules of the test. */
  static async open(settings: Partial<Config> = {}, ...more: Type[]): Promise<Shop> {
    const database = await createTestDatabase(settings);
    const app = await createApp(database.config, database.options, more).catch(async (error: unknown) => {
      await database.drop();
      throw error;
    });
    const hasher = app.get(PasswordHasher);
    if (hasher instanceof Argon2PasswordHasher) hasher.effort = LITTLE_EFFORT;
    await app.listen(0, '127.0.0.1');
    // what a test enqueues begins at once; what waits for its time begins when the test says so
    await app.get(JobPoll).stop();
    return new Shop(app, await app.getUrl(), database.drop);
  }

  private judge: Contract | undefined;

  /** The document of the shop, which every answer is held against. */
  async contract(): Promise<Contract> {
    this.judge ??= new Contract((await this.app.inject('/openapi.json')).json(), this.app.get(Config).rateLimit > 0);
    return this.judge;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.drop();
    // a test file keeps its shop to the end of its group: not the application with it
    this.opened = undefined;
    this.judge = undefined;
  }

  /** Asks, and reads what comes back as JSON, or as text where it is none. `path` without a host; `/api/v1` is put before what doesn't begin with `/`. */
  async ask<T = Record<string, unknown>>(
    path: string,
    { method = 'GET', token, headers, json, body }: Ask = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path.startsWith('/') ? path : `/api/v1/${path}`}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
      redirect: 'manual',
    });
    const text = await response.text();
    (await this.contract()).check({
      method,
      path: new URL(response.url).pathname,
      status: response.status,
      headers: response.headers,
      text,
    });
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
    };
  }
}
