import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Transactions } from '../../src/common/database/transactions.js';
import {
  type ByteRange,
  FileMissing,
  type FileStorage,
  FileStorageFailed,
} from '../../src/common/files/file-storage.js';

/** What the suite has to know of a storage under test. */
export interface StorageUnderTest {
  /** Makes one without files. */
  create: () => FileStorage;
  transactions: Transactions;
  /** Waits until its server, if it has one in this process, has closed its ends of connections. */
  settled?: () => Promise<void>;
}

/** More names than S3 lists at once. */
const MANY = 1050;

const NO_NAMES = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  '.incoming/a',
  'a/.b',
  'a\0b',
  'a\n',
  'A',
  'a b',
  'a_b',
  'a\\b',
  'ä',
  '%2e%2e',
  'a'.repeat(256),
  'a/'.repeat(256) + 'a',
];

/** What each implementation of {@link FileStorage} keeps to. */
export function describeStorage(name: string, current: () => StorageUnderTest): void {
  describe(`the file storage ${name}`, () => {
    let folder: string;
    let storage: FileStorage;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stockroom-local-'));
    });
    afterAll(() => rm(folder, { recursive: true }));
    beforeEach(() => {
      storage = current().create();
    });

    /** A local file with these bytes. */
    const local = async (bytes: Uint8Array | string): Promise<string> => {
      const path = join(folder, randomUUID());
      await writeFile(path, bytes);
      return path;
    };
    const store = async (file: string, bytes: Uint8Array | string): Promise<void> =>
      storage.put(file, await local(bytes));
    const bytesOf = async (file: string, range?: ByteRange): Promise<Buffer> => buffer(await storage.read(file, range));
    const names = async (after?: string): Promise<string[]> =>
      (await Array.fromAsync(storage.list(after))).map((file) => file.name);

    it.each([
      ['no byte', 0],
      ['one byte', 1],
      ['6 MB', 6_000_000],
    ])('gives back the same bytes: %s', async (_, size) => {
      const bytes = randomBytes(size);
      await store('ab/cd/photo.webp', bytes);

      expect(digest(await bytesOf('ab/cd/photo.webp'))).toBe(digest(bytes));
      expect(await storage.size('ab/cd/photo.webp')).toBe(size);
    });

    it.each([0, 1, 60_000])('reads a file of %i bytes whole', async (size) => {
      const bytes = randomBytes(size);
      await store('ab/cd', bytes);

      expect(digest(await storage.readWhole('ab/cd', size))).toBe(digest(bytes));
    });

    it.each([9, 11])('fails to read a file whole that has not %i bytes', async (size) => {
      await store('digits.txt', '0123456789');

      await expect(storage.readWhole('digits.txt', size)).rejects.toThrow(FileStorageFailed);
    });

    it('changes no byte, whichever it is', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await store('all', bytes);

      expect(await bytesOf('all')).toEqual(bytes);
    });

    it.each([
      ['the first byte', 0, 0, '0'],
      ['some in the middle', 3, 5, '345'],
      ['the last byte', 9, 9, '9'],
      ['all', 0, 9, '0123456789'],
      ['up to behind the end', 8, 100, '89'],
    ])('reads a range: %s', async (_, start, end, expected) => {
      await store('digits.txt', '0123456789');

      expect(String(await bytesOf('digits.txt', { start, end }))).toBe(expected);
    });

    it.each([
      ['behind the end', 10, 12],
      ['backwards', 5, 4],
      ['before the start', -1, 2],
      ['within a byte', 0.5, 2],
      ['of no number', Number.NaN, 2],
    ])('refuses a range %s', async (_, start, end) => {
      await store('digits.txt', '0123456789');

      await expect(storage.read('digits.txt', { start, end })).rejects.toThrow(RangeError);
    });

    it('has no range of a file without bytes', async () => {
      await store('empty', '');

      await expect(storage.read('empty', { start: 0, end: 0 })).rejects.toThrow(RangeError);
    });

    it('says that a file is missing before any byte, and nothing else of it', async () => {
      await store('ab/cd', 'x');

      for (const missing of ['none', 'ab', 'ab/none', 'ab/cd/none']) {
        await expect(storage.read(missing)).rejects.toThrow(FileMissing);
        await expect(storage.readWhole(missing, 1)).rejects.toThrow(FileMissing);
        await expect(storage.read(missing, { start: 0, end: 0 })).rejects.toThrow(FileMissing);
        expect(await storage.size(missing)).toBeUndefined();
        await expect(storage.remove(missing)).resolves.toBeUndefined();
      }
      expect(String(await bytesOf('ab/cd'))).toBe('x');
    });

    it('replaces a file, and readers see all of the one or all of the other', async () => {
      const versions = await Promise.all([300_000, 200_000].map((size) => local(randomBytes(size))));
      const [first = '', second = ''] = versions;
      const known = await Promise.all(versions.map(async (path) => digest(await readFile(path))));
      await storage.put('photo', first);
      const done = new AbortController();
      const reading = (async (): Promise<string[]> => {
        const seen = [];
        while (!done.signal.aborted) seen.push(digest(await bytesOf('photo')));
        return seen;
      })();

      for (let round = 0; round < 20; round++) await storage.put('photo', round % 2 === 0 ? second : first);
      await storage.put('photo', second);
      done.abort();

      expect(new Set([...known, ...(await reading)])).toEqual(new Set(known));
      expect(digest(await bytesOf('photo'))).toBe(known[1]);
      expect(await storage.size('photo')).toBe(200_000);
    });

    it('stores 50 files at once, each of them whole', async () => {
      const files = Array.from({ length: 50 }, (_, index) => ({
        file: `${String(index % 7)}/${String(index)}`,
        bytes: randomBytes(100_000 + index),
      }));

      await Promise.all(files.map(({ file, bytes }) => store(file, bytes)));

      for (const { file, bytes } of files) expect(digest(await bytesOf(file))).toBe(digest(bytes));
    });

    it('stores one file 20 times at once', async () => {
      const bytes = randomBytes(200_000);
      const path = await local(bytes);

      await Promise.all(Array.from({ length: 20 }, () => storage.put('ab/cd', path)));

      expect(digest(await bytesOf('ab/cd'))).toBe(digest(bytes));
      expect(await names()).toEqual(['ab/cd']);
      expect(digest(await readFile(path))).toBe(digest(bytes));
    });

    it.each([
      ['is not there', (): Promise<string> => Promise.resolve(join(folder, 'none'))],
      ['is a folder', (): Promise<string> => Promise.resolve(folder)],
    ])('stores nothing when the local file %s', async (_, path) => {
      await expect(storage.put('ab/cd', await path())).rejects.toThrow(FileStorageFailed);

      expect(await storage.size('ab/cd')).toBeUndefined();
      expect(await names()).toEqual([]);
    });

    it('removes a file, also twice, and no other', async () => {
      await Promise.all([store('ab/a', 'x'), store('ab/b', 'x')]);

      await storage.remove('ab/a');
      await storage.remove('ab/a');

      expect(await names()).toEqual(['ab/b']);
      await expect(storage.read('ab/a')).rejects.toThrow(FileMissing);
    });

    it('lists files with their size and time', async () => {
      const before = Date.now();
      await store('ab/cd', '12345');
      const [file] = await Array.fromAsync(storage.list());

      expect(file).toMatchObject({ name: 'ab/cd', size: 5 });
      // another clock, and some storages count no milliseconds
      expect(Math.abs(Number(file?.storedAt) - before)).toBeLessThan(30_000);
    });

    it('lists files in the order of their names, from any name on', async () => {
      // "-" and "." come before "/", digits and letters after it
      const sorted = ['a-b', 'a-b/c', 'a.b', 'a/b', 'a/b.c', 'a/c/d', 'a0', 'a0/b', 'aa', 'b', 'b0/c/d/e', 'c'].filter(
        (file, _, all) => !all.some((other) => other.startsWith(`${file}/`)),
      );
      await Promise.all(sorted.toReversed().map((file) => store(file, 'x')));

      expect(await names()).toEqual(sorted);
      for (const after of [...sorted, '0', 'a', 'a-b', 'a/bb', 'a/c', 'a/c/zz', 'a0/0', 'b0/c', 'zz']) {
        expect(await names(after)).toEqual(sorted.filter((file) => file > after));
      }
    });

    it('lists more files than S3 does at once, each of them once', async () => {
      const path = await local('x');
      const all = Array.from({ length: MANY }, (_, index) => {
        const number = String(index).padStart(4, '0');
        return `${number.slice(0, 2)}/${number}.webp`;
      });
      for (let done = 0; done < MANY; done += 50) {
        await Promise.all(all.slice(done, done + 50).map((file) => storage.put(file, path)));
      }

      expect(await names()).toEqual(all);
      expect(await names(all[20])).toEqual(all.slice(21));
      for await (const { name: first } of storage.list(all[41])) {
        expect(first).toBe(all[42]);
        break;
      }
    });

    it.each(NO_NAMES)('refuses the name %j', async (bad) => {
      const path = await local('x');

      await expect(storage.put(bad, path)).rejects.toThrow(TypeError);
      await expect(storage.read(bad)).rejects.toThrow(TypeError);
      await expect(storage.readWhole(bad, 1)).rejects.toThrow(TypeError);
      await expect(storage.size(bad)).rejects.toThrow(TypeError);
      await expect(storage.remove(bad)).rejects.toThrow(TypeError);
      if (bad !== '') expect(() => storage.list(bad)).toThrow(TypeError);
    });

    it.each(['a', '0', '-', 'a..b', 'a-.', `${'a'.repeat(255)}/b`, `${'ab/'.repeat(170)}cd`])(
      'takes the name %j',
      async (good) => {
        await store(good, 'x');
        expect(await names()).toEqual([good]);
        await storage.remove(good);

        expect(await names()).toEqual([]);
      },
    );

    it('is not called inside of a unit of work', async () => {
      await store('a', 'x');
      const path = await local('x');
      const calls: (() => unknown)[] = [
        () => storage.put('b', path),
        () => storage.read('a'),
        () => storage.readWhole('a', 1),
        () => storage.size('a'),
        () => storage.remove('a'),
        () => Array.fromAsync(storage.list()),
      ];

      for (const call of calls) {
        await expect(current().transactions.run(call)).rejects.toThrow('inside of a unit of work');
      }
      expect(await names()).toEqual(['a']);
    });

    it('keeps nothing open of reads that are given up, and of those that fail', async () => {
      await store('ab/large', randomBytes(1_000_000));
      const giveUp = async (isBegun: boolean): Promise<void> => {
        const stream = await storage.read('ab/large');
        if (isBegun) await stream.iterator({ destroyOnReturn: false }).next();
        await once(stream.destroy(), 'close');
      };
      const range = { start: 1_000_000, end: 1_000_000 };
      await giveUp(true);
      // S3 keeps a connection or two for later, each with two ends here
      const allowed = openFiles() + 10;

      await Promise.all(Array.from({ length: 200 }, (_, index) => giveUp(index % 2 === 0)));
      await current().settled?.();
      expect(openFiles()).toBeLessThanOrEqual(allowed);
      for (let time = 0; time < 50; time++) {
        await expect(storage.read('ab')).rejects.toThrow(FileMissing);
        await expect(storage.readWhole('ab', 1)).rejects.toThrow(FileMissing);
        await expect(storage.readWhole('ab/large', 1)).rejects.toThrow(FileStorageFailed);
        await expect(storage.read('ab/large', range)).rejects.toThrow(RangeError);
      }

      await current().settled?.();
      // now, before garbage collection closes what was left open
      expect(openFiles()).toBeLessThanOrEqual(allowed);
    });
  });
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** How many files and sockets this process has open. */
const openFiles = (): number => readdirSync('/dev/fd').length;
