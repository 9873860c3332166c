import { constants, createWriteStream } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StartError } from '../common/config/start-error.js';
import { codeOf } from '../common/files/file-storage.js';
import { isStorableText } from './reader.product.js';

/** The file of a photo can't be read, for a reason that lies in its name or in the file. */
export class PhotoFileRefused extends Error {
  constructor(
    readonly reason: 'name' | 'outside' | 'missing' | 'notFile' | 'tooLarge' | 'unreadable',
    message: string,
  ) {
    super(message);
  }
}

/** The folder that the names of photos are relative to. Nothing outside of it is read, also when a link leads there. */
export class PhotoFolder {
  private constructor(private readonly root: string) {}

  /** @throws StartError when there is no such folder. */
  static async open(path: string): Promise<PhotoFolder> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) throw new StartError(`${path} is not a folder. Name the folder of the photos.`);
    return new PhotoFolder(await realpath(path));
  }

  /** Copies a file to a path, where there is none yet. @throws PhotoFileRefused; what the copy could not be written for. */
  async copy(name: string, path: string, maxBytes: number): Promise<void> {
    await using file = await open(
      await this.locate(name),
      // a pipe is not waited for
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    ).catch(refuse);
    const found = await file.stat();
    if (!found.isFile()) throw new PhotoFileRefused('notFile', 'It is not a file.');
    if (found.size > maxBytes)
      throw new PhotoFileRefused('tooLarge', `The file has more than ${String(maxBytes)} bytes.`);
    // the file that was looked at, even if it grows
    const bytes = file.createReadStream({ autoClose: false, start: 0, end: maxBytes - 1 });
    await pipeline(bytes, createWriteStream(path, { flags: 'wx' }));
  }

  /** Where a file is, behind all links. @throws PhotoFileRefused */
  private async locate(name: string): Promise<string> {
    if (!isStorableText(name) || isAbsolute(name) || name.split(/[/\\]/).includes('..'))
      throw new PhotoFileRefused('name', 'It is not the name of a file in the folder: leave out .. and a first /.');
    const path = await realpath(resolve(this.root, name)).catch(refuse);
    if (path.startsWith(this.root.endsWith(sep) ? this.root : `${this.root}${sep}`)) return path;
    throw new PhotoFileRefused('outside', 'It is outside of the folder.');
  }
}

function refuse(error: unknown): never {
  const code = codeOf(error);
  throw code === 'ENOENT' || code === 'ENOTDIR'
    ? new PhotoFileRefused('missing', 'There is no such file in the folder.')
    : new PhotoFileRefused('unreadable', `The file can't be read (${code}).`);
}
