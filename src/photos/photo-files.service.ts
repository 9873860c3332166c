import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../common/errors/app-error.js';
import { Unavailable } from '../common/errors/errors.js';
import { Transactions } from '../common/database/transactions.js';
import { type ByteRange, FileStorage } from '../common/files/file-storage.js';
import { inWorkFolder } from '../common/files/work-folder.js';
import type { MadeFile } from './images/made-files.js';
import { type FileRow, type KeptFile, type NewPhoto, PhotosRepository } from './photos.repository.js';

/** How many files are removed between two looks. */
const BATCH = 100;

/** How long a file is that is read at once, in bytes: most of those that pages show. */
const SMALL = 64 * 1024;

const ENDINGS: Record<FileRow['mediaType'], string> = {
  'image/avif': 'avif',
  'image/webp': 'webp',
  'image/jpeg': 'jpg',
};

/** How the name of a file of a media type ends. */
export const endingOf = (type: FileRow['mediaType']): string => ENDINGS[type];

/**
 * What a file is called in the storage: after its content, and after its row, so that one which is being removed is not taken for one
 * that has just been stored.
 */
export const nameOf = ({ id, sha256, mediaType }: Omit<FileRow, 'size'>): string =>
  `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}-${id}.${endingOf(mediaType)}`;

/** The id of the row of a file, by its name; undefined for one that is no file of photos. */
export const idIn = (name: string): string | undefined =>
  /^[\da-f]{2}\/[\da-f]{2}\/[\da-f]{64}-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.\w+$/.exec(name)?.[1];

/** A file that was made for a photo. */
type FileOfPhoto = MadeFile & { readonly photoId: string };

/** A photo that is not stored yet, with its first files. */
export interface MadePhoto {
  readonly photo: NewPhoto;
  readonly files: readonly MadeFile[];
}

/**
 * The files of photos in the storage. A row is there before its file and after it: what a crash leaves behind is known, and is removed later.
 */
@Injectable()
export class PhotoFilesService {
  constructor(
    private readonly photos: PhotosRepository,
    private readonly storage: FileStorage,
    private readonly transactions: Transactions,
  ) {}

  /** Stores the first files of new photos, which are pending then. */
  async storeNew(made: readonly MadePhoto[]): Promise<void> {
    const all = made.flatMap(({ photo, files }) => ofPhoto(photo.id, files));
    await this.store(all, async (files) => {
      await this.photos.insert(made.map(({ photo }) => photo));
      return this.photos.insertFiles(files);
    });
  }

  /** Stores further files of a photo. @returns whether the photo is there still. */
  async storeMore(photoId: string, made: readonly MadeFile[]): Promise<boolean> {
    const isThere = await this.store(ofPhoto(photoId, made), async (files) =>
      (await this.photos.lock(photoId)) ? this.photos.insertFiles(files) : undefined,
    );
    if (isThere) await this.photos.update(photoId, { isComplete: true });
    return isThere;
  }

  /** Reads a small file, or opens a larger one or a part. @throws FileMissing. */
  async read(file: FileRow, range?: ByteRange): Promise<Readable | Buffer> {
    return !range && file.size <= SMALL
      ? this.storage.readWhole(nameOf(file), file.size)
      : this.storage.read(nameOf(file), range);
  }

  /** Does something with a copy of a file on this machine. @throws FileMissing. */
  async withCopy<T>(file: FileRow, work: (path: string, folder: string) => Promise<T>): Promise<T> {
    return inWorkFolder(async (folder) => {
      const path = join(folder, 'copy');
      await pipeline(await this.storage.read(nameOf(file)), createWriteStream(path));
      return work(path, folder);
    });
  }

  /** Removes what is marked as deleted. */
  async removeDeleted(): Promise<void> {
    let files: FileRow[];
    do {
      files = await this.photos.findDeletedFiles(BATCH);
      for (const file of files) await this.storage.remove(nameOf(file));
      await this.photos.deleteFileRows(files.map(({ id }) => id));
    } while (files.length === BATCH);
  }

  /**
   * Writes the rows, stores the files, and marks the rows.
   * @param insert writes the rows; undefined when they are not wanted any more.
   */
  private async store(
    made: readonly FileOfPhoto[],
    insert: (files: (KeptFile & { id: string })[]) => Promise<FileRow[] | undefined>,
  ): Promise<boolean> {
    const paths = new Map(made.map(({ sha256, path }) => [sha256, path]));
    const rows = made.length === 0 ? [] : await this.transactions.run(() => insert(filesOf(made)));
    if (!rows) return false;
    for (const row of rows) await this.put(row, paths.get(row.sha256) ?? '');
    const stored = await this.transactions.run(() => this.photos.markStored(rows.map(({ id }) => id)));
    const gone = rows.filter(({ id }) => !stored.includes(id));
    // their rows may have been deleted before the files were written, and nobody else knows of them then
    for (const file of gone) await this.storage.remove(nameOf(file));
    if (gone.length > 0)
      throw new AppError(Unavailable, 'Files of the photo were removed while they were stored. Send it again.', {
        retryAfter: 1,
      });
    return true;
  }

  /** One that is there and whole is not stored again; RFC 9530 would call its name its digest. */
  private async put(file: FileRow, path: string): Promise<void> {
    const name = nameOf(file);
    if ((await this.storage.size(name)) !== file.size) await this.storage.put(name, path);
  }
}

const ofPhoto = (photoId: string, files: readonly MadeFile[]): FileOfPhoto[] =>
  files.map((file) => ({ ...file, photoId }));

/** Files by their content: variants that are the same have one. */
function filesOf(made: readonly FileOfPhoto[]): (KeptFile & { id: string })[] {
  return [...Map.groupBy(made, ({ sha256 }) => sha256).values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const { sha256, mediaType, size } = first;
    return [
      {
        id: uuidv7(),
        sha256,
        mediaType,
        size,
        variants: same.map(({ photoId, variant, width, height }) => ({ photoId, variant, width, height })),
      },
    ];
  });
}
