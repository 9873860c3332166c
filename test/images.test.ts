import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import sharp from 'sharp';
import { thumbHashToAverageRGBA } from 'thumbhash';
import { pictureTypeOf } from '../src/photos/images/image-content.js';
import { ImageFailure, ImageRefused, ImagesBusy } from '../src/photos/images/image-failures.js';
import { type AcceptedImage, ImageOptions, ImagesService } from '../src/photos/images/images.service.js';
import type { MadeFile } from '../src/photos/images/made-files.js';
import {
  animation,
  ANIMATION,
  colourAt,
  compressedText,
  corners,
  CORNERS,
  distance,
  noise,
  photograph,
  pngChunk,
  pngOf,
  randomBytes,
  webpOf,
  withBrands,
  withChunks,
  withGarbage,
  withMetadata,
  withSegment,
  withWrongScan,
  zeros,
} from './support/pictures.js';
import { until } from './support/until.js';

@Module({ providers: [ImagesService] })
class ModuleOfImages {}

const MB = 1024 * 1024;

/** Whether there is a process of this id; one that has ended and that nobody asked about is none. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** The most memory that a process has had, in bytes. */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) * 1024;

describe('images', () => {
  let root: string;
  const opened = new Set<ImagesService>();
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'images-test-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  const open = (options: Partial<ImageOptions> = {}): ImagesService => {
    const images = new ImagesService(Object.assign(new ImageOptions(), { processes: 1, ...options }));
    opened.add(images);
    return images;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all([...opened].map((images) => images.onApplicationShutdown()));
    opened.clear();
  };

  let count = 0;
  /** A new folder. */
  const newFolder = async (): Promise<string> => {
    const folder = join(root, String(count++));
    await mkdir(folder);
    return folder;
  };
  const save = async (bytes: Uint8Array): Promise<string> => {
    const path = join(root, `upload-${String(count++)}`);
    await writeFile(path, bytes);
    return path;
  };
  const accept = async (images: ImagesService, bytes: Uint8Array): Promise<AcceptedImage> =>
    images.accept(await save(bytes), await newFolder());
  const fileOf = (files: readonly MadeFile[], name: string): MadeFile => {
    const found = files.find(({ path }) => basename(path) === name);
    if (!found) throw new Error(`${name} was not made`);
    return found;
  };

  describe('that are pictures', () => {
    let images: ImagesService;
    beforeAll(() => {
      images = open();
    });
    afterAll(closeAll);

    it.each(['jpeg', 'png', 'webp', 'avif'] as const)('makes upright JPEGs without metadata of %s', async (type) => {
      const sent = await withMetadata(corners(900, 600), 6).toFormat(type, { quality: 90 }).toBuffer();
      const before = await sharp(sent).metadata();
      expect([before.exif?.includes('Camera'), before.icc, before.xmp]).toEqual([
        true,
        expect.any(Buffer),
        expect.any(Buffer),
      ]);

      const { width, height, hasAlpha, files } = await accept(images, sent);

      expect({ width, height, hasAlpha }).toEqual({ width: 600, height: 900, hasAlpha: false });
      expect(files.map((file) => [basename(file.path), file.mediaType, file.width, file.height])).toEqual([
        ['original.jpg', 'image/jpeg', 600, 900],
        ['large.jpg', 'image/jpeg', 600, 900],
        ['medium.jpg', 'image/jpeg', 533, 800],
        ['thumb.jpg', 'image/jpeg', 133, 200],
      ]);
      for (const file of files) {
        const bytes = await readFile(file.path);
        const { exif, icc, xmp, iptc, orientation, ...is } = await sharp(bytes).metadata();
        expect({ exif, icc, xmp, iptc, orientation }).toEqual({});
        expect(is).toMatchObject({
          format: 'jpeg',
          width: file.width,
          height: file.height,
          space: 'srgb',
          channels: 3,
        });
        expect(bytes.includes('Camera') || bytes.includes('secret')).toBe(false);
        // turned clockwise: what was below left is above left
        expect(distance(await colourAt(bytes, 5, 5), CORNERS.bottomLeft)).toBeLessThan(12);
        expect(distance(await colourAt(bytes, file.width - 5, 5), CORNERS.topLeft)).toBeLessThan(12);
      }
    });

    it('keeps transparency as WebP, and shows white through it as JPEG', async () => {
      const dot = await sharp({ create: { width: 50, height: 50, channels: 4, background: '#3060c0' } })
        .png()
        .toBuffer();
      const sent = await sharp({ create: { width: 300, height: 300, channels: 4, background: '#00000000' } })
        .composite([{ input: dot, left: 200, top: 200 }])
        .png()
        .toBuffer();

      const { hasAlpha, files } = await accept(images, sent);

      expect(hasAlpha).toBe(true);
      expect(files.map(({ path }) => basename(path))).toEqual([
        ...['original.jpg', 'large.jpg', 'medium.jpg', 'thumb.jpg'],
        ...['original.webp', 'large.webp', 'medium.webp', 'thumb.webp'],
      ]);
      expect(distance(await colourAt(fileOf(files, 'thumb.jpg').path, 5, 5), [255, 255, 255])).toBeLessThan(3);
      expect(distance(await colourAt(fileOf(files, 'thumb.jpg').path, 150, 150), [48, 96, 192])).toBeLessThan(12);
      const { data } = await sharp(fileOf(files, 'thumb.webp').path).raw().toBuffer({ resolveWithObject: true });
      expect([data[3], data[(150 * 200 + 150) * 4 + 3]]).toEqual([0, 255]);
    });

    it('has no WebP of a PNG whose transparency hides nothing', async () => {
      const { hasAlpha, files } = await accept(images, await corners(40, 20).ensureAlpha().png().toBuffer());

      expect([hasAlpha, files.length]).toEqual([false, 4]);
    });

    it('makes the rest of the twelve files of the original', async () => {
      for (const sent of [corners(1700, 300).jpeg(), noise(500, 250, 4).png()]) {
        const accepted = await accept(images, await sent.toBuffer());
        const original = fileOf(accepted.files, accepted.hasAlpha ? 'original.webp' : 'original.jpg');
        const derived = await images.derive(original.path, await newFolder());

        const all = [...accepted.files, ...derived];
        expect(new Set(all.map(({ path }) => basename(path))).size).toBe(12);
        expect(all).toHaveLength(12);
        for (const file of all) {
          const bytes = await readFile(file.path);
          expect(pictureTypeOf(bytes)).toBe(file.mediaType);
          const { width, height, hasAlpha, exif, icc, xmp } = await sharp(bytes).metadata();
          expect({ width, height }).toEqual({ width: file.width, height: file.height });
          expect(hasAlpha).toBe(accepted.hasAlpha && file.mediaType !== 'image/jpeg');
          expect([exif, icc, xmp]).toEqual([undefined, undefined, undefined]);
        }
      }
    });

    it('does not encode a variant again that is as large as the original', async () => {
      const { files } = await accept(images, await noise(500, 400).jpeg().toBuffer());
      const derived = await images.derive(fileOf(files, 'original.jpg').path, await newFolder());

      for (const [made, type] of [
        [files, 'jpg'],
        [derived, 'webp'],
        [derived, 'avif'],
      ] as const) {
        const [original, large, medium, thumb] = ['original', 'large', 'medium', 'thumb'].map(
          (name) => fileOf(made, `${name}.${type}`).sha256,
        );
        expect([large, medium]).toEqual([original, original]);
        expect(thumb).not.toBe(original);
      }
    });

    it('makes the same bytes of the same bytes, also in another process', async () => {
      const digests = async (service: ImagesService): Promise<string[]> => {
        const { files, thumbHash } = await accept(service, await noise(1000, 200).webp({ quality: 90 }).toBuffer());
        const derived = await service.derive(fileOf(files, 'original.jpg').path, await newFolder());
        return [thumbHash, ...[...files, ...derived].map(({ sha256 }) => sha256)];
      };

      const first = await digests(images);
      // large is as the original
      expect(new Set(first).size).toBe(10);
      expect(await digests(images)).toEqual(first);
      expect(await digests(open())).toEqual(first);
    });

    it('names the size and the digest of what is there', async () => {
      const { files } = await accept(images, await corners(40, 20).jpeg().toBuffer());

      for (const { path, size, sha256 } of files) {
        const bytes = await readFile(path);
        expect(size).toBe(bytes.length);
        expect(sha256).toBe(Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex'));
      }
    });

    it.each([
      [
        'a single pixel',
        () =>
          sharp({ create: { width: 1, height: 1, channels: 3, background: '#c04020' } })
            .png()
            .toBuffer(),
        1,
        1,
        [192, 64, 32],
      ],
      [
        'a very wide picture',
        () =>
          sharp({ create: { width: 20_000, height: 10, channels: 3, background: '#c04020' } })
            .jpeg()
            .toBuffer(),
        2560,
        1,
        [192, 64, 32],
      ],
      [
        'a very tall picture',
        () =>
          sharp({ create: { width: 3, height: 9000, channels: 3, background: '#c04020' } })
            .webp({ lossless: true })
            .toBuffer(),
        1,
        2560,
        [192, 64, 32],
      ],
      [
        'a large picture, which is made smaller',
        () =>
          sharp({ create: { width: 5000, height: 2500, channels: 3, background: '#c04020' } })
            .jpeg()
            .toBuffer(),
        2560,
        1280,
        [192, 64, 32],
      ],
      [
        'a CMYK JPEG',
        () =>
          sharp({ create: { width: 40, height: 20, channels: 3, background: '#786450' } })
            .toColourspace('cmyk')
            .jpeg()
            .toBuffer(),
        40,
        20,
        [120, 100, 80],
      ],
      ['a PNG of 16 bits', () => corners(40, 20).toColourspace('rgb16').png().toBuffer(), 40, 20, CORNERS.topLeft],
      [
        'a grey JPEG',
        () =>
          sharp({ create: { width: 40, height: 20, channels: 3, background: '#808080' } })
            .greyscale()
            .jpeg()
            .toBuffer(),
        40,
        20,
        [128, 128, 128],
      ],
      [
        'a grey PNG with transparency',
        () =>
          sharp(Buffer.alloc(40 * 20 * 2, 160), { raw: { width: 40, height: 20, channels: 2 } })
            .png()
            .toBuffer(),
        40,
        20,
        [195, 195, 195],
      ],
      ['a PNG with a palette', () => corners(40, 20).png({ palette: true }).toBuffer(), 40, 20, CORNERS.topLeft],
      ['an interlaced PNG', () => corners(40, 20).png({ progressive: true }).toBuffer(), 40, 20, CORNERS.topLeft],
      [
        'a progressive JPEG',
        () => corners(40, 20).jpeg({ progressive: true, quality: 95 }).toBuffer(),
        40,
        20,
        CORNERS.topLeft,
      ],
      [
        'an AVIF of 10 bits',
        () => corners(40, 20).avif({ bitdepth: 10, quality: 90 }).toBuffer(),
        40,
        20,
        CORNERS.topLeft,
      ],
      [
        'an AVIF whose major brand is of all HEIF files',
        async () => withBrands(await corners(40, 20).avif({ quality: 90 }).toBuffer(), { avif: 'mif1', mif1: 'avif' }),
        40,
        20,
        CORNERS.topLeft,
      ],
      // Display P3: the same numbers are another colour
      [
        'a picture with a wide gamut',
        () =>
          sharp({ create: { width: 40, height: 20, channels: 3, background: '#d73f31' } })
            .withIccProfile('p3')
            .png()
            .toBuffer(),
        40,
        20,
        [215, 63, 49],
      ],
      // as the phones of a large manufacturer write them
      [
        'a JPEG with a wrong parameter that does no harm',
        async () => withWrongScan(await corners(40, 20).jpeg({ quality: 95 }).toBuffer()),
        40,
        20,
        CORNERS.topLeft,
      ],
      [
        'a picture of the most pixels',
        () => Promise.resolve(pngOf(10_000, 5000, zeros(5000 * 10_001))),
        2560,
        1280,
        [0, 0, 0],
      ],
    ] as const)('takes %s', async (_, build, width, height, colour) => {
      const made = await accept(images, await build());

      expect([made.width, made.height]).toEqual([width, height]);
      expect(distance(await colourAt(fileOf(made.files, 'original.jpg').path, 0, 0), colour)).toBeLessThan(14);
      for (const { path, width: expected } of made.files) expect((await sharp(path).metadata()).width).toBe(expected);
    });

    it('converts colours of a wide gamut', async () => {
      const sent = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#000' } })
        .png()
        .toBuffer()
        // pixels as they are, under the profile of Display P3
        .then((png) => sharp(png).raw().toBuffer())
        .then((data) =>
          sharp(data.fill(Buffer.from([200, 100, 50])), { raw: { width: 8, height: 8, channels: 3 } })
            .keepIccProfile()
            .withMetadata({ icc: 'p3' })
            .png()
            .toBuffer(),
        );
      const stored = await sharp(sent, { ignoreIcc: true }).raw().toBuffer();

      const { files } = await accept(images, sent);

      const found = await colourAt(fileOf(files, 'original.jpg').path, 4, 4);
      const unchanged = [stored.readUInt8(0), stored.readUInt8(1), stored.readUInt8(2)] as const;
      // the profile was written, the numbers in the file are not those in sRGB, and those in sRGB come out
      expect(distance(unchanged, [200, 100, 50])).toBeGreaterThan(8);
      expect(distance(found, [200, 100, 50])).toBeLessThan(5);
    });

    it('makes a placeholder of about the same colour', async () => {
      const { thumbHash } = await accept(images, await corners(400, 300).jpeg().toBuffer());

      const { r, g, b, a } = thumbHashToAverageRGBA(Buffer.from(thumbHash, 'base64'));
      const { channels } = await corners(400, 300).stats();
      expect(a).toBe(1);
      expect(
        distance([r * 255, g * 255, b * 255], [channels[0]?.mean ?? 0, channels[1]?.mean ?? 0, channels[2]?.mean ?? 0]),
      ).toBeLessThan(10);
    });

    it('leaves out what follows the picture, or stands in its comments', async () => {
      const [script, zip] = [
        Buffer.from('<html><script>alert(1)</script></html>'),
        Buffer.from('PK\x03\x04secret.class', 'latin1'),
      ];
      const jpeg = await corners(80, 40).jpeg().toBuffer();
      const png = await corners(80, 40).png().toBuffer();
      const plain = await accept(images, jpeg);
      for (const sent of [
        Buffer.concat([jpeg, script]),
        Buffer.concat([jpeg, zip]),
        withSegment(jpeg, 0xfe, Buffer.concat([script, zip])),
        // one comment that opens what the other closes, as a script that is a picture does
        withSegment(Buffer.concat([jpeg, Buffer.from('*/alert(1)')]), 0xfe, Buffer.from('/*')),
      ]) {
        const { files } = await accept(images, sent);
        expect(files.map(({ sha256 }) => sha256)).toEqual(plain.files.map(({ sha256 }) => sha256));
      }
      const { files } = await accept(
        images,
        Buffer.concat([withChunks(png, pngChunk('tEXt', Buffer.concat([Buffer.from('a\0'), script]))), zip]),
      );
      for (const { path } of files) expect((await readFile(path)).includes('script')).toBe(false);
    });

    it('refuses what another loader of the library would read', async () => {
      // a JPEG in front, which says that it is an SVG
      await expect(
        accept(
          images,
          Buffer.from('\xff\xd8\xff<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'latin1'),
        ),
      ).rejects.toMatchObject({ reason: 'broken' });
    });
  });

  describe('that are no pictures, or hostile', () => {
    let images: ImagesService;
    let pid: number | undefined;
    beforeAll(async () => {
      images = open();
      await accept(images, await corners(20, 10).png().toBuffer());
      [pid] = images.processIds;
    });
    afterAll(closeAll);

    const jpeg = (): Promise<Buffer> => noise(320, 240).jpeg({ quality: 85 }).toBuffer();
    const png = (): Promise<Buffer> => noise(320, 240).png().toBuffer();
    const webp = (): Promise<Buffer> => noise(320, 240).webp({ lossless: true }).toBuffer();
    const avif = (): Promise<Buffer> => noise(320, 240).avif({ effort: 0 }).toBuffer();
    const small = (): Promise<Buffer> => corners(8, 8).png().toBuffer();
    const cut = async (picture: Promise<Buffer>, part: number): Promise<Buffer> => {
      const bytes = await picture;
      return bytes.subarray(0, part < 0 ? part : Math.floor(bytes.length * part));
    };
    const text = (content: string) => (): Promise<Buffer> => Promise.resolve(Buffer.from(content, 'latin1'));

    it.each([
      ['nothing', text(''), 'type'],
      ['a text', text('a picture'), 'type'],
      ['random bytes', () => Promise.resolve(randomBytes(5000)), 'type'],
      [
        'an SVG',
        text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'),
        'type',
      ],
      [
        'an SVG with a declaration',
        text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
        'type',
      ],
      ['HTML', text('<!doctype html><script>alert(1)</script>'), 'type'],
      ['a PDF', text('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>'), 'type'],
      ['a GIF', () => corners(8, 8).gif().toBuffer(), 'type'],
      ['an animated GIF', () => animation('gif'), 'type'],
      ['a TIFF', () => corners(8, 8).tiff().toBuffer(), 'type'],
      ['a HEIC', async () => withBrands(await avif(), { avif: 'heic' }), 'type'],
      ['HTML with a JPEG behind it', async () => Buffer.concat([Buffer.from('<html>'), await jpeg()]), 'type'],
      ['a GIF with a JPEG behind it', async () => Buffer.concat([Buffer.from('GIF89a'), await jpeg()]), 'type'],

      ['a PNG of 50,000 × 50,000 pixels', () => Promise.resolve(pngOf(50_000, 50_000, zeros(100))), 'pixels'],
      [
        'a PNG of the largest size that there is',
        () => Promise.resolve(pngOf(0x7fffffff, 0x7fffffff, Buffer.alloc(10))),
        'broken',
      ],
      ['a picture of one row too many', () => Promise.resolve(pngOf(10_000, 5001, zeros(5001 * 10_001))), 'pixels'],
      ['a WebP of the largest size that there is', () => Promise.resolve(webpOf(16_383, 16_383)), 'pixels'],

      ['an animated WebP', () => animation('webp'), 'animated'],
      ['an APNG', async () => withChunks(await small(), ...ANIMATION), 'animated'],
      ['an AVIF sequence', async () => withBrands(await avif(), { avif: 'avis' }), 'animated'],

      ['the first bytes of a JPEG', () => Promise.resolve(Buffer.from([0xff, 0xd8, 0xff])), 'broken'],
      ['half the signature of a PNG', text('\x89PNG'), 'type'],
      ['the first tenth of a JPEG', () => cut(jpeg(), 0.1), 'broken'],
      ['half a JPEG', () => cut(jpeg(), 0.5), 'broken'],
      ['a JPEG without its last byte', () => cut(jpeg(), -1), 'broken'],
      ['half a progressive JPEG', () => cut(noise(320, 240).jpeg({ progressive: true }).toBuffer(), 0.5), 'broken'],
      ['the signature of a PNG', text('\x89PNG\r\n\x1a\n'), 'broken'],
      ['the first tenth of a PNG', () => cut(png(), 0.1), 'broken'],
      ['half a PNG', () => cut(png(), 0.5), 'broken'],
      ['a PNG without its last chunk', () => cut(png(), -12), 'broken'],
      ['a PNG without its last byte', () => cut(png(), -1), 'broken'],
      ['half a WebP', () => cut(webp(), 0.5), 'broken'],
      ['a WebP without its last byte', () => cut(webp(), -1), 'broken'],
      ['the first tenth of an AVIF', () => cut(avif(), 0.1), 'broken'],
      ['half an AVIF', () => cut(avif(), 0.5), 'broken'],
      ['an AVIF without its last byte', () => cut(avif(), -1), 'broken'],

      ['a JPEG that is random behind its header', async () => withGarbage(await jpeg(), 700), 'broken'],
      ['a PNG that is random behind its header', async () => withGarbage(await png(), 60), 'broken'],
      ['a WebP that is random behind its header', async () => withGarbage(await webp(), 60), 'broken'],
      ['an AVIF that is random behind its header', async () => withGarbage(await avif(), 600), 'broken'],
      ['the header of a PNG and no pixels', () => Promise.resolve(pngOf(8, 8, Buffer.alloc(0))), 'broken'],
      ['a PNG with fewer pixels than it says', () => Promise.resolve(pngOf(100, 100, zeros(100))), 'broken'],
    ] as const)('refuses %s', async (_, build, reason) => {
      const [path, folder] = [await save(await build()), await newFolder()];

      const refused = await images.accept(path, folder).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(ImageRefused);
      expect(refused).toMatchObject({ reason, message: expect.stringMatching(/\. (Send|Save) /) });
      expect(await readdir(folder)).toEqual([]);
      // and nothing happened to the process
      expect(images.processIds).toEqual([pid]);
    });

    it.each([
      [
        'a PNG whose pixels are compressed to a hundredth',
        () => Promise.resolve(pngOf(7000, 7000, zeros(7000 * 7001))),
      ],
      ['a PNG with more pixels than it says', () => Promise.resolve(pngOf(10, 10, zeros(100 * MB)))],
      ['a PNG with a text of 100 MB, compressed', async () => withChunks(await small(), compressedText(100 * MB))],
    ])('reads %s without the memory that it asks for', async (_, build) => {
      const folder = await newFolder();
      const outcome = await images.accept(await save(await build()), folder).catch((error: unknown) => error);

      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImageRefused);
      expect(images.processIds).toEqual([pid]);
      expect(peakOf(pid ?? 0)).toBeLessThan(300 * MB);
    });

    it.each([
      ['an AVIF', 'avif', {}],
      ['an interlaced PNG of 16 bits', 'png', { progressive: true }],
    ] as const)('takes half as many pixels of %s, which needs more memory for each', async (_, type, options) => {
      const limited = open({ maxPixels: 800 });
      const build = (height: number): Promise<Buffer> =>
        corners(40, height).toColourspace('rgb16').toFormat(type, options).toBuffer();

      expect((await accept(limited, await corners(40, 20).png().toBuffer())).height).toBe(20);
      expect((await accept(limited, await build(10))).height).toBe(10);
      await expect(accept(limited, await build(11))).rejects.toMatchObject({ reason: 'pixels' });
      await limited.onApplicationShutdown();
    });

    it('refuses to derive of what is no original', async () => {
      await expect(images.derive(await save(await small()), await newFolder())).rejects.toMatchObject({
        reason: 'type',
      });
    });

    it('fails, and refuses nothing, when the file is not there', async () => {
      const folder = await newFolder();

      await expect(images.accept(join(root, 'nothing'), folder)).rejects.toThrow(ImageFailure);
      expect(await readdir(folder)).toEqual([]);
    });

    it('takes the next picture after all of that, in the same process', async () => {
      expect((await accept(images, await jpeg())).files).toHaveLength(4);
      expect(images.processIds).toEqual([pid]);
    });

    it('gives the process nothing of the environment', () => {
      const names = readFileSync(`/proc/${String(pid)}/environ`, 'latin1')
        .split('\0')
        .filter(Boolean)
        .map((line) => line.split('=')[0]);

      expect(names.filter((name) => !name?.startsWith('NODE_CHANNEL_')).sort()).toEqual([
        'MALLOC_ARENA_MAX',
        'UV_THREADPOOL_SIZE',
      ]);
    });
  });

  describe('in their processes', () => {
    let large: string;
    let medium: string;
    let small: string;
    beforeAll(async () => {
      large = await save(await photograph());
      medium = await save(await noise(1200, 800).jpeg().toBuffer());
      small = await save(await corners(20, 10).png().toBuffer());
    });
    afterEach(closeAll);

    /** Waits until a file of a picture has been written in a folder: it is being processed. */
    const underWay = (folder: string): Promise<void> => until(() => globSync('*/*', { cwd: folder }).length > 0);

    it('starts none before the first picture', async () => {
      const images = open();
      expect(images.processIds).toEqual([]);

      await images.accept(small, await newFolder());
      expect(images.processIds).toHaveLength(1);
    });

    it('kills one that takes too long, and takes the next picture in another', async () => {
      const images = open({ acceptSeconds: 0.05 });
      const folder = await newFolder();
      const pids = new Set<number>();
      const work = images.accept(large, folder).catch((error: unknown) => error);
      await until(() => images.processIds.length > 0);
      pids.add(images.processIds[0] ?? 0);

      expect(await work).toMatchObject({ reason: 'time' });
      expect(await readdir(folder)).toEqual([]);
      expect([...pids].filter(isAlive)).toEqual([]);
      const original = await save(await corners(20, 10).jpeg().toBuffer());
      expect(await images.derive(original, await newFolder())).toHaveLength(8);
      expect(pids.has(images.processIds[0] ?? 0)).toBe(false);
    });

    it('fails the picture of one that is killed (kill -9), and takes the next in another', async () => {
      const images = open();
      const folder = await newFolder();
      const work = images.derive(medium, folder).catch((error: unknown) => error);
      await underWay(folder);
      const [pid = 0] = images.processIds;
      process.kill(pid, 'SIGKILL');

      const failure = await work;
      expect(failure).toBeInstanceOf(ImageFailure);
      expect(failure).toMatchObject({ message: expect.stringContaining('SIGKILL') });
      expect(await readdir(folder)).toEqual([]);
      expect((await images.accept(small, await newFolder())).width).toBe(20);
      expect(images.processIds).not.toContain(pid);
    });

    it('goes on after one was killed that had nothing to do', async () => {
      const images = open();
      await images.accept(small, await newFolder());
      const [pid = 0] = images.processIds;
      process.kill(pid, 'SIGKILL');
      await until(() => images.processIds.length === 0);

      expect((await images.accept(small, await newFolder())).width).toBe(20);
    });

    it('goes on when a terminal interrupts the group (SIGINT), or an init system ends it (SIGTERM)', async () => {
      const images = open();
      const folder = await newFolder();
      const work = images.derive(medium, folder);
      await underWay(folder);
      const [pid = 0] = images.processIds;
      process.kill(pid, 'SIGINT');
      process.kill(pid, 'SIGTERM');

      expect(await work).toHaveLength(8);
    });

    it('never has more than it may, however many pictures wait', async () => {
      const images = open({ processes: 2 });
      let most = 0;
      const timer = setInterval(() => {
        most = Math.max(most, images.processIds.filter(isAlive).length);
      }, 2);
      const folder = await newFolder();
      const made = await Promise.all(Array.from({ length: 8 }, () => images.accept(medium, folder)));
      clearInterval(timer);

      expect(most).toBe(2);
      expect(new Set(made.map(({ files }) => files[0]?.sha256)).size).toBe(1);
      expect(await readdir(folder)).toHaveLength(8);
    });

    it('refuses a picture when a hundred wait, and processes those', async () => {
      const images = open();
      const folder = await newFolder();
      const works = Array.from({ length: 101 }, () => images.accept(small, folder));
      await expect(images.accept(small, await newFolder())).rejects.toThrow(ImagesBusy);

      expect(await Promise.all(works)).toHaveLength(101);
      expect((await images.accept(small, folder)).width).toBe(20);
    });

    it('processes what a client waits for before what a job does', async () => {
      const images = open();
      const [original, folder] = [await save(await corners(20, 10).jpeg().toBuffer()), await newFolder()];
      const order: string[] = [];
      const note = (what: string) => (): void => void order.push(what);
      const works: Promise<void>[] = [];
      const begin = async (work: Promise<unknown>, what: string): Promise<void> => {
        works.push(work.then(note(what)));
        await until(async () => (await readdir(folder)).length === works.length);
      };
      await begin(images.derive(medium, folder), 'first');
      await begin(images.derive(original, folder), 'derived');
      await begin(images.accept(small, folder), 'accepted');
      await Promise.all(works);

      expect(order.filter((what) => what !== 'first')).toEqual(['accepted', 'derived']);
    });

    it('replaces one after so many pictures', async () => {
      const images = open({ picturesPerProcess: 2 });
      const pids = new Set<number>();
      for (let picture = 0; picture < 4; picture++) {
        await images.accept(small, await newFolder());
        for (const pid of images.processIds) pids.add(pid);
      }

      // after the second and the fourth there was none
      expect(pids.size).toBe(2);
      expect(images.processIds).toEqual([]);
    });

    it('ends one that has nothing to do', async () => {
      const images = open({ idleSeconds: 0.05 });
      await images.accept(small, await newFolder());
      const [pid = 0] = images.processIds;

      await until(() => images.processIds.length === 0);
      expect(isAlive(pid)).toBe(false);
    });

    it('ends all when the application stops, also in the middle of a picture, and takes no more', async () => {
      const images = open({ processes: 2 });
      const folder = await newFolder();
      const works = [images.derive(medium, folder), images.derive(medium, folder), images.derive(medium, folder)];
      const outcomes = Promise.allSettled(works);
      await underWay(folder);
      const pids = images.processIds;
      await images.onApplicationShutdown();

      expect(pids).toHaveLength(2);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(images.processIds).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: expect.any(ImageFailure) });
      await expect(images.accept(small, folder)).rejects.toThrow(ImageFailure);
      expect(await readdir(folder)).toEqual([]);
    });

    it('is a provider that needs no options, and stops with the application', async () => {
      const app = await NestFactory.createApplicationContext(ModuleOfImages, { logger: false });
      const images = app.get(ImagesService);
      await images.accept(small, await newFolder());
      const pids = images.processIds;
      expect(pids).toHaveLength(1);
      await app.close();

      expect(pids.filter(isAlive)).toEqual([]);
    });

    it('needs a bounded amount of memory there, and next to nothing here', async () => {
      const images = open();
      const folder = await newFolder();
      await images.accept(large, folder);
      const before = process.memoryUsage.rss();
      for (let picture = 0; picture < 4; picture++) await images.accept(large, folder);

      expect(peakOf(images.processIds[0] ?? 0)).toBeLessThan(256 * MB);
      expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MB);
    });

    describe('of another application', () => {
      /** A process that processes a picture, compiled as `npm run build` would. */
      const start = (env: Record<string, string>): ReturnType<typeof spawn> =>
        spawn(process.execPath, ['generated/tests/test/support/images.process.js'], {
          env: { ...process.env, ...env },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
      const firstLine = async (child: ReturnType<typeof spawn>): Promise<{ child: number; isLoaded: boolean }> => {
        if (!child.stdout) throw new Error('its output is not piped');
        for await (const line of createInterface(child.stdout))
          return JSON.parse(line) as { child: number; isLoaded: boolean };
        throw new Error('it ended without a word');
      };

      it('keep it no longer than it has something to do, and leave the library to its child', async () => {
        const application = start({ PICTURE: small, FOLDER: await newFolder() });
        const ended = once(application, 'exit');
        const { child, isLoaded } = await firstLine(application);

        expect(isLoaded).toBe(false);
        expect(await ended).toEqual([0, null]);
        await until(() => !isAlive(child));
      });

      it('end with it when it is killed (kill -9), in the middle of a picture', async () => {
        const folder = await newFolder();
        const application = start({ PICTURE: medium, FOLDER: folder, THEN: 'derive' });
        const { child } = await firstLine(application);
        await until(() => globSync('*/*.webp', { cwd: folder }).length > 0);
        application.kill('SIGKILL');

        await until(() => !isAlive(child));
        expect(globSync('*/*.avif', { cwd: folder }).length).toBeLessThan(4);
        expect(existsSync(medium)).toBe(true);
      });
    });
  });
});
