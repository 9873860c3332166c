import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Config } from '../src/common/config/config.js';
import { dataSourceOptions } from '../src/common/database/data-source.js';
import { withAdvisoryLock, migrate } from '../src/common/database/migrate.js';
import { StockroomDataSource } from '../src/common/database/transactions.js';
import { defineJob } from '../src/common/jobs/define-job.js';
import { JobsRepository } from '../src/common/jobs/jobs.repository.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { start } from '../src/start.js';
import { drain } from '../src/stop.js';
import { createTestDatabase, testConfig } from './support/database.js';
import { ShopProcess } from './support/shop-process.js';
import { Shop } from './support/shop.js';

const Endless = defineJob<null>('test.endless');

describe('starting', () => {
  let folder: string;
  let other: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-start-'));
    await writeFile(join(folder, 'file'), '');
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
  });
  afterAll(async () => {
    other.close();
    await rm(folder, { recursive: true });
  });

  const starting = (settings: Partial<Config>): Promise<unknown> => start(testConfig({ dataDir: folder, ...settings }));

  it('on a busy port is refused, naming the port', async () => {
    const { port } = other.address() as AddressInfo;

    await expect(starting({ port, demo: false })).rejects.toThrow(`Port ${String(port)} is taken`);
  });

  it('on an address of another machine is refused, naming HOST', async () => {
    await expect(starting({ host: '203.0.113.1', demo: false })).rejects.toThrow('set HOST');
    await expect(starting({ host: 'nohost.invalid', demo: false })).rejects.toThrow('set HOST');
  });

  it('with a server of unknown name is refused, naming DATABASE_URL', async () => {
    await expect(starting({ databaseUrl: 'postgres://nobody@nohost.invalid/none' })).rejects.toThrow(
      /nohost\.invalid .*DATABASE_URL/,
    );
  });

  it('on a folder that can’t be written is refused, naming the folder', async () => {
    await expect(starting({ dataDir: join(folder, 'file', 'data') })).rejects.toThrow(/file\/data can't be written/);
  });

  it('without the server that DATABASE_URL names is refused', async () => {
    await expect(starting({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow(
      'No PostgreSQL server answers at DATABASE_URL',
    );
  });
});

describe('stopping', () => {
  it('finishes what is in flight, tells clients to leave, and takes no new connections', async () => {
    const shop = await Shop.open();
    const server: Server = shop.app.getHttpServer();
    const client = connect(Number(new URL(shop.url).port), '127.0.0.1').setEncoding('utf8');
    const body = '{"email":"nobody"}';
    client.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n' +
        `content-length: ${String(body.length)}\r\n\r\n`,
    );
    await once(server, 'request');

    const drained = drain(shop.app, 1);
    const ready = await shop.ask('/readyz');
    client.write(body);
    const answer = (await client.toArray()).join('');
    await drained;

    expect(ready.status).toBe(503);
    expect(answer).toMatch(/^HTTP\/1\.1 422 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    await expect(shop.ask('/livez')).rejects.toThrow('fetch failed');
    await shop.close();
  });

  it('gives jobs back while the last requests are answered, which may take all the time that there is', async () => {
    const shop = await Shop.open();
    const [begun, stopped] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    shop.app.get(JobsService).handle(Endless, async (_, { signal }) => {
      begun.resolve(undefined);
      await once(signal, 'abort');
      stopped.resolve(undefined);
      signal.throwIfAborted();
    });
    const id = await shop.app.get(JobsService).enqueue(Endless, null);
    await begun.promise;
    const client = connect(Number(new URL(shop.url).port), '127.0.0.1').setEncoding('utf8');
    client.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n',
    );
    await once(shop.app.getHttpServer(), 'request');
    const left: unknown[] = [];
    const giveBack = jest.spyOn(JobsRepository.prototype, 'giveBack').mockImplementation((job, { attempts }) => {
      left.push([job.id, attempts]);
      return Promise.resolve(true);
    });

    const drained = drain(shop.app, 0);
    await stopped.promise;
    client.write('{}');
    const answer = (await client.toArray()).join('');
    await drained;
    giveBack.mockRestore();

    expect(answer).toMatch(/^HTTP\/1\.1 422 /);
    expect(left).toEqual([[id, 0]]);
    await shop.close();
  });
});

describe('a process that gets SIGTERM under load', () => {
  let folder: string;
  let shop: ShopProcess;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-stop-'));
    shop = await ShopProcess.start({
      DATABASE_URL: '',
      DATA_DIR: folder,
      LOG_LEVEL: 'fatal',
      DEMO: 'false',
      SHUTDOWN_DELAY: '2',
    });
  });
  afterAll(async () => {
    await shop.kill();
    await rm(folder, { recursive: true });
  });

  /** Asks by one keep-alive connection after the other, as a load balancer does, until readiness sends it elsewhere. */
  async function load(statuses: Map<number, number>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (path: string, method = 'GET'): Promise<number> => {
      const request = httpRequest(`${shop.url}${path}`, { agent, method }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await response.resume().toArray();
      return response.statusCode ?? 0;
    };
    while ((await ask('/readyz')) === 200) {
      for (const status of [await ask('/api/v1/products'), await ask('/api/v1/auth/login', 'POST')]) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    agent.destroy();
  }

  /** Asks until nobody can connect any more, as those do who don't ask for readiness. @returns how that showed. */
  async function askToTheEnd(): Promise<unknown> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const request = httpRequest(`${shop.url}/api/v1/products`, { agent }).end();
      try {
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        await response.resume().toArray();
      } catch (error) {
        const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
        // a connection that the kernel took and the process has not seen is reset when nobody listens any more
        return code === 'ECONNRESET' && !request.reusedSocket ? 'ECONNREFUSED' : code;
      }
    }
  }

  it('fails no request, and ends by itself', async () => {
    const statuses = new Map<number, number>();
    const clients = Promise.all(Array.from({ length: 16 }, () => load(statuses)));
    const persistent = Array.from({ length: 16 }, () => askToTheEnd());
    while ((statuses.get(200) ?? 0) < 100) await setImmediate();
    shop.terminate();
    await clients;

    expect(await shop.ended).toBeNull();
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    expect(new Set(await Promise.all(persistent))).toEqual(new Set(['ECONNREFUSED']));
  });
});

// Only a server has more than one process on a database.
if (process.env.TEST_DATABASE_URL) {
  describe('ten processes that start at once on a new database', () => {
    it('migrate it once, and all find it done', async () => {
      const database = await createTestDatabase();
      const [admin] = await sources(database.config, 1);
      await admin?.query('DROP SCHEMA public CASCADE');
      await admin?.query('CREATE SCHEMA public');

      const processes = await sources(database.config, 10);
      const applied = await Promise.all(
        processes.map((dataSource) => withAdvisoryLock(database.config, () => migrate(dataSource))),
      );

      expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
      expect(await admin?.query('SELECT count(*) AS rows FROM migrations')).toEqual([{ rows: applied.flat().length }]);
      for (const dataSource of [admin, ...processes]) await dataSource?.destroy();
      await database.drop();
    });
  });
}

const sources = (config: Config, count: number): Promise<StockroomDataSource[]> =>
  Promise.all(
    Array.from({ length: count }, async () => new StockroomDataSource(await dataSourceOptions(config)).initialize()),
  );
