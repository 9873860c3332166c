import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../src/app.js';
import { openAccount } from './support/accounts.js';
import { ChargesModule } from './support/charges.controller.js';
import type { ChargeDto } from './support/charges.dto.js';
import { Charges, type Moment } from './support/charges.service.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';
import { until } from './support/until.js';

/** What a client is answered after the process was killed at a moment, at first: 201 where the outcome was recorded, or where nothing was. */
const MOMENTS: [Moment, number][] = [
  ['preparing', 201],
  ['prepared', 202],
  ['called', 202],
  ['recording', 202],
  ['recorded', 201],
];

describe('a request in phases whose process is killed (kill -9)', () => {
  let database: TestDatabase;
  let provider: Server;
  /** The charges of the provider, each with how often it was asked for it. */
  const charged = new Map<string, number>();
  const children = new Set<ChildProcess>();
  let token: string;
  beforeAll(async () => {
    database = await createLastingDatabase();
    provider = createServer((request, response) => {
      const id = request.url ?? '';
      charged.set(id, (charged.get(id) ?? 0) + 1);
      response.end('charged');
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const { config } = database;
    const app = await createApp(config, config.databaseUrl ? database.options : undefined, [ChargesModule]);
    await app.init();
    await app.get(Charges).createTable();
    token = (await openAccount({ app }, 'customer')).token;
    await app.close();
  });
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    children.clear();
    charged.clear();
  });
  afterAll(async () => {
    provider.close();
    await database.drop();
  });

  /** Starts a process that kills itself at a moment, if one is given, at a time so many seconds from now. */
  async function start(moment = '', later = 0): Promise<{ url: string; ended: Promise<unknown> }> {
    const { databaseUrl, dataDir } = database.config;
    const child = spawn(process.execPath, ['generated/tests/test/support/charges.process.js'], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl ?? '',
        DATA_DIR: dataDir,
        PROVIDER: `http://127.0.0.1:${String((provider.address() as AddressInfo).port)}`,
        DIE_AT: moment,
        LATER: String(later),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([, signal]: unknown[]) => {
      children.delete(child);
      return signal;
    });
    children.add(child);
    for await (const line of createInterface(child.stdout)) return { url: line, ended };
    throw new Error('the process ended before it listened');
  }

  async function charge(url: string, key: string): Promise<{ status: number; body: ChargeDto }> {
    const response = await fetch(`${url}/api/v1/charges`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ amount: 100 }),
    });
    return { status: response.status, body: (await response.json()) as ChargeDto };
  }

  it.each(MOMENTS)('while it is %s is finished once, and nothing is lost', async (moment, status) => {
    const key = randomUUID();
    const dying = await start(moment);
    await expect(charge(dying.url, key)).rejects.toThrow();
    expect(await dying.ended).toBe('SIGKILL');

    const { url } = await start('', 61);
    const first = await charge(url, key);
    let last = first;
    await until(async () => (last = await charge(url, key)).status === 201);

    expect([first.status, last.body]).toEqual([
      // the job may have been faster than the client
      first.status === 201 ? 201 : status,
      { id: first.body.id, amount: 100, state: 'charged' },
    ]);
    expect([...charged.keys()]).toEqual([`/${first.body.id}?amount=100`]);
    expect(charged.get(`/${first.body.id}?amount=100`)).toBe(moment === 'called' || moment === 'recording' ? 2 : 1);
  });
});
