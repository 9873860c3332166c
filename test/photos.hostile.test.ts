import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { FileStorage } from '../src/common/files/file-storage.js';
import type { ProblemDto } from '../src/common/http/problems/problem.dto.js';
import type { ProductPhotoDto } from '../src/products/dto/product-photo.dto.js';
import { settled, signIn } from './support/accounts.js';
import { formWith, pictureOf } from './support/photos.js';
import {
  animation,
  ANIMATION,
  compressedText,
  corners,
  noise,
  pngOf,
  randomBytes,
  withChunks,
  withMetadata,
} from './support/pictures.js';
import { rawAnswer } from './support/raw.js';
import { type Answer, Shop } from './support/shop.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const text = (content: string): Buffer => Buffer.from(content);

/** What a file is, how it is built, and the problem that it is answered with; null for one that is taken. */
const FILES: [what: string, build: () => Buffer | Promise<Buffer>, code: string | null][] = [
  ['a JPEG', () => corners(64, 48).jpeg().toBuffer(), null],
  ['a PNG that is called .jpg, with another declared type', () => corners(64, 48).png().toBuffer(), null],
  ['HTML', () => text('<!doctype html><script>alert(1)</script>'), 'photo-type-unsupported'],
  [
    'an SVG with a script',
    () => text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    'photo-type-unsupported',
  ],
  ['a GIF', () => corners(8, 8).gif().toBuffer(), 'photo-type-unsupported'],
  ['a TIFF', () => corners(8, 8).tiff().toBuffer(), 'photo-type-unsupported'],
  ['a PDF', () => text('%PDF-1.7\n1 0 obj'), 'photo-type-unsupported'],
  ['random bytes', () => randomBytes(5000), 'photo-type-unsupported'],
  ['no bytes', () => Buffer.alloc(0), 'photo-type-unsupported'],
  [
    'a polyglot: a JPEG with HTML behind it',
    async () => Buffer.concat([await corners(64, 48).jpeg().toBuffer(), text('<script>alert(1)</script>')]),
    null,
  ],
  [
    'a JPEG that ends too early',
    async () => (await noise(300, 200).jpeg().toBuffer()).subarray(0, 9000),
    'photo-broken',
  ],
  ['a PNG that ends too early', async () => (await noise(300, 200).png().toBuffer()).subarray(0, 9000), 'photo-broken'],
  ['50,000 × 50,000 pixels', () => pngOf(50_000, 50_000, deflateSync(Buffer.alloc(1000))), 'photo-too-many-pixels'],
  ['an animated WebP', () => animation('webp'), 'photo-animated'],
  ['an APNG', async () => withChunks(await corners(8, 8).png().toBuffer(), ...ANIMATION), 'photo-animated'],
];

let shop: Shop;
let staff: string;
let productId: string;
let known: string[];
beforeAll(async () => {
  shop = await Shop.open({ rateLimit: 0 });
  staff = await signIn(shop, 'staff');
  const json = { sku: 'HOSTILE', name: 'Lantern', price: { amount: 100, currency: 'GBP' } };
  productId = (await shop.ask<{ id: string }>('products', { method: 'POST', token: staff, json })).body.id;
  known = await workFolders();
});
afterAll(() => shop.close());

const send = <T = ProductPhotoDto & ProblemDto>(
  body: FormData | string,
  headers: Record<string, string> = {},
): Promise<Answer<T>> => shop.ask<T>(`products/${productId}/photos`, { method: 'POST', token: staff, body, headers });
/** The folders in which uploads of this process are worked on. */
async function workFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`stockroom-work-${String(process.pid)}-`));
}
/** What is there of photos: rows, files, and what is being worked on. */
async function left(): Promise<unknown> {
  await settled(shop);
  const files: string[] = [];
  for await (const { name } of shop.app.get(FileStorage).list()) files.push(name);
  const [rows] = await shop.app.get(DataSource).query<unknown[]>(
    `SELECT (SELECT count(*) FROM photos) AS photos, (SELECT count(*) FROM photo_files) AS files,
            (SELECT count(*) FROM photo_variants) AS variants`,
  );
  return { rows, files, working: (await workFolders()).filter((name) => !known.includes(name)) };
}
const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('what is sent as a photo', () => {
  it.each(FILES)('is judged by its content: %s', async (_what, build, code) => {
    const before = await left();
    const { status, body } = await send(formWith(new Uint8Array(await build())));

    expect([status, body.code]).toEqual(
      code === null ? [201, undefined] : [code.endsWith('unsupported') ? 415 : 422, code],
    );
    if (code !== null) expect(await left()).toEqual(before);
    else await shop.ask(`products/${productId}/photos/${body.id}`, { method: 'DELETE', token: staff });
    expect(((await left()) as { working: string[] }).working).toEqual([]);
  });

  it('keeps nothing of the camera, and nothing that stood behind the picture', async () => {
    const picture = Buffer.concat([
      await withMetadata(corners(64, 48), 6).jpeg().toBuffer(),
      text('<script>alert(1)</script>'),
    ]);
    const { body } = await send(formWith(new Uint8Array(picture)));
    await settled(shop);

    expect([body.width, body.height]).toEqual([48, 64]);
    for (const accept of ['image/jpeg', 'image/webp', 'image/avif']) {
      const file = Buffer.from(
        await (await fetch(`${shop.url}${body.urls.original}`, { headers: { accept } })).arrayBuffer(),
      );
      const { exif, xmp, icc, orientation } = await sharp(file).metadata();
      expect([exif, xmp, icc, orientation ?? 1]).toEqual([undefined, undefined, undefined, 1]);
      expect(file.includes('script')).toBe(false);
    }
    await shop.ask(`products/${productId}/photos/${body.id}`, { method: 'DELETE', token: staff });
  });

  it.each(['../../etc/passwd', 'a\0b.jpg', 'C:\\Windows\\x.jpg', 'x'.repeat(3000)])(
    'has a name that nobody looks at: %j',
    async (name) => {
      const { status, body } = await send(formWith(await pictureOf(), {}, name));

      // a name that is longer than a header may be is no form
      expect(status).toBe(name.length > 1000 ? 201 : 201);
      await shop.ask(`products/${productId}/photos/${body.id}`, { method: 'DELETE', token: staff });
    },
  );

  it('is 413 from its announcement on, and when it is longer than announced', async () => {
    const before = await left();
    const large = new Uint8Array(21 * MIB);
    const { status, body } = await send<ProblemDto>(formWith(large));
    expect([status, body.code]).toEqual([413, 'payload-too-large']);

    // without a Content-Length
    const boundary = 'x';
    const chunk = Buffer.alloc(64 * 1024);
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
    const chunked = (part: string | Buffer): Buffer =>
      Buffer.concat([text(`${Buffer.byteLength(part).toString(16)}\r\n`), Buffer.from(part), text('\r\n')]);
    const answer = await rawAnswer(
      shop.url,
      `POST /api/v1/products/${productId}/photos HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${staff}\r\n` +
        `content-type: multipart/form-data; boundary=${boundary}\r\ntransfer-encoding: chunked\r\n\r\n`,
      chunked(head),
      ...Array.from({ length: 21 * 16 }, () => chunked(chunk)),
      '0\r\n\r\n',
    );
    expect([answer.status, (JSON.parse(answer.body) as ProblemDto).code]).toEqual([413, 'payload-too-large']);
    expect(await left()).toEqual(before);
  });

  it('does not take much memory', async () => {
    const before = process.memoryUsage().rss;
    const bombs = [
      pngOf(50_000, 50_000, deflateSync(Buffer.alloc(50 * MIB))),
      withChunks(await corners(8, 8).png().toBuffer(), compressedText(100 * MIB)),
      Buffer.concat([await corners(64, 48).jpeg().toBuffer(), Buffer.alloc(19 * MIB)]),
    ];
    const ids: string[] = [];
    for (const bomb of bombs) ids.push((await send(formWith(new Uint8Array(bomb)))).body.id);
    // the bombs themselves are the test's
    const own = bombs.reduce((sum, { length }) => sum + length, 0);

    expect(process.memoryUsage().rss - before - 3 * own).toBeLessThan(64 * MIB);
    for (const id of ids) await shop.ask(`products/${productId}/photos/${id}`, { method: 'DELETE', token: staff });
  });
});

describe('a form', () => {
  const part = (name: string, content: string, more = ''): string =>
    `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
  const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
  const picture = part('file', '\xff\xd8', '; filename="a.jpg"');

  it.each([
    ['without a file', `${part('alt', 'Text')}--x--\r\n`, [422, '#/file', 'required']],
    ['with a part that is not known', `${part('price', '1')}${picture}--x--\r\n`, [422, '#/price', 'unknown']],
    ['with a text twice', `${part('alt', 'a')}${part('alt', 'b')}${picture}--x--\r\n`, [422, '#/alt', 'duplicate']],
    ['with a text that is too long', `${part('alt', 'a'.repeat(301))}${picture}--x--\r\n`, [422, '#/alt', 'maxLength']],
    ['with a control character', `${part('alt', 'a\u0007')}${picture}--x--\r\n`, [422, '#/alt', 'control']],
    ['with two files', `${picture}${picture}--x--\r\n`, [400, undefined, undefined]],
    ['that has no end', picture, [400, undefined, undefined]],
    ['that is none', 'nothing', [400, undefined, undefined]],
    ['that is empty', '', [400, undefined, undefined]],
  ])('%s is refused, and says so', async (_what, body, [status, pointer, code]) => {
    const before = await left();
    const answer = await send<ProblemDto>(body, FORM);

    expect([answer.status, answer.body.errors?.[0]?.pointer, answer.body.errors?.[0]?.code]).toEqual([
      status,
      pointer,
      code,
    ]);
    expect(await left()).toEqual(before);
  });

  it.each([
    ['multipart/form-data', 400],
    ['multipart/mixed; boundary=x', 415],
    ['image/jpeg', 415],
    ['application/json', 415],
  ])('is not %s', async (type, status) => {
    const body = type.endsWith('json') ? '{"file":"a.jpg"}' : `${picture}--x--\r\n`;
    expect((await send(body, { 'content-type': type })).status).toBe(status);
  });

  it('is taken nowhere else', async () => {
    const { status } = await shop.ask('auth/login', { method: 'POST', body: formWith(await pictureOf()) });

    expect(status).toBe(415);
  });
});

describe('what is not sent or read to its end', () => {
  it('leaves nothing of 50 uploads (F4, F12)', async () => {
    const before = await left();
    const files = openFiles();
    const head = text(
      `POST /api/v1/products/${productId}/photos HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${staff}\r\n` +
        `content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n` +
        `--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`,
    );
    const { hostname, port } = new URL(shop.url);
    for (let n = 0; n < 50; n++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([head, randomBytes(100_000)]));
      await delay(5);
      socket.destroy();
    }

    await until(async () => JSON.stringify(await left()) === JSON.stringify(before));
    await until(() => openFiles() <= files + 3);
  });

  it('leaves no file open of 100 downloads (F4)', async () => {
    const { status, body } = await send(
      formWith(new Uint8Array(await noise(1600, 1200).jpeg({ quality: 95 }).toBuffer())),
    );
    expect([status, body.detail]).toEqual([201, undefined]);
    await settled(shop);
    const files = openFiles();
    const { hostname, port } = new URL(shop.url);
    for (let n = 0; n < 100; n++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(`GET ${body.urls.original} HTTP/1.1\r\nhost: shop\r\naccept: image/jpeg\r\n\r\n`);
      await delay(3);
      socket.destroy();
    }

    await until(() => openFiles() <= files + 3);
  });
});
