import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { FileStorage } from '../src/common/files/file-storage.js';
import type { ProblemDto } from '../src/common/http/problems/problem.dto.js';
import type { PhotoDto } from '../src/photos/dto/photo.dto.js';
import { ImagesService } from '../src/photos/images/images.service.js';
import { PhotosService } from '../src/photos/photos.service.js';
import type { ProductPhotoDto, ProductPhotosDto } from '../src/products/dto/product-photo.dto.js';
import type { ProductDto } from '../src/products/dto/product.dto.js';
import type { UserDto } from '../src/users/dto/user.dto.js';
import { settled, signIn } from './support/accounts.js';
import { eventsOf } from './support/events.js';
import { formWith, pictureOf } from './support/photos.js';
import { type Answer, Shop } from './support/shop.js';
import { until } from './support/until.js';

const VARIANTS = ['original', 'large', 'medium', 'thumb'] as const;

let shop: Shop;
let staff: string;
beforeAll(async () => {
  shop = await Shop.open({ rateLimit: 0 });
  staff = await signIn(shop, 'staff');
});
afterAll(() => shop.close());

let products = 0;
const createProduct = async (): Promise<string> => {
  const json = { sku: `PHOTO-${String(++products)}`, name: 'Lantern', price: { amount: 100, currency: 'GBP' } };
  return (await shop.ask<ProductDto>('products', { method: 'POST', token: staff, json })).body.id;
};
const read = async (id: string): Promise<ProductDto> => (await shop.ask<ProductDto>(`products/${id}`)).body;
const add = <T = ProductPhotoDto>(id: string, body: FormData, token = staff): Promise<Answer<T>> =>
  shop.ask<T>(`products/${id}/photos`, { method: 'POST', token, body });
const remove = (id: string, photoId: string): Promise<Answer<unknown>> =>
  shop.ask(`products/${id}/photos/${photoId}`, { method: 'DELETE', token: staff });
/** The bytes of a file, as a client that takes some media types gets it. */
const fetchFile = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${shop.url}${path}`, { headers });
const storedFiles = async (): Promise<string[]> => {
  await settled(shop);
  const names: string[] = [];
  for await (const { name } of shop.app.get(FileStorage).list()) names.push(name);
  return names;
};
/** The files that a photo is in. */
const namesOf = async (photoId: string): Promise<string[]> => {
  const files = await shop.app
    .get(DataSource)
    .query<{ sha256: string }[]>(
      'SELECT f.sha256 FROM photo_files f JOIN photo_variants v ON v.file_id = f.id WHERE v.photo_id = $1',
      [photoId],
    );
  const hashes = new Set(files.map(({ sha256 }) => sha256));
  return (await storedFiles()).filter((name) => [...hashes].some((hash) => name.includes(hash)));
};

describe('a photo of a product', () => {
  it('is added by a form, and stands in the product from then on, with a new version', async () => {
    const id = await createProduct();
    const before = await read(id);
    const { status, headers, body } = await add(id, formWith(await pictureOf(), { alt: 'A lantern' }));

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/products/${id}/photos/${body.id}`);
    expect(body).toMatchObject({ alt: 'A lantern', width: 400, height: 300, available: true });
    expect(body.thumbHash).toMatch(/^[\w+/]{20,}=*$/);
    const after = await read(id);
    expect(after.photos).toEqual([body]);
    expect(after.version).toBe(before.version + 1);
    expect((await shop.ask(`products/${id}/photos/${body.id}`)).body).toEqual(body);
    expect((await shop.ask<ProductPhotosDto>(`products/${id}/photos`)).body.data).toEqual([body]);
  });

  it('can be had in every size and type once it is complete, as the client prefers', async () => {
    const id = await createProduct();
    const { body } = await add(id, formWith(await pictureOf()));
    await settled(shop);

    for (const variant of VARIANTS) {
      const widths = { original: 400, large: 400, medium: 400, thumb: 200 };
      for (const [accept, type, format] of [
        ['image/avif,image/webp,image/*,*/*;q=0.8', 'image/avif', 'heif'],
        ['image/webp', 'image/webp', 'webp'],
        ['*/*', 'image/jpeg', 'jpeg'],
      ] as const) {
        const response = await fetchFile(body.urls[variant], { accept });
        const { format: is, width } = await sharp(await response.arrayBuffer()).metadata();

        expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
        expect([is, width]).toEqual([format, widths[variant]]);
        expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        expect(response.headers.get('vary')).toMatch(/^Accept\b/);
      }
    }
  });

  it('is found in its place, which can be changed as its text can', async () => {
    const id = await createProduct();
    const photos: string[] = [];
    for (let n = 0; n < 3; n++) photos.push((await add(id, formWith(await pictureOf()))).body.id);
    const change = (photoId: string | undefined, json: object): Promise<Answer<ProductPhotoDto>> =>
      shop.ask(`products/${id}/photos/${String(photoId)}`, { method: 'PATCH', token: staff, json });
    const [first, second, third] = photos;
    const { version } = await read(id);
    const moved = await change(third, { position: 1, alt: 'In front' });

    expect([moved.status, moved.body.alt]).toEqual([200, 'In front']);
    expect((await read(id)).photos.map(({ id: photoId }) => photoId)).toEqual([third, first, second]);
    await change(third, { position: 20 });
    expect((await read(id)).photos.map(({ id: photoId }) => photoId)).toEqual([first, second, third]);
    await change(third, { alt: null });
    const { photos: after, version: last } = await read(id);
    expect([after.at(-1)?.alt, last]).toEqual([null, version + 3]);
    await change(third, { alt: null, position: 3 });
    expect((await read(id)).version).toBe(last);
  });

  it.each(['', ' ', '\u200b'])('has no text when that of the form is %j', async (alt) => {
    const { status, body } = await add(await createProduct(), formWith(await pictureOf(), { alt }));

    expect([status, body.alt]).toEqual([201, null]);
  });

  it('is the same one when it is sent again', async () => {
    const id = await createProduct();
    const [picture, other] = [await pictureOf(), await pictureOf()];
    const first = await add(id, formWith(picture, { alt: 'First' }));
    const again = await add(id, formWith(picture, { alt: 'Again' }));

    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await add(id, formWith(other))).body.id).not.toBe(first.body.id);
    expect((await read(id)).photos).toHaveLength(2);
  });

  it('is stored again when its file was lost (F6)', async () => {
    const [id, other] = [await createProduct(), await createProduct()];
    const picture = await pictureOf();
    const { body } = await add(id, formWith(picture));
    await settled(shop);
    const names = await namesOf(body.id);
    for (const name of names) await shop.app.get(FileStorage).remove(name);
    expect((await fetchFile(body.urls.thumb)).status).toBe(404);
    await add(other, formWith(picture));

    expect((await fetchFile(body.urls.thumb)).status).toBe(200);
  });

  it('leaves the list as it is when its files were lost (F10)', async () => {
    const id = await createProduct();
    const { body } = await add(id, formWith(await pictureOf()));
    for (const name of await namesOf(body.id)) await shop.app.get(FileStorage).remove(name);

    const response = await fetchFile(body.urls.original);
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
    expect((await shop.ask<ProductPhotosDto>(`products/${id}/photos`)).body.data).toHaveLength(1);
  });

  it('is removed with every file that was made of it (F8), and its number with it', async () => {
    await settled(shop);
    const id = await createProduct();
    const before = await storedFiles();
    const kept = (await add(id, formWith(await pictureOf()))).body;
    const { body } = await add(id, formWith(await pictureOf()));
    await settled(shop);
    const { version } = await read(id);
    const [ofKept, ofBoth] = [await namesOf(kept.id), (await storedFiles()).length - before.length];
    const { status } = await remove(id, body.id);
    await settled(shop);

    expect(status).toBe(204);
    expect((await storedFiles()).filter((name) => !before.includes(name)).sort()).toEqual(ofKept.sort());
    expect(ofBoth).toBeGreaterThan(ofKept.length);
    expect((await fetchFile(body.urls.thumb)).status).toBe(404);
    expect((await fetchFile(kept.urls.thumb)).status).toBe(200);
    const after = await read(id);
    expect([after.photos.map((photo) => photo.id), after.version]).toEqual([[kept.id], version + 1]);
    expect((await remove(id, body.id)).status).toBe(404);
  });

  it('goes with its product', async () => {
    const id = await createProduct();
    const before = await storedFiles();
    await add(id, formWith(await pictureOf()));
    await settled(shop);
    await shop.ask(`products/${id}`, { method: 'DELETE', token: staff, headers: { 'if-match': '*' } });
    await settled(shop);

    expect(await storedFiles()).toEqual(before);
  });

  it('keeps the files that another photo shows', async () => {
    const [one, other] = [await createProduct(), await createProduct()];
    const picture = await pictureOf();
    const { body } = await add(one, formWith(picture));
    const { body: same } = await add(other, formWith(picture));
    await settled(shop);
    expect(await namesOf(body.id)).toEqual(await namesOf(same.id));
    await remove(one, body.id);
    await settled(shop);

    expect((await fetchFile(same.urls.medium, { accept: 'image/avif' })).status).toBe(200);
    await remove(other, same.id);
    await settled(shop);
    expect((await storedFiles()).filter((name) => name.includes(same.id))).toEqual([]);
  });

  it('can be sent again while it is being removed (F1)', async () => {
    const id = await createProduct();
    const picture = await pictureOf();
    const storage = shop.app.get(FileStorage);
    const { body } = await add(id, formWith(picture));
    await settled(shop);
    // the files are marked, and not removed yet
    const removing = new Promise<void>((resolve) => {
      const original = storage.remove.bind(storage);
      jest.spyOn(storage, 'remove').mockImplementation(async (name) => {
        resolve();
        await sentAgain;
        await original(name);
      });
    });
    let sendAgain: () => void = () => undefined;
    const sentAgain = new Promise<void>((resolve) => {
      sendAgain = resolve;
    });
    await remove(id, body.id);
    await removing;
    const again = await add(id, formWith(picture));
    sendAgain();
    await settled(shop);
    jest.restoreAllMocks();

    expect(again.status).toBe(201);
    for (const variant of VARIANTS) expect((await fetchFile(again.body.urls[variant])).status).toBe(200);
  });

  it('leaves no file when it is removed while its variants are being stored', async () => {
    const id = await createProduct();
    const before = await storedFiles();
    const storage = shop.app.get(FileStorage);
    const put = storage.put.bind(storage);
    const isRemoved = async (): Promise<boolean> => {
      const rows = await shop.app.get(DataSource).query<unknown[]>("SELECT FROM photo_files WHERE state = 'deleted'");
      return rows.length === 0;
    };
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const putting = jest.spyOn(storage, 'put').mockImplementation(async (name, path) => {
      const [photo] = name.endsWith('.webp') ? (await read(id)).photos : [];
      if (photo) {
        await remove(id, photo.id);
        await until(isRemoved);
      }
      await put(name, path);
    });
    await add(id, formWith(await pictureOf()));
    const after = await storedFiles();

    expect(putting.mock.calls.some(([name]) => name.endsWith('.webp'))).toBe(true);
    jest.restoreAllMocks();
    expect(after).toEqual(before);
  });

  it('announces that it was added and removed, beside the versions of its product', async () => {
    const id = await createProduct();
    const { body } = await add(id, formWith(await pictureOf()));
    await remove(id, body.id);

    expect(await eventsOf(shop, body.id)).toEqual([
      { name: 'photo.added', version: 1, data: { subjectType: 'product', subjectId: id } },
      { name: 'photo.removed', version: 2, data: { subjectType: 'product', subjectId: id } },
    ]);
    expect((await eventsOf(shop, id)).map(({ name, version }) => [name, version])).toEqual([
      ['product.created', 1],
      ['product.updated', 2],
      ['product.updated', 3],
    ]);
  });

  it('is for staff to change, and hidden with its product', async () => {
    const id = await createProduct();
    const customer = await signIn(shop, 'customer');
    expect((await add(id, formWith(await pictureOf()), customer)).status).toBe(403);
    const { body } = await add(id, formWith(await pictureOf()));
    await shop.ask(`products/${id}`, {
      method: 'PATCH',
      token: staff,
      headers: { 'if-match': '*' },
      json: { status: 'draft' },
    });

    expect((await shop.ask(`products/${id}/photos`)).status).toBe(404);
    expect((await shop.ask(`products/${id}/photos/${body.id}`, { token: customer })).status).toBe(404);
    expect((await shop.ask(`products/${id}/photos`, { token: staff })).status).toBe(200);
  });

  it('is one of twenty at most', async () => {
    const id = await createProduct();
    for (let n = 0; n < 20; n++) expect((await add(id, formWith(await pictureOf()))).status).toBe(201);
    await settled(shop);
    const before = await storedFiles();
    const { status, body } = await add<ProblemDto>(id, formWith(await pictureOf()));

    expect([status, body.code]).toEqual([409, 'too-many-photos']);
    expect(await storedFiles()).toEqual(before);
  });
});

describe('the file of a photo', () => {
  let photo: ProductPhotoDto;
  let bytes: Buffer;
  beforeAll(async () => {
    photo = (await add(await createProduct(), formWith(await pictureOf()))).body;
    await settled(shop);
    bytes = Buffer.from(await (await fetchFile(photo.urls.thumb)).arrayBuffer());
  });

  it('says what it is, and that nothing in it is to be run', async () => {
    const { headers } = await fetchFile(photo.urls.thumb, { accept: 'image/webp' });
    const of = (name: string): string | null => headers.get(name);

    expect([of('x-content-type-options'), of('content-security-policy')]).toEqual([
      'nosniff',
      "default-src 'none'; sandbox",
    ]);
    expect(of('content-disposition')).toBe(`inline; filename="${photo.id}-thumb.webp"`);
    expect(of('cross-origin-resource-policy')).toBe('cross-origin');
    expect(of('content-encoding')).toBeNull();
  });

  it('is 304 for who has it, also with an access token', async () => {
    const etag = (await fetchFile(photo.urls.thumb)).headers.get('etag') ?? '';
    const again = await fetchFile(photo.urls.thumb, { 'if-none-match': etag, authorization: `Bearer ${staff}` });

    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
    expect(again.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetchFile(photo.urls.thumb, { 'if-none-match': etag, accept: 'image/avif' })).status).toBe(200);
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=10-', 10, undefined],
    ['bytes=-5', -5, undefined],
    ['bytes=3-999999', 3, undefined],
  ])('can be had in parts: %s', async (range, start, end) => {
    const response = await fetchFile(photo.urls.thumb, { range });
    const part = bytes.subarray(start, end);

    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(part));
    const from = start < 0 ? bytes.length + start : start;
    expect(response.headers.get('content-range')).toBe(
      `bytes ${String(from)}-${String(from + part.length - 1)}/${String(bytes.length)}`,
    );
  });

  it('is whole for several parts, for none that there is a name for, and for a part of another state', async () => {
    const etag = (await fetchFile(photo.urls.thumb)).headers.get('etag') ?? '';
    const ask = async (headers: Record<string, string>): Promise<[number, number]> => {
      const response = await fetchFile(photo.urls.thumb, headers);
      return [response.status, (await response.arrayBuffer()).byteLength];
    };

    expect(await ask({ range: 'bytes=0-1,5-6' })).toEqual([200, bytes.length]);
    expect(await ask({ range: 'lines=0-1' })).toEqual([200, bytes.length]);
    expect(await ask({ range: 'bytes=0-1', 'if-range': '"other"' })).toEqual([200, bytes.length]);
    expect(await ask({ range: 'bytes=0-1', 'if-range': etag })).toEqual([206, 2]);
  });

  it('has no part behind its end: 416', async () => {
    const { status, headers, body } = await shop.ask<ProblemDto>(photo.urls.thumb, {
      headers: { range: 'bytes=999999-' },
    });

    expect([status, body.code]).toEqual([416, 'range-not-satisfiable']);
    expect(headers.get('content-range')).toBe(`bytes */${String(bytes.length)}`);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is measured by HEAD', async () => {
    const head = await fetch(`${shop.url}${photo.urls.thumb}`, { method: 'HEAD' });

    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(bytes.length),
      '',
    ]);
  });

  it('is 406 for who takes none of its types, and 400 or 404 for what is no photo', async () => {
    const status = async (path: string, accept = '*/*'): Promise<number> =>
      (await shop.ask(path, { headers: { accept } })).status;

    expect(await status(photo.urls.thumb, 'image/gif')).toBe(406);
    expect(await status(photo.urls.thumb, 'application/json')).toBe(406);
    expect(await status(`photos/${photo.id}/tiny`)).toBe(400);
    expect(await status('photos/none/thumb')).toBe(400);
    expect(await status(`photos/${randomUUID()}/thumb`)).toBe(404);
  });

  it('is what there is while the others are being made, and not for ever', async () => {
    jest.spyOn(shop.app.get(ImagesService), 'derive').mockRejectedValueOnce(new Error('later'));
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const { body } = await add(await createProduct(), formWith(await pictureOf()));
    await settled(shop);
    const response = await fetchFile(body.urls.large, { accept: 'image/avif,*/*' });
    jest.restoreAllMocks();

    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(response.headers.get('cache-control')).toBe('public, max-age=10');
    await shop.app.get(DataSource).query(`UPDATE jobs SET due_at = now() WHERE kind = 'photos.make-variants'`);
    await settled(shop);
  });
});

describe('the photo of a user', () => {
  const put = <T = PhotoDto>(token: string, body: FormData): Promise<Answer<T>> =>
    shop.ask<T>('users/me/photo', { method: 'PUT', token, body });
  const me = async (token: string): Promise<UserDto> => (await shop.ask<UserDto>('users/me', { token })).body;

  it('takes the place of the former one, and is gone when it is deleted', async () => {
    const token = await signIn(shop, 'customer');
    const before = await storedFiles();
    expect((await me(token)).photo).toBeNull();
    const first = await put(token, formWith(await pictureOf()));
    const second = await put(token, formWith(await pictureOf()));
    await settled(shop);

    expect([first.status, second.status]).toEqual([200, 200]);
    expect((await me(token)).photo).toEqual(second.body);
    expect((await fetchFile(first.body.urls.thumb)).status).toBe(404);
    expect((await shop.ask('users/me/photo', { method: 'DELETE', token })).status).toBe(204);
    expect((await shop.ask('users/me/photo', { method: 'DELETE', token })).status).toBe(204);
    await settled(shop);
    expect([(await me(token)).photo, await storedFiles()]).toEqual([null, before]);
    expect((await eventsOf(shop, first.body.id)).map(({ name }) => name)).toEqual(['photo.added', 'photo.removed']);
  });

  it('stays when another one is refused', async () => {
    const token = await signIn(shop, 'customer');
    const { body } = await put(token, formWith(await pictureOf()));

    expect((await put<ProblemDto>(token, formWith(new TextEncoder().encode('<svg/>')))).status).toBe(415);
    expect((await me(token)).photo).toEqual(body);
  });

  it('goes when the user is erased', async () => {
    const token = await signIn(shop, 'customer');
    const before = await storedFiles();
    const { body } = await put(token, formWith(await pictureOf()));
    await settled(shop);
    await shop.ask('users/me', { method: 'DELETE', token, headers: { 'if-match': '*' } });
    await settled(shop);

    expect((await fetchFile(body.urls.thumb)).status).toBe(404);
    expect(await storedFiles()).toEqual(before);
  });

  it('counts for the space that its sender may take up', async () => {
    const token = await signIn(shop, 'customer');
    await put(token, formWith(await pictureOf()));
    await shop.app.get(DataSource).query(
      `UPDATE photos SET size = 2000000000 FROM users WHERE users.photo_id = photos.id
         AND users.id = (SELECT user_id FROM sessions ORDER BY created_at DESC LIMIT 1)`,
    );
    const quota = Reflect.get(shop.app.get(PhotosService), 'quota') as number;
    Object.assign(shop.app.get(PhotosService), { quota: 1_000_000_000 });
    const { status, body } = await put<ProblemDto>(token, formWith(await pictureOf()));
    Object.assign(shop.app.get(PhotosService), { quota });

    expect([status, body.code]).toEqual([409, 'photo-quota-exceeded']);
  });
});
