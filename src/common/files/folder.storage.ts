import { randomUUID } from 'node:crypto';
import { close, createReadStream, type Dirent, open as openNumbered, read } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { assertOutsideUnit } from '../database/transactions.js';
import type { Clock } from '../time/clock.js';
import {
  type ByteRange,
  codeOf,
  FILE_STORAGE,
  FileMissing,
  FileStorage,
  FileStorageFailed,
  isFileName,
  otherSize,
  rangeBehindEnd,
  requireFileName,
  requireRange,
  type StoredFile,
} from './file-storage.js';

/** Where files are until they are whole: inside of the folder, since only on one file system a rename is atomic. */
const INCOMING = '.incoming';

/** After how many milliseconds a file in {@link INCOMING} is taken for one that a killed process has left. */
const LEFT_OVER_AFTER = 24 * 60 * 60 * 1000;

/** No file, a file in the place of a folder, and a folder in the place of a file. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** With numbers for open files, which cost less than `FileHandle`. */
const [openFile, readFile, closeFile] = [promisify(openNumbered), promisify(read), promisify(close)];

/** Files in a folder, which several processes may share. Nothing is made before the first file is stored. */
export class FolderStorage extends FileStorage {
  private readonly folder: string;
  private readonly incoming: string;

  constructor(
    folder: string,
    private readonly clock: Clock,
  ) {
    super();
    this.folder = resolve(folder);
    this.incoming = join(this.folder, INCOMING);
  }

  async put(name: string, path: string): Promise<void> {
    assertOutsideUnit(FILE_STORAGE);
    const target = this.pathOf(name);
    const incoming = join(this.incoming, randomUUID());
    try {
      await makeFolder(this.incoming);
      await copy(path, incoming);
      await makeFolder(dirname(target));
      await rename(incoming, target);
      await flushFolder(dirname(target));
    } catch (error) {
      // the first failure is the one that matters; what is left is removed a day later
      await rm(incoming, { force: true }).catch(() => undefined);
      throw new FileStorageFailed(error);
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    assertOutsideUnit(FILE_STORAGE);
    const path = this.pathOf(name);
    if (range) requireRange(range);
    const file = await unlessMissing(open(path));
    if (!file) throw new FileMissing(name);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new FileMissing(name);
      if (range && range.start >= found.size) throw rangeBehindEnd(name, range);
      return file.createReadStream(range);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  override async readWhole(name: string, size: number): Promise<Buffer> {
    assertOutsideUnit(FILE_STORAGE);
    const file = await unlessMissing(openFile(this.pathOf(name), 'r'));
    if (file === undefined) throw new FileMissing(name);
    try {
      // a byte more, which is not there
      const bytes = Buffer.allocUnsafe(size + 1);
      const found = await unlessMissing(readFile(file, bytes, 0, size + 1, 0));
      if (!found) throw new FileMissing(name);
      if (found.bytesRead !== size) throw otherSize(name, size);
      return bytes.subarray(0, size);
    } finally {
      await closeFile(file);
    }
  }

  async size(name: string): Promise<number | undefined> {
    assertOutsideUnit(FILE_STORAGE);
    requireFileName(name);
    return (await this.find(name))?.size;
  }

  async remove(name: string): Promise<void> {
    assertOutsideUnit(FILE_STORAGE);
    await unlessMissing(unlink(this.pathOf(name)));
  }

  list(after = ''): AsyncIterable<StoredFile> {
    assertOutsideUnit(FILE_STORAGE);
    if (after !== '') requireFileName(after);
    return this.listAll(after);
  }

  private async *listAll(after: string): AsyncGenerator<StoredFile> {
    await this.removeLeftOvers();
    yield* this.listFolder('', after);
  }

  /** @param prefix the folder, with `/` at its end; empty for all. */
  private async *listFolder(prefix: string, after: string): AsyncGenerator<StoredFile> {
    for (const name of namesOf(await entriesOf(join(this.folder, prefix)), prefix)) {
      if (name.endsWith('/')) {
        if (name > after || after.startsWith(name)) yield* this.listFolder(name, after);
      } else if (name > after) {
        const file = await this.find(name);
        if (file) yield file;
      }
    }
  }

  private async find(name: string): Promise<StoredFile | undefined> {
    const found = await unlessMissing(stat(this.pathOf(name)));
    return found?.isFile() ? { name, size: found.size, storedAt: found.mtime } : undefined;
  }

  private async removeLeftOvers(): Promise<void> {
    const before = this.clock.now().getTime() - LEFT_OVER_AFTER;
    for (const { name } of await entriesOf(this.incoming)) {
      const path = join(this.incoming, name);
      const found = await unlessMissing(stat(path));
      if (found && found.mtimeMs < before) await unlessMissing(unlink(path));
    }
  }

  private pathOf(name: string): string {
    requireFileName(name);
    return join(this.folder, name);
  }
}

/** The names of what is ours in a folder, in the order of all names: a folder counts with the `/` that follows it. */
function namesOf(entries: Dirent[], prefix: string): string[] {
  return entries
    .filter((entry) => isFileName(prefix + entry.name) && (entry.isFile() || entry.isDirectory()))
    .map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort();
}

/** What a folder has in it; nothing when there is none. */
const entriesOf = async (folder: string): Promise<Dirent[]> =>
  (await unlessMissing(readdir(folder, { withFileTypes: true }))) ?? [];

/** Copies a file to a new one, and waits until the disk has it. */
async function copy(path: string, to: string): Promise<void> {
  const file = await open(to, 'wx');
  try {
    await file.writeFile(createReadStream(path));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder and those that it is in, where they are not there, and waits until the disk has them. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await flushFolder(dirname(made));
}

/** Waits until the disk has the names in a folder. */
async function flushFolder(folder: string): Promise<void> {
  const opened = await open(folder);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** @returns undefined when there is no such file. @throws FileStorageFailed */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (MISSING.has(codeOf(error))) return undefined;
    throw new FileStorageFailed(error);
  }
}
