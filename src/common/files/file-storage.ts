import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { OtherSystemFailed } from '../errors/other-system-failed.js';

/** Bytes of a file, counted from 0, both ends included. A range that ends behind the last byte ends with it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file that is stored. */
export interface StoredFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** When it was stored last, by the clock of the storage. */
  readonly storedAt: Date;
}

/** There is no file of this name. */
export class FileMissing extends Error {
  constructor(file: string) {
    super(`there is no file ${file}`);
  }
}

/**
 * The storage did not do what it was asked, or did not answer: a full disk, a missing permission, a broken connection. Its message
 * has the code of the failure alone (`ENOSPC`, `AccessDenied`), `cause` has the rest.
 */
export class FileStorageFailed extends OtherSystemFailed {
  constructor(error: unknown) {
    super(`the file storage did not do what it was asked (${codeOf(error)})`, { cause: error });
  }
}

/**
 * Stores files: a folder, or a bucket of S3. Which one it is, configuration decides.
 *
 * A name is made of segments with `/` between them: `ab/cd/abcd.webp`. A segment has up to 255 lower-case letters, digits, `-` and `.`, and
 * does not begin with `.`; a name has up to 512 characters. No name is the folder of another one: where there is `ab/cd`, there is no file `ab`.
 *
 * No method is called inside of a unit of work. Each one throws a TypeError for a name that is none, and {@link FileStorageFailed}.
 */
export abstract class FileStorage {
  /**
   * Stores the bytes of a local file. Others see all of it, or what was stored under the name before. It may be done again, and by
   * several processes at once, with the same bytes.
   * @param path of the local file, which stays.
   */
  abstract put(name: string, path: string): Promise<void>;

  /**
   * Opens a file. The stream has to be read to its end or destroyed, since it holds a file or a connection until then.
   * @throws FileMissing before any byte.
   * @throws RangeError when the range begins behind the last byte.
   */
  abstract read(name: string, range?: ByteRange): Promise<Readable>;

  /**
   * All bytes of a file, whose size is known: faster than a stream, for a small one.
   * @throws FileMissing.
   * @throws FileStorageFailed also when the file has another size.
   */
  async readWhole(name: string, size: number): Promise<Buffer> {
    const bytes = await buffer(await this.read(name));
    if (bytes.length !== size) throw otherSize(name, size);
    return bytes;
  }

  /** The size of a file in bytes; undefined when there is none. */
  abstract size(name: string): Promise<number | undefined>;

  /** Deletes a file, if there is one. */
  abstract remove(name: string): Promise<void>;

  /**
   * All files in the order of their names (by character code), with a bounded number of them in memory. One that is stored or removed
   * meanwhile may be among them or not.
   * @param after a name: only files behind it.
   */
  abstract list(after?: string): AsyncIterable<StoredFile>;
}

const SEGMENT = '[a-z\\d-][a-z\\d.-]{0,254}';
const NAME = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);
const LONGEST_NAME = 512;

/** Whether a file may have this name. A storage may hold others, which are not ours and are not listed. */
export const isFileName = (name: string): boolean => name.length <= LONGEST_NAME && NAME.test(name);

/** @throws TypeError when no file may have this name. */
export function requireFileName(name: string): void {
  if (isFileName(name)) return;
  throw new TypeError(
    `${JSON.stringify(name)} is no name of a file: use lower-case letters, digits, "-" and ".", with "/" between segments`,
  );
}

/** @throws RangeError when it is no range of bytes. */
export function requireRange({ start, end }: ByteRange): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end) return;
  throw new RangeError(`${String(start)} to ${String(end)} is no range of bytes`);
}

/** A file is shorter than the start of a range. */
export const rangeBehindEnd = (name: string, { start }: ByteRange): RangeError =>
  new RangeError(`${name} has no byte ${String(start)}`);

/** A file has not so many bytes as it should. */
export const otherSize = (name: string, size: number): FileStorageFailed =>
  new FileStorageFailed(new Error(`${name} has not ${String(size)} bytes`));

/** What {@link FileStorage} is called where it must not be, as a message says it. */
export const FILE_STORAGE = 'the file storage';

/** The code of Node.js (`ENOSPC`), or the name that S3 gives an error (`AccessDenied`). */
export function codeOf(error: unknown): string {
  // by its looks: an error of Node.js itself may be one of another realm
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
}
