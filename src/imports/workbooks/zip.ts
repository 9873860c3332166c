import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { UnreadableFileError } from '../reader.errors.js';

/** How many files an archive has at most. */
const MAX_ENTRIES = 10_000;

/** How many bytes all files that are read have at most, unpacked: a sheet of a million rows has less. */
export const MAX_UNPACKED = 1024 ** 3;

/** A ZIP archive on the disk, of which some files are read. What they declare as their length is what may come. */
export class Archive {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    private left = MAX_UNPACKED,
  ) {}

  /** @throws UnreadableFileError for what is no archive. */
  static async open(path: string): Promise<Archive> {
    const zip = await readable(() => openPromise(path, { lazyEntries: true, autoClose: false }));
    try {
      if (zip.entryCount > MAX_ENTRIES) throw broken(`it has more than ${String(MAX_ENTRIES)} files`);
      const entries = new Map<string, Entry>();
      await readable(async () => {
        for await (const entry of zip.eachEntry()) entries.set(entry.fileName.toLowerCase(), entry);
      });
      return new Archive(zip, entries);
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  close(): void {
    this.zip.close();
  }

  has(name: string): boolean {
    return this.entries.has(name.toLowerCase());
  }

  /** How long a file is, unpacked, in bytes. */
  lengthOf(name: string): number {
    return this.entries.get(name.toLowerCase())?.uncompressedSize ?? 0;
  }

  /**
   * The bytes of a file as they are unpacked.
   * @throws UnreadableFileError for what is not there, is damaged, or is too much together with what was read before.
   */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.entries.get(name.toLowerCase());
    if (!entry) throw broken(`it has no ${name}`);
    if (entry.uncompressedSize > this.left) throw broken(`it has more than ${String(MAX_UNPACKED)} bytes, unpacked`);
    this.left -= entry.uncompressedSize;
    const stream = await readable(() => this.zip.openReadStreamPromise(entry));
    let sum = 0;
    try {
      for await (const chunk of stream) {
        const bytes = Buffer.from(chunk as Uint8Array);
        sum = crc32(bytes, sum);
        yield bytes;
      }
    } catch (error) {
      throw isSystemError(error) ? error : broken(messageOf(error));
    } finally {
      stream.destroy();
    }
    if (sum !== entry.crc32) throw broken(`${name} is damaged`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the machine failed, and not the file: `EIO`, `ENOENT` and the like. */
const isSystemError = (error: unknown): boolean =>
  error instanceof UnreadableFileError || (error instanceof Error && 'syscall' in error);

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isSystemError(error) ? error : broken(messageOf(error));
  }
}

/** The failure of an archive that cannot be read. */
export const broken = (reason: string): UnreadableFileError =>
  new UnreadableFileError(
    `The file is no workbook that can be read: ${reason}. Save it as XLSX again, or as CSV, and import that.`,
  );
