import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PHOTO_VERIFICATION, verifyIn } from '../src/commands/photos-verify.js';
import { readOptions, runVerification } from '../src/commands/verify.js';
import { FileStorage } from '../src/common/files/file-storage.js';
import { Clock } from '../src/common/time/clock.js';
import { PhotoVerificationService } from '../src/photos/photo-verification.service.js';
import type { ProductPhotoDto } from '../src/products/dto/product-photo.dto.js';
import { settled, signIn } from './support/accounts.js';
import { formWith, pictureOf } from './support/photos.js';
import { Shop } from './support/shop.js';
import { inWorkFolder } from '../src/common/files/work-folder.js';

const DAY = 24 * 3600;

describe('npm run photos:verify', () => {
  let shop: Shop;
  let staff: string;
  let productId: string;
  let photo: ProductPhotoDto;
  beforeAll(async () => {
    shop = await Shop.open();
    staff = await signIn(shop, 'staff');
    const json = { sku: 'VERIFIED', name: 'Lantern', price: { amount: 100, currency: 'GBP' } };
    productId = (await shop.ask<{ id: string }>('products', { method: 'POST', token: staff, json })).body.id;
  });
  afterAll(() => shop.close());
  beforeEach(async () => {
    for (const { id } of (await shop.ask<{ data: { id: string }[] }>(`products/${productId}/photos`)).body.data)
      await shop.ask(`products/${productId}/photos/${id}`, { method: 'DELETE', token: staff });
    const body = formWith(await pictureOf());
    photo = (await shop.ask<ProductPhotoDto>(`products/${productId}/photos`, { method: 'POST', token: staff, body }))
      .body;
    await settled(shop);
  });

  const storage = (): FileStorage => shop.app.get(FileStorage);
  async function verify(...args: string[]): Promise<[code: number, ...lines: string[]]> {
    const printed: string[] = [];
    const code = await verifyIn(shop.app, readOptions(args)?.repair ?? false, (text) => printed.push(text));
    return [code, ...printed.join('').trimEnd().split('\n')];
  }
  /** The file of a variant. */
  async function nameOf(variant: string, type: string): Promise<string> {
    const [row] = await shop.app.get(DataSource).query<{ name: string }[]>(
      `SELECT f.sha256 || '-' || f.id AS name FROM photo_variants v JOIN photo_files f ON f.id = v.file_id
       WHERE v.photo_id = $1 AND v.variant = $2 AND v.media_type = $3`,
      [photo.id, variant, type],
    );
    for await (const { name } of storage().list()) if (name.includes(row?.name ?? '-')) return name;
    throw new Error(`there is no ${variant}`);
  }
  async function damage(name: string): Promise<void> {
    await inWorkFolder(async (folder) => {
      const path = join(folder, 'damaged');
      const bytes = Buffer.concat(await (await storage().read(name)).toArray());
      await writeFile(path, bytes.fill(0, bytes.length >> 1));
      await storage().put(name, path);
    });
  }
  const statusOf = async (variant: keyof ProductPhotoDto['urls'], accept: string): Promise<[number, string | null]> => {
    const response = await fetch(`${shop.url}${photo.urls[variant]}`, { headers: { accept } });
    return [response.status, response.headers.get('content-type')];
  };
  const CLEAN = 'Verified 6 files of photos, and 6 in the storage: no faults.';

  it('says that nothing is wrong', async () => {
    expect(await verify()).toEqual([0, CLEAN]);
    expect(await verify('--repair')).toEqual([0, CLEAN]);
  });

  it.each([
    ['thumb', 'image/avif'],
    ['thumb', 'image/jpeg'],
    ['original', 'image/webp'],
  ] as const)('finds the lost %s in %s, and has it made again', async (variant, type) => {
    const name = await nameOf(variant, type);
    await storage().remove(name);

    expect(await verify()).toEqual([
      1,
      `${name}: missing`,
      'Verified 6 files of photos, and 5 in the storage: 1 faults. Run it with --repair to repair them.',
    ]);
    const [code, line] = await verify('--repair');
    expect([code, line]).toEqual([0, `${name}: missing, to be made again`]);
    await settled(shop);
    expect(await statusOf(variant, type)).toEqual([200, type]);
    expect((await verify())[0]).toBe(0);
  });

  it('finds what has another content, and has it made again', async () => {
    const name = await nameOf('thumb', 'image/webp');
    const before = Buffer.concat(await (await storage().read(name)).toArray());
    await damage(name);

    expect((await verify('--repair')).slice(0, 2)).toEqual([0, `${name}: damaged, to be made again`]);
    await settled(shop);
    const after = await storage().read(await nameOf('thumb', 'image/webp'));
    expect(Buffer.concat(await after.toArray())).toEqual(before);
    expect((await verify())[1]).toBe(CLEAN);
  });

  it('marks a photo as unavailable that has lost its original, and no other one', async () => {
    const name = await nameOf('original', 'image/jpeg');
    await storage().remove(name);

    expect((await verify('--repair')).slice(0, 2)).toEqual([1, `${name}: missing, photo unavailable`]);
    await settled(shop);
    const { body } = await shop.ask<{ data: ProductPhotoDto[] }>(`products/${productId}/photos`);
    expect(body.data.map(({ id, available }) => [id, available])).toEqual([[photo.id, false]]);
    expect((await statusOf('thumb', '*/*'))[0]).toBe(404);
    await shop.ask(`products/${productId}/photos/${photo.id}`, { method: 'DELETE', token: staff });
    await settled(shop);
    expect(await verify()).toEqual([0, 'Verified 0 files of photos, and 0 in the storage: no faults.']);
  });

  it('finds files that no photo needs once they are a day old, and removes them', async () => {
    await inWorkFolder(async (folder) => {
      await writeFile(join(folder, 'left'), 'left over');
      await storage().put('ab/cd/left-over.jpg', join(folder, 'left'));
    });
    expect((await verify())[0]).toBe(0);
    const later = new Date(Date.now() + (DAY + 60) * 1000);
    const clock = shop.app.get(Clock);

    const found = await clock.runAt(later, () => verify());
    expect(found.slice(0, 2)).toEqual([1, 'ab/cd/left-over.jpg: untracked']);
    expect((await clock.runAt(later, () => verify('--repair')))[1]).toBe('ab/cd/left-over.jpg: untracked, removed');
    expect(await storage().size('ab/cd/left-over.jpg')).toBeUndefined();
    expect(await clock.runAt(later, () => verify())).toEqual([0, CLEAN]);
  });

  it('is done by a job bit by bit, which logs what it finds and repairs nothing', async () => {
    const verification = shop.app.get(PhotoVerificationService);
    const name = await nameOf('thumb', 'image/avif');
    await storage().remove(name);
    const log = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    await verification.goOn();
    const position = await shop.app.get(DataSource).query<unknown[]>('SELECT pass, after FROM photo_verification');
    const logged = log.mock.calls.map(([fault]: unknown[]) => fault);
    log.mockRestore();

    expect([logged, position]).toEqual([[{ kind: 'missing', name }], []]);
    expect(await storage().size(name)).toBeUndefined();
    const stopped = await verification.verify({ isRepaired: false, until: new Date(0), report: () => undefined });
    expect(stopped).toMatchObject({ counts: { rows: 6, files: 0 }, position: { pass: 'rows' } });
    const rest = await verification.verify({ isRepaired: false, from: stopped.position, report: () => undefined });
    expect(rest).toEqual({ counts: { rows: 0, files: 5, faults: 0 } });
  });

  it('says what it is with --help, and reads no configuration for that', async () => {
    const printed: string[] = [];
    const never = (): never => {
      throw new Error('the configuration was read');
    };
    expect(await runVerification(PHOTO_VERIFICATION, ['--help'], never, (text) => printed.push(text))).toBe(0);
    expect(printed.join('')).toMatch(/^Usage: npm run photos:verify/);
    await expect(runVerification(PHOTO_VERIFICATION, ['--now'], never, () => undefined)).rejects.toThrow('--now');
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['photos:verify']).toContain('photos-verify.command.js');
  });
});
