import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../src/app.js';
import type { ProductPhotoDto, ProductPhotosDto } from '../src/products/dto/product-photo.dto.js';
import { openAccount } from './support/accounts.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';
import { formWith, pictureOf } from './support/photos.js';
import type { PhotosLeft } from './support/photos.process.js';
import { until } from './support/until.js';

/** Moments of an upload, and whether its photo is there after them. */
const UPLOADS: [moment: string, isThere: boolean][] = [
  // the rows are there, and no file
  ['photo pending', false],
  // a file is in the folder for temporary ones, and then at its place
  ['photo copied', false],
  ['photo renamed', false],
  // all are; their rows do not say so, and then they do
  ['photo written', false],
  ['photo stored', false],
  // before COMMIT, and after it
  ['photo publishing', false],
  ['photo published', true],
  // the same with what its upload has not waited for
  ['variants pending', true],
  ['variants copied', true],
  ['variants renamed', true],
  ['variants written', true],
  ['variants stored', true],
];

/** Moments of a removal, and whether its photo is there after them. */
const REMOVALS: [moment: string, isThere: boolean][] = [
  // before COMMIT, and after it
  ['removing', true],
  ['removed', false],
  // no file, the first one, and all
  ['unlinking', false],
  ['unlinked', false],
  ['all unlinked', false],
  ['rows gone', false],
];

/** The moments after which the same picture is sent again: no file, a file, or all of them are there, and rows that say otherwise. */
const SENT_AGAIN = new Set([
  'photo pending',
  'photo renamed',
  'photo stored',
  'variants renamed',
  'removed',
  'unlinked',
  'all unlinked',
]);
const sentAgain = ([moment]: readonly [string, boolean]): boolean => SENT_AGAIN.has(moment);

/** A bit more than an hour and than a day, in seconds: what is left is removed then, at the latest. */
const [HOUR, DAY] = [3700, 24 * 3600 + 100];

const TYPES = ['image/avif', 'image/webp', 'image/jpeg'];

interface Running {
  url: string;
  token: string;
  /** The signal that ended it. */
  ended: Promise<unknown>;
  /** Has it do what is due so many seconds later. */
  later(seconds: number): Promise<PhotosLeft>;
}

describe('photos of a process that is killed (kill -9)', () => {
  let root: string;
  let database: TestDatabase;
  let staff: string;
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'stockroom-photos-'));
    for (const folder of ['work', 'files']) await mkdir(join(root, folder));
    database = await createLastingDatabase();
    const { config } = database;
    const app = await createApp(config, config.databaseUrl ? database.options : undefined);
    await app.init();
    staff = (await openAccount({ app }, 'staff')).id;
    await app.close();
  });
  afterEach(async () => {
    await killAll();
  });
  afterAll(async () => {
    await database.drop();
    await rm(root, { recursive: true });
  });

  async function killAll(): Promise<void> {
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    children.clear();
  }

  /** Starts a process that kills itself at a moment, if one is given. */
  async function start(moment = ''): Promise<Running> {
    const { databaseUrl, dataDir } = database.config;
    const child = spawn(process.execPath, ['generated/tests/test/support/photos.process.js'], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl ?? '',
        DATA_DIR: dataDir,
        FILES_FOLDER: join(root, 'files'),
        TMPDIR: join(root, 'work'),
        STAFF: staff,
        DIE_AT: moment,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const { stdout } = child;
    if (!stdout) throw new Error('the output of the process is not piped');
    const ended = once(child, 'exit').then(([, signal]: unknown[]) => {
      children.delete(child);
      return signal;
    });
    children.add(child);
    const later = async (seconds: number): Promise<PhotosLeft> => {
      child.send(seconds);
      const [left] = (await once(child, 'message')) as [PhotosLeft];
      return left;
    };
    for await (const line of createInterface(stdout)) {
      const [url = '', token = ''] = line.split(' ');
      return { url, token, ended, later };
    }
    throw new Error('the process ended before it listened');
  }

  const createProduct = async ({ url, token }: Running): Promise<string> => {
    const json = { sku: randomUUID().slice(0, 20), name: 'Lantern', price: { amount: 100, currency: 'GBP' } };
    const response = await fetch(`${url}/api/v1/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    return ((await response.json()) as { id: string }).id;
  };
  const upload = async (
    { url, token }: Running,
    productId: string,
    picture: Uint8Array<ArrayBuffer>,
  ): Promise<{ status: number; photo: ProductPhotoDto }> => {
    const response = await fetch(`${url}/api/v1/products/${productId}/photos`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: formWith(picture),
    });
    return { status: response.status, photo: (await response.json()) as ProductPhotoDto };
  };
  const photosOf = async ({ url, token }: Running, productId: string): Promise<ProductPhotoDto[]> => {
    const response = await fetch(`${url}/api/v1/products/${productId}/photos`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await response.json()) as ProductPhotosDto).data;
  };
  /** In which types each variant of a photo can be had; none for a photo that is not there. */
  const typesOf = async ({ url }: Running, { urls }: ProductPhotoDto): Promise<(string | null)[][]> =>
    Promise.all(
      Object.values(urls).map(async (path: string) => {
        const types: (string | null)[] = [];
        for (const accept of TYPES) {
          const response = await fetch(`${url}${path}`, { headers: { accept } });
          await response.arrayBuffer();
          if (response.ok) types.push(response.headers.get('content-type'));
        }
        return types;
      }),
    );
  const EVERY = [TYPES, TYPES, TYPES, TYPES];
  const NONE = [[], [], [], []];

  /** What is in the folder of files, by name, with the SHA-256 of each. */
  async function onDisk(): Promise<Map<string, string>> {
    const folder = join(root, 'files');
    const found = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(
        relative(folder, path),
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      );
    }
    return found;
  }

  /** Has all that is due be done, an hour and then a day later, and expects that every row has its file, and every file its row. */
  async function expectNothingDangles(shop: Running): Promise<PhotosLeft> {
    const { photos, files } = await shop.later(HOUR);
    const disk = await onDisk();
    const temporary = [...disk.keys()].filter((name) => name.startsWith('.incoming/'));
    for (const name of temporary) disk.delete(name);

    expect(files.map(({ state }) => state)).toEqual(files.map(() => 'ready'));
    expect([...disk.keys()].sort()).toEqual(files.map(({ name }) => name).sort());
    for (const [name, sha256] of disk) expect(name).toContain(`/${sha256}-`);
    expect(photos.filter(({ state, isComplete }) => state !== 'ready' || !isComplete)).toEqual([]);

    const left = await shop.later(DAY);
    const count = String(files.length);
    expect(left.verified).toBe(`Verified ${count} files of photos, and ${count} in the storage: no faults.\n`);
    expect([...(await onDisk()).keys()].sort()).toEqual([...disk.keys()].sort());
    return left;
  }

  /** Makes what killed processes have left a day older. @returns how much that is. */
  async function ageWorkFolders(): Promise<number> {
    const names = await readdir(join(root, 'work'));
    const before = new Date(Date.now() - DAY * 1000);
    for (const name of names) await utimes(join(root, 'work', name), before, before);
    return names.length;
  }

  /** Uploads to a process that dies at a moment. @returns the product, and what was answered, if anything was. */
  async function uploadAndDie(
    moment: string,
    picture: Uint8Array<ArrayBuffer>,
  ): Promise<{ productId: string; photo?: ProductPhotoDto }> {
    const dying = await start(moment);
    const productId = await createProduct(dying);
    const answer = await upload(dying, productId, picture).catch(() => undefined);
    expect(await dying.ended).toBe('SIGKILL');
    // the answer may have been under way
    expect(answer?.status ?? 201).toBe(201);
    return { productId, photo: answer?.photo };
  }

  /** Uploads to a process, waits until the photo is complete, and removes it there: it dies at a moment of that. */
  async function removeAndDie(
    moment: string,
    picture: Uint8Array<ArrayBuffer>,
  ): Promise<{ productId: string; photo: ProductPhotoDto; status?: number }> {
    const dying = await start(moment);
    const productId = await createProduct(dying);
    const { photo } = await upload(dying, productId, picture);
    await until(async () =>
      (await typesOf(dying, photo)).every((types) => types.length === 3 && types[0] === TYPES[0]),
    );
    const response = await fetch(`${dying.url}/api/v1/products/${productId}/photos/${photo.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${dying.token}` },
    }).catch(() => undefined);
    expect(await dying.ended).toBe('SIGKILL');
    return { productId, photo, status: response?.status };
  }

  it.each(UPLOADS)('%s: an upload leaves a whole photo, or nothing after an hour', async (moment, isThere) => {
    const { productId, photo } = await uploadAndDie(moment, await pictureOf());
    const shop = await start();
    const listed = await photosOf(shop, productId);

    expect(listed.length).toBe(isThere ? 1 : 0);
    // what was answered is there
    if (photo) expect(listed).toEqual([photo]);
    const { photos } = await expectNothingDangles(shop);
    expect(photos.map(({ id }) => id)).toEqual(expect.arrayContaining(listed.map(({ id }) => id)));
    for (const each of listed) expect(await typesOf(shop, each)).toEqual(EVERY);
  });

  it.each(UPLOADS.filter(sentAgain))('%s: the same picture can be sent again at once', async (moment) => {
    const picture = await pictureOf();
    await uploadAndDie(moment, picture);
    expect(await ageWorkFolders()).toBeGreaterThan(0);
    const shop = await start();
    const again = await upload(shop, await createProduct(shop), picture);

    expect(again.status).toBe(201);
    const response = await fetch(`${shop.url}${again.photo.urls.original}`);
    expect([response.status, (await response.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
    await expectNothingDangles(shop);
    expect(await typesOf(shop, again.photo)).toEqual(EVERY);
    // what the process was working on is gone, too
    expect((await readdir(join(root, 'work'))).filter((name) => name.startsWith('stockroom-work-'))).toEqual([]);
  });

  it.each(REMOVALS)('%s: a removal leaves a whole photo, or nothing', async (moment, isThere) => {
    const { productId, photo, status } = await removeAndDie(moment, await pictureOf());
    const shop = await start();
    const expected = isThere ? EVERY : NONE;

    if (isThere) expect(status).toBeUndefined();
    expect(await typesOf(shop, photo)).toEqual(expected);
    expect(await photosOf(shop, productId)).toHaveLength(isThere ? 1 : 0);
    const { photos } = await expectNothingDangles(shop);
    expect(photos.some(({ id }) => id === photo.id)).toBe(isThere);
    expect(await typesOf(shop, photo)).toEqual(expected);
  });

  it.each(REMOVALS.filter(sentAgain))(
    '%s: a picture that was being removed can be sent again at once',
    async (moment) => {
      const picture = await pictureOf();
      await removeAndDie(moment, picture);
      const shop = await start();
      const again = await upload(shop, await createProduct(shop), picture);

      expect(again.status).toBe(201);
      expect((await fetch(`${shop.url}${again.photo.urls.original}`)).status).toBe(200);
      await expectNothingDangles(shop);
      expect(await typesOf(shop, again.photo)).toEqual(EVERY);
    },
  );
});
