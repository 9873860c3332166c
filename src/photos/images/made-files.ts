import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { pictureTypeOf } from './image-content.js';
import { type ImageFile, LONGER_SIDE, nameOf } from './image-files.js';
import { ImageFailure } from './image-failures.js';

/** A file that was made, and that nothing else refers to: it may be moved. */
export interface MadeFile extends ImageFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Of its bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** A file that is larger than this is none that we make, in bytes: pixels of an original without any compression. */
const MAX_FILE = LONGER_SIDE.original ** 2 * 4;

/** Looks at a file that a child made, and does not believe what it says. @throws ImageFailure when it is not what it should be. */
export async function describeFile(file: ImageFile, path: string): Promise<MadeFile> {
  const entry = await lstat(path);
  if (!entry.isFile() || entry.size === 0 || entry.size > MAX_FILE)
    throw new ImageFailure(`${nameOf(file)} is not a file that was made.`);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (size === 0 && pictureTypeOf(chunk) !== file.mediaType)
      throw new ImageFailure(`${nameOf(file)} is not of the type ${file.mediaType}.`);
    hash.update(chunk);
    size += chunk.length;
  }
  return { ...file, path, size, sha256: hash.digest('hex') };
}
