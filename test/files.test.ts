import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { interceptLocalhostDns } from 'fauxqs';
import { Config } from '../src/common/config/config.js';
import { databaseFailure } from '../src/common/database/failures.js';
import { Transactions } from '../src/common/database/transactions.js';
import { FileMissing, FileStorage, FileStorageFailed } from '../src/common/files/file-storage.js';
import { FilesModule } from '../src/common/files/files.module.js';
import { FolderStorage } from '../src/common/files/folder.storage.js';
import { S3Gateway } from '../src/common/files/s3.gateway.js';
import { Clock } from '../src/common/time/clock.js';
import { createTestDatabase, testConfig } from './support/database.js';
import { describeStorage } from './support/file-storage.js';
import { S3Server } from './support/s3-server.js';
import { Shop } from './support/shop.js';
import { until } from './support/until.js';

/** In seconds. */
const DAY = 24 * 60 * 60;

/** What a shop has around its files. */
@Module({})
class Around {}

let shop: Shop;
let server: S3Server;
let folder: string;
beforeAll(async () => {
  shop = await Shop.open();
  server = await S3Server.start();
  folder = await mkdtemp(join(tmpdir(), 'stockroom-files-'));
});
afterAll(async () => {
  await shop.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const gateways: S3Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.onApplicationShutdown();
});

const s3 = (...made: ConstructorParameters<typeof S3Gateway>): S3Gateway => {
  const gateway = new S3Gateway(...made);
  gateways.push(gateway);
  return gateway;
};
const inFolder = (path = join(folder, randomUUID())): FolderStorage => new FolderStorage(path, new Clock());

describeStorage('in a folder', () => ({
  create: () => inFolder(),
  transactions: shop.app.get(Transactions),
}));

describeStorage('in S3', () => ({
  create: () => s3(server.settings(`shop/${randomUUID()}`)),
  transactions: shop.app.get(Transactions),
  settled: () => until(async () => (await server.connections()) <= 5),
}));

const { TEST_S3_URL } = process.env;
if (TEST_S3_URL) {
  const { origin, pathname, username, password } = new URL(TEST_S3_URL);
  const run = `stockroom-test/${randomUUID()}`;
  const inBucket = (s3Prefix: string): S3Gateway =>
    s3({
      s3Bucket: pathname.slice(1),
      s3Endpoint: origin,
      s3Region: 'us-east-1',
      s3AccessKeyId: decodeURIComponent(username),
      s3SecretAccessKey: decodeURIComponent(password),
      s3Prefix,
    });
  afterAll(async () => {
    const all = inBucket(run);
    for await (const { name } of all.list()) await all.remove(name);
    await all.onApplicationShutdown();
  });
  describeStorage('in the bucket of TEST_S3_URL', () => ({
    create: () => inBucket(`${run}/${randomUUID()}`),
    transactions: shop.app.get(Transactions),
  }));
}

describe('the files of a shop', () => {
  /** The storage of a shop that is configured so, without the rest of the shop. */
  const open = (settings: Partial<Config>): Promise<INestApplicationContext> => {
    const config = { provide: Config, useValue: testConfig(settings) };
    const around = { module: Around, global: true, providers: [config, Clock], exports: [Config, Clock] };
    return NestFactory.createApplicationContext({ module: FilesModule, imports: [around] }, { logger: false });
  };
  const store = async (app: INestApplicationContext): Promise<void> => {
    const path = join(folder, randomUUID());
    await writeFile(path, 'x');
    await app.get(FileStorage).put('ab/cd', path);
  };

  it('are in DATA_DIR/files', async () => {
    await store(shop.app);
    const { dataDir } = shop.app.get(Config);

    expect(await readFile(join(dataDir, 'files', 'ab', 'cd'), 'utf8')).toBe('x');
  });

  it('go with the database of a test', async () => {
    const database = await createTestDatabase();
    const app = await open(database.config);
    await store(app);
    await app.close();
    const { dataDir } = database.config;
    expect(existsSync(join(dataDir, 'files', 'ab', 'cd'))).toBe(true);
    await database.drop();

    expect(existsSync(dataDir)).toBe(false);
  });

  it('are in FILES_FOLDER where it is set', async () => {
    const app = await open({ filesFolder: join(folder, 'elsewhere') });
    await store(app);
    await app.close();

    expect(await readFile(join(folder, 'elsewhere', 'ab', 'cd'), 'utf8')).toBe('x');
  });

  it('are in the bucket that is set, whose connections close with the shop', async () => {
    const app = await open({ ...server.settings(), filesFolder: join(folder, 'nowhere') });
    await store(app);
    const before = await server.connections();
    await app.close();

    expect(server.requests.at(-1)).toMatchObject({ method: 'PUT', path: '/shop-files/ab/cd?x-id=PutObject' });
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    await until(async () => (await server.connections()) < before);
  });
});

describe('a folder of files', () => {
  let place: string;
  let storage: FolderStorage;
  beforeEach(() => {
    place = join(folder, randomUUID());
    storage = inFolder(place);
  });

  const incoming = (): Promise<string[]> => readdir(join(place, '.incoming'));
  const local = async (content: string): Promise<string> => {
    const path = join(folder, randomUUID());
    await writeFile(path, content);
    return path;
  };

  it('is not made before the first file', async () => {
    await expect(storage.read('a')).rejects.toThrow(FileMissing);
    await storage.remove('a');

    expect(await Array.fromAsync(storage.list())).toEqual([]);
    expect(await storage.size('a')).toBeUndefined();
    expect(existsSync(place)).toBe(false);
  });

  it('has nothing of a file whose process was killed while it was stored; a day later, nothing at all', async () => {
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    // open for reading, too: this side does not wait for the other one
    const writer = await open(pipe, 'r+');
    const child = spawn(process.execPath, ['generated/tests/test/support/files.process.js'], {
      env: { ...process.env, FOLDER: place, NAME: 'ab/cd', LOCAL_FILE: pipe },
      stdio: 'inherit',
    });
    await writer.write('the first half');
    await until(async () => (await Promise.all((await incoming().catch(() => [])).map(sizeOf))).includes(14));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await writer.close();

    expect(await Array.fromAsync(storage.list())).toEqual([]);
    expect(await storage.size('ab/cd')).toBeUndefined();
    await expect(storage.read('ab/cd')).rejects.toThrow(FileMissing);
    expect(await incoming()).toHaveLength(1);

    const tomorrow = new FolderStorage(
      place,
      Object.assign(new Clock(), { now: () => new Date(Date.now() + DAY * 1000 + 1000) }),
    );
    expect(await Array.fromAsync(tomorrow.list())).toEqual([]);
    expect(await incoming()).toEqual([]);
  });

  const sizeOf = async (name: string): Promise<number> => (await stat(join(place, '.incoming', name))).size;

  it('has nothing left of a file that could not be stored', async () => {
    await storage.put('ab/cd', await local('x'));
    const path = await local('y');

    await expect(storage.put('ab', path)).rejects.toThrow(/\(EISDIR\)/);
    await expect(storage.put('ab/cd/ef', path)).rejects.toThrow(/\((ENOTDIR|EEXIST)\)/);
    await expect(storage.put('gh', place)).rejects.toThrow(/\(EISDIR\)/);
    await expect(storage.put('gh', join(place, 'none'))).rejects.toThrow(/\(ENOENT\)/);

    expect(await incoming()).toEqual([]);
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(['ab/cd']);
  });

  it('fails where it can not be made, or be read', async () => {
    const inFile = inFolder(join(await local('x'), 'files'));

    await expect(inFile.put('a', await local('x'))).rejects.toThrow(FileStorageFailed);
    expect(await Array.fromAsync(inFile.list())).toEqual([]);
  });

  it('lists nothing that is not its own', async () => {
    await storage.put('ab/cd', await local('x'));
    await mkdir(join(place, 'lost+found'));
    await mkdir(join(place, 'ab', 'Folder'));
    for (const name of ['.hidden', 'Photo.JPG', 'lost+found/a', 'ab/Folder/a', 'ab/a b']) {
      await writeFile(join(place, name), 'x');
    }

    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(['ab/cd']);
  });

  it('keeps what is being stored, also for hours', async () => {
    await storage.put('a', await local('x'));
    const path = join(place, '.incoming', 'slow');
    await writeFile(path, 'half');
    const anHourBefore = Date.now() / 1000 - DAY + 3600;
    await utimes(path, anHourBefore, anHourBefore);

    expect(await Array.fromAsync(storage.list())).toHaveLength(1);
    expect(await incoming()).toEqual(['slow']);
  });
});

describe('a bucket of files', () => {
  const PATIENT = { connectionTimeout: 30_000, socketTimeout: 30_000, requestTimeout: 30_000, attempts: 2 };
  let path: string;
  let storage: S3Gateway;
  let impatient: S3Gateway;
  beforeEach(async () => {
    path = join(folder, randomUUID());
    await writeFile(path, 'x'.repeat(2000));
    const settings = server.settings(`shop/${randomUUID()}`);
    storage = s3(settings, PATIENT);
    impatient = s3(settings, { ...PATIENT, socketTimeout: 300 });
    await storage.put('a', path);
    server.requests.length = 0;
  });
  afterEach(() => {
    server.faults.length = 0;
  });

  it('gets a file in one piece whose length it knows, without checksums of AWS', async () => {
    await storage.put('b', path);
    const [request, ...more] = server.requests;

    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: 'PUT', headers: { 'content-length': '2000' } });
    expect(Object.keys(request?.headers ?? {}).filter((header) => /checksum|trailer|encoding$/.test(header))).toEqual(
      [],
    );
  });

  it.each([500, 503, 429, 'reset'] as const)('is asked again when it answers %s', async (fault) => {
    server.faults.push(fault);
    await storage.put('b', path);
    server.faults.push(fault);
    expect(await storage.size('b')).toBe(2000);
    server.faults.push(fault);
    expect(String(await buffer(await storage.read('b', { start: 0, end: 2 })))).toBe('xxx');

    expect(server.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'HEAD', 'HEAD', 'GET', 'GET']);
  });

  it.each([
    ['fails', 500, 2],
    ['breaks connections', 'reset', 2],
    ['does not answer', 'stall', 2],
    ['refuses', 403, 1],
  ] as const)('that %s is a failure of the storage, none of the database', async (_, fault, attempts) => {
    const asked = fault === 'stall' ? impatient : storage;
    const calls: (() => Promise<unknown>)[] = [
      () => asked.put('b', path),
      () => asked.read('a'),
      () => asked.size('a'),
      () => asked.remove('a'),
      () => Array.fromAsync(asked.list()),
    ];
    for (const call of calls) {
      server.requests.length = 0;
      server.faults.push(...Array.from({ length: attempts }, () => fault));
      const error = await call().catch((failure: unknown) => failure);

      expect(error).toBeInstanceOf(FileStorageFailed);
      expect(databaseFailure(error)).toBeUndefined();
      expect(server.requests).toHaveLength(attempts);
    }
  });

  it.each(['half, then reset', 'half, then stall'] as const)('fails in the middle of a file: %s', async (fault) => {
    server.faults.push(fault);
    const asked = fault.endsWith('stall') ? s3(server.settings(), { ...PATIENT, socketTimeout: 1000 }) : storage;
    const stream = await asked.read('a');
    // before anybody listens
    await until(() => stream.errored !== null);
    const error = await buffer(stream).catch((failure: unknown) => failure);

    expect(error).toBeInstanceOf(FileStorageFailed);
    expect(databaseFailure(error)).toBeUndefined();
  });

  it('that is not there is no missing file', async () => {
    const nowhere = s3({ ...server.settings(), s3Bucket: 'none' }, PATIENT);

    await expect(nowhere.read('a')).rejects.toThrow(/\(NoSuchBucket\)/);
    await expect(nowhere.put('a', path)).rejects.toThrow(/\(NoSuchBucket\)/);
    await expect(nowhere.remove('a')).rejects.toThrow(/\(NoSuchBucket\)/);
    await expect(Array.fromAsync(nowhere.list())).rejects.toThrow(/\(NoSuchBucket\)/);
  });

  it('fails where nothing listens', async () => {
    const nobody = s3({ ...server.settings(), s3Endpoint: 'http://127.0.0.1:1' }, PATIENT);

    await expect(nobody.size('a')).rejects.toThrow(FileStorageFailed);
  });

  it('lists nothing that is not its own', async () => {
    const prefix = randomUUID();
    for (const key of [
      `${prefix}/Photo.JPG`,
      `${prefix}/.hidden`,
      `${prefix}/a_b`,
      `${prefix}-other/a`,
      `${prefix}/a`,
    ]) {
      await server.plant(key, 'x');
    }

    const files = await Array.fromAsync(s3(server.settings(prefix)).list());
    expect(files.map(({ name }) => name)).toEqual(['a']);
  });

  it('has its name in the host where it is asked for', async () => {
    const settings = server.settings(`shop/${randomUUID()}`);
    await s3(settings).put('a', path);
    const endpoint = new URL(settings.s3Endpoint ?? '');
    endpoint.hostname = 'shop.invalid';
    const restore = interceptLocalhostDns(endpoint.hostname);
    const size = await s3({ ...settings, s3Endpoint: endpoint.href, s3PathStyle: false }, PATIENT).size('a');
    restore();

    expect(size).toBe(2000);
    expect(server.requests.at(-1)?.headers.host).toBe(`shop-files.${endpoint.host}`);
  });
});
