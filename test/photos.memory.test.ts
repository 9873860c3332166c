import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApp } from '../src/app.js';
import type { ProductPhotoDto } from '../src/products/dto/product-photo.dto.js';
import { openAccount, PASSWORD } from './support/accounts.js';
import { createLastingDatabase, type TestDatabase } from './support/database.js';
import { formWith, pictureOf } from './support/photos.js';
import { noise, randomBytes } from './support/pictures.js';
import { childrenOf, memoryOf, openedBy } from './support/proc.js';
import { ShopProcess } from './support/shop-process.js';
import { until } from './support/until.js';

/** How many photos are sent one after the other: `UPLOADS=1000` for more, which prints the memory after each hundred. */
const UPLOADS = Number(process.env.UPLOADS ?? 200);

const MIB = 1024 * 1024;

/** How many photos a product has: fewer than it may. */
const PER_PRODUCT = 10;

/** How many uploads and downloads are given up, and how many of them at once. */
const [GIVEN_UP, AT_ONCE] = [200, 20];

describe('the process of a shop that takes photos (F3, F4)', () => {
  let root: string;
  let database: TestDatabase;
  let shop: ShopProcess;
  let email: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'stockroom-photos-'));
    await mkdir(join(root, 'work'));
    database = await createLastingDatabase();
    const { config } = database;
    const app = await createApp(config, config.databaseUrl ? database.options : undefined);
    await app.init();
    ({ email } = await openAccount({ app }, 'staff'));
    await app.close();
    const env = {
      DATABASE_URL: config.databaseUrl ?? '',
      DATA_DIR: config.dataDir,
      TMPDIR: join(root, 'work'),
      LOG_LEVEL: 'fatal',
      DEMO: 'false',
      RATE_LIMIT: '0',
    };
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { start: string } };
    shop = await ShopProcess.start(env, ...scripts.start.split(' ').filter((part) => part.startsWith('--')));
  });
  afterAll(async () => {
    await shop.kill();
    await database.drop();
    await rm(root, { recursive: true });
  });

  async function ask<T>(path: string, token: string | undefined, body: object): Promise<T> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${shop.url}/api/v1/${path}`, {
      method: 'POST',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(!isForm && { 'content-type': 'application/json' }),
      },
      body: isForm ? body : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as T;
  }
  const signIn = async (): Promise<string> =>
    (await ask<{ accessToken: string }>('auth/login', undefined, { email, password: PASSWORD })).accessToken;
  async function createProduct(token: string): Promise<string> {
    const sku = randomUUID().slice(0, 20);
    const { id } = await ask<{ id: string }>('products', token, {
      sku,
      name: 'Lantern',
      price: { amount: 100, currency: 'GBP' },
    });
    return id;
  }
  /** Adds a photo, and waits until all its files are made. */
  async function upload(productId: string, token: string, picture: Uint8Array<ArrayBuffer>): Promise<ProductPhotoDto> {
    const photo = await ask<ProductPhotoDto>(`products/${productId}/photos`, token, formWith(picture));
    await until(async () => {
      const response = await fetch(`${shop.url}${photo.urls.thumb}`, { headers: { accept: 'image/avif' } });
      await response.arrayBuffer();
      return response.headers.get('content-type') === 'image/avif';
    });
    return photo;
  }
  /** The memory of the process, and of those that it has started. */
  const memory = (): { own: number; children: number } => ({
    own: memoryOf(shop.pid),
    children: childrenOf(shop.pid).reduce((sum, pid) => sum + memoryOf(pid), 0),
  });

  it(`does not grow with the number of photos that it takes (${String(UPLOADS)})`, async () => {
    const samples: { own: number; children: number }[] = [];
    let [token, productId] = ['', ''];
    for (let number = 0; number < UPLOADS; number++) {
      if (number % 100 === 0) token = await signIn();
      if (number % PER_PRODUCT === 0) productId = await createProduct(token);
      await upload(productId, token, await pictureOf());
      const { own, children } = memory();
      samples.push({ own, children });
      if (process.env.UPLOADS !== undefined && (number + 1) % 50 === 0)
        process.stdout.write(
          `${String(number + 1)}: ${String(Math.round(own / MIB))} MiB, children ${String(Math.round(children / MIB))} MiB\n`,
        );
    }
    const most = (of: 'own' | 'children', from: number, to: number): number =>
      Math.max(...samples.slice(from * UPLOADS, to * UPLOADS).map((sample) => sample[of]));

    // after the first fifth, which warms it up
    for (const of of ['own', 'children'] as const) expect(most(of, 0.8, 1)).toBeLessThan(most(of, 0.2, 0.4) + 64 * MIB);
  }, 3_600_000);

  describe('when clients give up', () => {
    let token: string;
    let productId: string;
    let photo: ProductPhotoDto;
    let before: { sockets: number; files: number };
    beforeAll(async () => {
      token = await signIn();
      productId = await createProduct(token);
      photo = await upload(productId, token, new Uint8Array(await noise(1600, 1200).jpeg({ quality: 95 }).toBuffer()));
      await until(() => childrenOf(shop.pid).length === 0);
      before = openedBy(shop.pid);
    });

    const working = async (): Promise<number> =>
      (await readdir(join(root, 'work'))).filter((name) => name.startsWith('stockroom-work-')).length;
    function send(request: string, body: Uint8Array = new Uint8Array()): Socket {
      const { hostname, port } = new URL(shop.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([Buffer.from(request), body]));
      return socket;
    }
    /** Waits until nothing more is open than before; the database may have opened all its connections. */
    const settled = (): Promise<void> =>
      until(() => {
        const { sockets, files } = openedBy(shop.pid);
        return files <= before.files && sockets <= before.sockets + 10;
      });

    it(`has no more open, and keeps nothing, after ${String(GIVEN_UP)} uploads`, async () => {
      const head =
        `POST /api/v1/products/${productId}/photos HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${token}\r\n` +
        `content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n` +
        `--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
      const body = randomBytes(100_000);
      for (let done = 0; done < GIVEN_UP; done += AT_ONCE) {
        const sockets = Array.from({ length: AT_ONCE }, () => send(head, body));
        // all of them are being written
        await until(async () => (await working()) === AT_ONCE);
        for (const socket of sockets) socket.destroy();
        await until(async () => (await working()) === 0);
      }

      await settled();
      expect(openedBy(shop.pid).files).toBe(before.files);
    });

    it(`has no more open after ${String(GIVEN_UP)} downloads`, async () => {
      const rss = memoryOf(shop.pid);
      const request = `GET ${photo.urls.original} HTTP/1.1\r\nhost: shop\r\naccept: image/jpeg\r\n\r\n`;
      for (let done = 0; done < GIVEN_UP; done += AT_ONCE) {
        const sockets = Array.from({ length: AT_ONCE }, () => send(request));
        // the first bytes have come, and not the last
        await Promise.all(sockets.map((socket) => once(socket, 'readable')));
        for (const socket of sockets) socket.destroy();
      }

      await settled();
      expect(openedBy(shop.pid).files).toBe(before.files);
      expect(memoryOf(shop.pid) - rss).toBeLessThan(64 * MIB);
    });
  });
});
