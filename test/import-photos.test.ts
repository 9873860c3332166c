import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { FileStorage } from '../src/common/files/file-storage.js';
import { DownloadRules } from '../src/common/net/download.gateway.js';
import type { ImportDto, ImportReportDto } from '../src/imports/dto/import.dto.js';
import type { BatchOutcome } from '../src/imports/importer.service.js';
import { ImportLifecycle, LeaseLost } from '../src/imports/imports.lifecycle.js';
import { ImportPhotos, type PhotoOrigins } from '../src/imports/imports.photos.js';
import { settingsOf } from '../src/imports/imports.settings.js';
import { ImportWorker } from '../src/imports/imports.worker.js';
import { PhotoFolder } from '../src/imports/photo-folder.js';
import type { ImportFormat } from '../src/imports/reader.js';
import { MAX_PHOTO } from '../src/photos/photos.limits.js';
import type { ProductDto, ProductPage } from '../src/products/dto/product.dto.js';
import { settled, signIn } from './support/accounts.js';
import { pictureOf } from './support/photos.js';
import { Shop } from './support/shop.js';

/** An address of this machine that these tests allow, and another one that stays blocked. */
const [ALLOWED, BLOCKED] = ['127.0.0.1', '127.0.0.2'];
const HEADER = 'sku,name,price.amount,price.currency,photos';

/** A picture that {@link numbersOf} knows again: JPEG keeps a colour nearly. */
const picture = (number: number): ReturnType<typeof pictureOf> => pictureOf(20 * number);

let shop: Shop;
let staff: string;
let folder: string;
const servers: Server[] = [];
let outside: string;
let inside: { port: number; connections: number };

beforeAll(async () => {
  shop = await Shop.open({ rateLimit: 0 });
  staff = await signIn(shop, 'staff');
  folder = await mkdtemp(join(tmpdir(), 'import-photos-'));
  await mkdir(join(folder, 'photos', 'more'), { recursive: true });
  for (const [name, content] of Object.entries({
    'photos/1.jpg': await picture(1),
    'photos/2.jpg': await picture(2),
    'photos/more/3.jpg': await picture(3),
    'photos/page.jpg': '<!doctype html><title>Sign in</title>',
    'secret.jpg': await picture(4),
  }))
    await writeFile(join(folder, name), content);
  await symlink(join(folder, 'secret.jpg'), join(folder, 'photos', 'link.jpg'));
  await symlink(folder, join(folder, 'photos', 'up'));
  await symlink('1.jpg', join(folder, 'photos', 'first.jpg'));
  await writeFile(join(folder, 'photos', 'huge.jpg'), '');
  await truncate(join(folder, 'photos', 'huge.jpg'), MAX_PHOTO + 1);

  const blocked = { port: 0, connections: 0 };
  inside = blocked;
  blocked.port = await serve(
    (_, response) => response.end('secret'),
    BLOCKED,
    () => blocked.connections++,
  );
  outside = `http://${ALLOWED}:${String(await serve(answer, ALLOWED))}`;
  const rules: Partial<DownloadRules> = {
    isAllowed: (address) => address === ALLOWED,
    ports: servers.map(portOf),
  };
  Object.assign(shop.app.get(DownloadRules), rules);
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await rm(folder, { recursive: true });
  await shop.close();
});
beforeEach(async () => {
  await settled(shop);
  const database = shop.app.get(DataSource);
  await database.query('TRUNCATE products, imports CASCADE');
  // users may have one: they are not to go with them
  await database.query('DELETE FROM photos');
  await database.query('DELETE FROM photo_files');
});

async function serve(
  handle: RequestListener,
  host: string,
  onConnection: () => unknown = () => undefined,
): Promise<number> {
  const server = createServer(handle).on('connection', onConnection);
  servers.push(server.listen(0, host));
  await once(server, 'listening');
  return portOf(server);
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A server of pictures: `/5.jpg` is one, other paths are what can go wrong. */
const answer: RequestListener = ({ url = '' }, response) => {
  const [, number] = /^\/(\d+)\.jpg$/.exec(url) ?? [];
  if (number !== undefined) void picture(Number(number)).then((bytes) => response.end(bytes));
  else if (url === '/moved') response.writeHead(302, { location: '/6.jpg' }).end();
  else if (url === '/inside') response.writeHead(302, { location: `http://${BLOCKED}:${String(inside.port)}/` }).end();
  else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end();
  else if (url === '/page') response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<!doctype html>');
  else if (url === '/huge') response.end(Buffer.alloc(MAX_PHOTO + 1));
  else if (url !== '/slow') response.writeHead(404).end();
};

const fromFolder = async (): Promise<PhotoOrigins> => ({
  folder: await PhotoFolder.open(join(folder, 'photos')),
  isFetching: false,
});
const fromUrls = (): PhotoOrigins => ({ isFetching: true });

/** Imports a file as the command does. */
async function importFile(
  text: string,
  origins: PhotoOrigins | undefined,
  format: ImportFormat = 'csv',
): Promise<ImportReportDto & { added: number; present: number }> {
  const fingerprint = createHash('sha256').update(text).digest('hex');
  const job = await shop.app
    .get(ImportLifecycle)
    .open({ name: 'file', format, options: settingsOf({ duplicates: 'last' }), fingerprint, bytes: text.length });
  const outcomes: BatchOutcome[] = [];
  const follow = (outcome: BatchOutcome): boolean => outcomes.push(outcome) > 0;
  await shop.app.get(ImportWorker).execute(job, stream(text), follow, origins);
  const { body } = await shop.ask<ImportReportDto>(`imports/${job.id}`, { token: staff });
  const sum = (count: 'added' | 'present'): number =>
    outcomes.reduce((all, { photos }) => all + (photos?.[count] ?? 0), 0);
  return Object.assign(body, { added: sum('added'), present: sum('present') });
}

async function* stream(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

const lines = (...photos: string[]): string =>
  [HEADER, ...photos.map((cell, place) => `P-${String(place)},Lamp,1999,GBP,${cell}`)].join('\n');

const product = async (sku = 'P-0'): Promise<ProductDto> => {
  const [found] = (await shop.ask<ProductPage>(`products?sku=${sku}`, { token: staff })).body.data;
  if (!found) throw new Error(`there is no ${sku}`);
  return (await shop.ask<ProductDto>(`products/${found.id}`, { token: staff })).body;
};

/** The numbers of the pictures that a product has, in their order: by their colour. */
async function numbersOf(sku = 'P-0'): Promise<number[]> {
  const numbers: number[] = [];
  for (const { urls } of (await product(sku)).photos) {
    const bytes = await (await fetch(`${shop.url}${urls.thumb}`, { headers: { accept: 'image/jpeg' } })).arrayBuffer();
    const { data } = await sharp(bytes)
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    numbers.push(Math.round((data[0] ?? NaN) / 20));
  }
  return numbers;
}

/** What is there of photos: rows, files, and what is being worked on. */
async function left(): Promise<unknown> {
  await settled(shop);
  const files: string[] = [];
  for await (const { name } of shop.app.get(FileStorage).list()) files.push(name);
  const [rows] = await shop.app
    .get(DataSource)
    .query<unknown[]>('SELECT (SELECT count(*) FROM photos) AS photos, (SELECT count(*) FROM photo_files) AS files');
  const working = (await readdir(tmpdir())).filter((name) => name.startsWith(`stockroom-work-${String(process.pid)}-`));
  return { rows, files: files.sort(), working };
}

describe('photos of a folder', () => {
  it('are added to their products, in order', async () => {
    const { counts, faults, added } = await importFile(
      lines('2.jpg | 1.jpg|more/3.jpg', '', '1.jpg'),
      await fromFolder(),
    );

    expect(faults).toEqual([]);
    expect([counts.created, counts.faulty, added]).toEqual([3, 0, 4]);
    expect([await numbersOf('P-0'), await numbersOf('P-1'), await numbersOf('P-2')]).toEqual([[2, 1, 3], [], [1]]);
  });

  it('are named by a member in NDJSON', async () => {
    const line = { sku: 'P-0', name: 'Lamp', price: { amount: 1, currency: 'GBP' }, photos: ['2.jpg', 'first.jpg'] };
    const { faults } = await importFile(JSON.stringify(line), await fromFolder(), 'ndjson');

    expect(faults).toEqual([]);
    expect(await numbersOf()).toEqual([2, 1]);
  });

  it('are added behind those that are there, and only once', async () => {
    await importFile(lines('2.jpg|1.jpg'), await fromFolder());
    const before = await product();
    const again = await importFile(`${lines('2.jpg|1.jpg')}\n`, await fromFolder());

    expect(again).toMatchObject({ added: 0, present: 2, counts: { unchanged: 1, faults: 0 } });
    expect(await product()).toEqual(before);
    await importFile(lines('more/3.jpg|2.jpg'), await fromFolder());
    expect(await numbersOf()).toEqual([2, 1, 3]);
  });

  it('of several lines of one product keep the order of the lines', async () => {
    const text = `${HEADER}\n${['1.jpg', '2.jpg', 'more/3.jpg'].map((name) => `P-0,Lamp,1999,GBP,${name}`).join('\n')}`;
    await importFile(text, await fromFolder());

    expect(await numbersOf()).toEqual([1, 2, 3]);
  });

  it.each([
    ['4.jpg', 'missing', 'There is no such file in the folder.'],
    ['../secret.jpg', 'name', 'It is not the name of a file in the folder: leave out .. and a first /.'],
    ['more/../1.jpg', 'name', 'It is not the name of a file in the folder: leave out .. and a first /.'],
    ['/etc/passwd', 'name', 'It is not the name of a file in the folder: leave out .. and a first /.'],
    ['link.jpg', 'outside', 'It is outside of the folder.'],
    ['up/secret.jpg', 'outside', 'It is outside of the folder.'],
    ['.', 'outside', 'It is outside of the folder.'],
    ['more', 'notFile', 'It is not a file.'],
    ['huge.jpg', 'tooLarge', `The file has more than ${String(MAX_PHOTO)} bytes.`],
    ['page.jpg', 'photo-type-unsupported', 'The file is not a JPEG, PNG, WebP or AVIF picture. Send one of these.'],
    ['http://127.0.0.1/1.jpg', 'origin', 'It is a URL: add --fetch-photos.'],
  ])('that can not be read are faults of their lines, nothing else: %s', async (name, code, detail) => {
    await importFile(lines('1.jpg'), await fromFolder());
    const before = await left();
    const { faults, counts, state } = await importFile(lines(`${name}|1.jpg`), await fromFolder());

    expect(faults).toEqual([{ line: 2, column: 'photos', code, detail: `${name}: ${detail}` }]);
    expect([state, counts]).toEqual(['finished', { created: 0, updated: 0, unchanged: 1, faulty: 0, faults: 1 }]);
    expect(await numbersOf()).toEqual([1]);
    expect(await left()).toEqual(before);
  });

  it('whose names are no text leave out their lines', async () => {
    const { faults, counts } = await importFile(lines('1.jpg\0', '1.jpg'), await fromFolder());

    expect(faults).toMatchObject([{ line: 2, column: 'photos.0', code: 'encoding' }]);
    expect(counts).toMatchObject({ created: 1, faulty: 1 });
    const photos = await PhotoFolder.open(join(folder, 'photos'));
    await expect(photos.copy('1.jpg\0', join(folder, 'copy'), 1)).rejects.toMatchObject({ reason: 'name' });
  });

  it('are at most as many as a product may have', async () => {
    const names = Array.from({ length: 21 }, (_, place) => `n${String(place)}.jpg`);
    for (const [place, name] of names.entries())
      await writeFile(join(folder, 'photos', name), await picture(50 + place));
    const all = await importFile(lines(names.join('|')), await fromFolder());
    const twenty = names.slice(0, 20).join('|');
    const first = await importFile(lines(twenty), await fromFolder());
    const before = await left();
    const again = await importFile(`${lines(twenty)}\n`, await fromFolder());
    const more = await importFile(lines(names.slice(20).join()), await fromFolder());

    expect(all.counts).toMatchObject({ created: 0, faulty: 1 });
    expect([first.added, first.counts.faults]).toEqual([20, 0]);
    expect([again.present, again.counts.faults]).toEqual([20, 0]);
    expect(more.faults).toMatchObject([
      { line: 2, code: 'too-many-photos', detail: 'n20.jpg: The product has 20 photos.' },
    ]);
    expect(await left()).toEqual(before);
  });

  it('are not added to products that are left out', async () => {
    const before = await left();
    const { added, counts } = await importFile(`${HEADER}\nP-0,,1999,GBP,1.jpg`, await fromFolder());

    expect([added, counts.faulty, counts.faults]).toEqual([0, 1, 1]);
    expect(await left()).toEqual(before);
  });

  it('are there after an import that was interrupted among them and run again', async () => {
    const add = jest
      .spyOn(shop.app.get(ImportPhotos), 'add')
      .mockRejectedValueOnce(new LeaseLost('the process ends here'));
    const text = lines(...Array.from({ length: 12 }, (_, place) => (place % 6 === 0 ? '1.jpg' : '')));
    await expect(importFile(text, await fromFolder())).rejects.toThrow(LeaseLost);
    const again = await importFile(text, await fromFolder());
    add.mockRestore();

    expect(again).toMatchObject({ state: 'finished', added: 2, progress: { lines: 13 } });
    expect([await numbersOf('P-0'), await numbersOf('P-6')]).toEqual([[1], [1]]);
  });

  it('that can not be stored stop the import, which says so', async () => {
    const put = jest.spyOn(shop.app.get(FileStorage), 'put').mockRejectedValueOnce(new Error('the disk is full'));
    await expect(importFile(lines('1.jpg', '2.jpg', '1.jpg'), await fromFolder())).rejects.toThrow('the disk is full');
    put.mockRestore();

    const [row] = await shop.app
      .get(DataSource)
      .query<{ state: string; linesDone: number }[]>('SELECT state FROM imports');
    expect(row?.state).toBe('failed');
  });
});

describe('photos with a URL', () => {
  it('are fetched, also where they were moved to', async () => {
    const { faults, added } = await importFile(lines(`${outside}/7.jpg|${outside}/moved`), fromUrls());

    expect([faults, added]).toEqual([[], 2]);
    expect(await numbersOf()).toEqual([7, 6]);
    expect(await importFile(`${lines(`${outside}/7.jpg`)}\n`, fromUrls())).toMatchObject({ added: 0, present: 1 });
  });

  it.each([
    ['/404', 'status', 'The server answered with the status 404.'],
    ['/inside', 'address', 'Its host has the address 127.0.0.2, which is not one on the internet.'],
    ['/loop', 'redirect', 'The server redirects more than 3 times.'],
    ['/page', 'photo-type-unsupported', 'The file is not a JPEG, PNG, WebP or AVIF picture. Send one of these.'],
    ['/huge', 'tooLarge', `The file has more than ${String(MAX_PHOTO)} bytes.`],
    ['/slow', 'time', 'The server takes too long.'],
  ])('that can not be had are faults of their lines, nothing else: %s', async (path, code, detail) => {
    await importFile(lines('', `${outside}/7.jpg`), fromUrls());
    const before = await left();
    const rules = shop.app.get(DownloadRules);
    const { timeout } = rules;
    Object.assign(rules, path === '/slow' ? { timeout: 300 } : {});
    const { faults, counts, state } = await importFile(lines(`${outside}${path}`, ''), fromUrls());
    Object.assign(rules, { timeout });

    expect(faults).toEqual([{ line: 2, column: 'photos', code, detail: `${outside}${path}: ${detail}` }]);
    expect([state, counts]).toEqual(['finished', { created: 0, updated: 0, unchanged: 2, faulty: 0, faults: 1 }]);
    expect(inside.connections).toBe(0);
    expect(await left()).toEqual(before);
  });

  it('lead to the internet alone, unless a test says otherwise', async () => {
    const rules = shop.app.get(DownloadRules);
    const { isAllowed } = rules;
    Object.assign(rules, { isAllowed: new DownloadRules().isAllowed });
    const url = outside.replace(ALLOWED, 'localhost');
    const { faults } = await importFile(lines(`${outside}/7.jpg`, `${url}/7.jpg`), fromUrls());
    Object.assign(rules, { isAllowed });

    expect(faults).toMatchObject([
      { line: 2, code: 'address' },
      { line: 3, code: 'address' },
    ]);
  });

  it('stand beside names only where a folder is given', async () => {
    const { faults } = await importFile(lines('1.jpg'), fromUrls());
    const both = await importFile(lines(`1.jpg|${outside}/7.jpg`), { ...(await fromFolder()), isFetching: true });

    expect(faults).toMatchObject([
      { code: 'origin', detail: '1.jpg: It is the name of a file: name its folder by --photos.' },
    ]);
    expect(both.faults).toEqual([]);
    expect(await numbersOf()).toEqual([1, 7]);
  });
});

describe('an import that takes no photos', () => {
  const FAULT = {
    column: 'photos',
    code: 'photos',
    detail: 'are imported by the command alone: npm run import -- <file> --photos <folder> or --fetch-photos',
  };
  const upload = async (body: string, type: string): Promise<ImportReportDto> => {
    const { body: taken } = await shop.ask<ImportDto>('imports', {
      method: 'POST',
      token: staff,
      headers: { 'content-type': type },
      body,
    });
    await settled(shop);
    return (await shop.ask<ImportReportDto>(`imports/${taken.id}`, { token: staff })).body;
  };

  it('over HTTP refuses a CSV file that has the column', async () => {
    const { state, faults } = await upload(lines(`${outside}/7.jpg`), 'text/csv');

    expect([state, faults]).toEqual(['failed', [{ line: 1, ...FAULT }]]);
  });

  it('over HTTP refuses the lines of NDJSON that have the member', async () => {
    const lamp = { sku: 'P-0', name: 'Lamp', price: { amount: 1, currency: 'GBP' } };
    const text = [
      { ...lamp, photos: ['1.jpg'] },
      { ...lamp, sku: 'P-1', attributes: { photos: 'some' } },
    ];
    const { counts, faults } = await upload(
      text.map((line) => JSON.stringify(line)).join('\n'),
      'application/x-ndjson',
    );

    expect(faults).toEqual([{ line: 1, ...FAULT }]);
    expect(counts).toMatchObject({ created: 1, faulty: 1 });
  });

  it('by the command refuses it without its options, too', async () => {
    expect((await importFile(lines('1.jpg'), undefined)).faults).toEqual([{ line: 1, ...FAULT }]);
  });
});
