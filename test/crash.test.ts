import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabaseProxy } from './support/database-proxy.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { ShopProcess } from './support/shop-process.js';

interface Sent {
  status: number;
  replayed: string | null;
  text: string;
}

const STAFF = { email: 'staff@stockroom.example', password: 'open sesame, little shop' };

describe('a process that is killed (kill -9) while it answers a POST with an Idempotency-Key (A1.4)', () => {
  let folder: string;
  let database: TestDatabase | undefined;
  let env: Record<string, string>;
  let token: string;
  let shop: ShopProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-crash-'));
    if (process.env.TEST_DATABASE_URL) database = await createTestDatabase();
    env = { DATABASE_URL: database?.config.databaseUrl ?? '', DATA_DIR: folder, LOG_LEVEL: 'fatal' };
    shop = await ShopProcess.start(env);
    const headers = { 'content-type': 'application/json' };
    const login = await fetch(`${shop.url}/api/v1/auth/login`, {
      method: 'POST',
      headers,
      body: JSON.stringify(STAFF),
    });
    ({ accessToken: token } = (await login.json()) as { accessToken: string });
    await shop.kill();
  }, 120_000);
  afterAll(async () => {
    await shop.kill();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  /** Starts a process that doesn't live to hear that the transaction of a key has committed. */
  async function startDoomed(moment: 'before' | 'after'): Promise<ShopProcess> {
    if (!database?.config.databaseUrl) {
      return ShopProcess.start(env, '--import', `${import.meta.dirname}/support/dies-at-commit.ts?${moment}`);
    }
    const proxy = await openDatabaseProxy(database.config.databaseUrl, moment, () => {
      void doomed.kill();
      proxy.close();
    });
    const doomed = await ShopProcess.start({ ...env, DATABASE_URL: proxy.url });
    return doomed;
  }

  const make = async (sku: string): Promise<Sent> => {
    const response = await fetch(`${shop.url}/api/v1/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': sku },
      body: JSON.stringify({ sku, name: 'Lantern', price: { amount: 1999, currency: 'GBP' } }),
    });
    const { status, headers } = response;
    return { status, replayed: headers.get('idempotency-replayed'), text: await response.text() };
  };
  const get = async (path: string): Promise<string> =>
    (await fetch(`${shop.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })).text();

  it.each([
    ['after the commit, and before it knows of it, has done it: the retry replays', 'after', 'true'],
    ['before the commit has done nothing: the retry does it', 'before', null],
  ] as const)(
    '%s',
    async (_, moment, replayed) => {
      const sku = randomUUID();
      shop = await startDoomed(moment);
      await expect(make(sku)).rejects.toThrow('fetch failed');
      expect(await shop.ended).toBe('SIGKILL');

      shop = await ShopProcess.start(env);
      const [first, second] = [await make(sku), await make(sku)];
      const { data } = JSON.parse(await get(`products?sku=${sku}`)) as { data: { id: string }[] };
      const stored = await Promise.all(data.map(({ id }) => get(`products/${id}`)));

      expect(first).toMatchObject({ status: 201, replayed });
      expect(second).toEqual({ status: 201, replayed: 'true', text: first.text });
      expect(stored).toEqual([first.text]);
      await shop.kill();
    },
    120_000,
  );
});
