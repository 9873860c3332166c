import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { ShopProcess } from './support/shop-process.js';
import { SmtpSink } from './support/smtp.js';
import { until } from './support/until.js';

describe('mails of processes that are killed (kill -9)', () => {
  let folder: string;
  let database: TestDatabase | undefined;
  let env: Record<string, string>;
  let sink: SmtpSink;
  let shops: ShopProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-jobs-'));
    if (process.env.TEST_DATABASE_URL) database = await createTestDatabase();
    sink = await SmtpSink.open();
    env = {
      DATABASE_URL: database?.config.databaseUrl ?? '',
      DATA_DIR: folder,
      LOG_LEVEL: 'fatal',
      DEMO: 'false',
      SMTP_URL: sink.url,
      RATE_LIMIT: '0',
    };
  });
  afterEach(async () => {
    await Promise.all(shops.map((shop) => shop.kill()));
    shops = [];
  });
  afterAll(async () => {
    await sink.close();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  const start = async (): Promise<ShopProcess> => {
    const shop = await ShopProcess.start(env);
    shops.push(shop);
    return shop;
  };
  const register = async ({ url }: ShopProcess, email: string): Promise<number> => {
    const json = { email, password: 'open sesame, little shop', name: 'Ada' };
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/api/v1/auth/register`, { method: 'POST', headers, body: JSON.stringify(json) })).status;
  };
  const idsTo = (email: string): (string | undefined)[] =>
    sink.deliveries
      .filter(({ recipient }) => recipient === email)
      .map(({ data }) => /^Message-ID: (.*)$/im.exec(data)?.[1]);

  it('are sent by another process: those that waited, and those that were being sent', async () => {
    const first = await start();
    // the server takes a mail and does not answer: at that moment the process is killed
    const held = sink.hold();
    const emails = Array.from({ length: 8 }, (_, n) => `killed-${String(n)}@example.com`);
    const statuses = await Promise.all(emails.map((email) => register(first, email)));
    await until(() => sink.held === 5);
    await first.kill();
    held();
    await start();
    await until(() => emails.every((email) => idsTo(email).length > 0));

    expect(statuses).toEqual(emails.map(() => 202));
    // a repetition is recognized
    for (const email of emails) expect(new Set(idsTo(email)).size).toBe(1);
  }, 240_000);

  if (process.env.TEST_DATABASE_URL) {
    it('are each sent once by three processes, of which none is killed', async () => {
      const processes = [await start(), await start(), await start()];
      const emails = Array.from({ length: 60 }, (_, n) => `once-${String(n)}@example.com`);
      for (const [n, shop] of processes.entries()) {
        await Promise.all(emails.filter((_, place) => place % 3 === n).map((email) => register(shop, email)));
      }
      await until(() => emails.every((email) => idsTo(email).length > 0));

      expect(emails.map((email) => idsTo(email).length)).toEqual(emails.map(() => 1));
    }, 240_000);
  }
});
