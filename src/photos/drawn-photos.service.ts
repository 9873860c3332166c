import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { EventsService } from '../common/events/events.service.js';
import { inWorkFolder } from '../common/files/work-folder.js';
import type { PhotoVariantName } from './entities/photo-variant.entity.js';
import type { MadeFile } from './images/made-files.js';
import { type MadePhoto, PhotoFilesService } from './photo-files.service.js';
import { ADDED, PhotoAdded, type PhotoSubject } from './photos.events.js';
import { PhotosRepository } from './photos.repository.js';

/** A square picture that the application has made itself, as two JPEGs. It is smaller than a `medium` photo: that is the original. */
export interface DrawnPicture {
  readonly original: Buffer;
  /** Of the original, in pixels. */
  readonly side: number;
  readonly thumb: Buffer;
  readonly thumbSide: number;
  /** As of any photo, in Base64. */
  readonly thumbHash: string;
}

/** Photos that the application draws itself. They are stored as those that are sent are; only JPEG, in the sizes that there are. */
@Injectable()
export class DrawnPhotosService {
  constructor(
    private readonly photos: PhotosRepository,
    private readonly files: PhotoFilesService,
    private readonly events: EventsService,
  ) {}

  /** Stores pictures, which nobody sees until they are published. @returns the ids of the photos, in the order of the pictures. */
  async store(pictures: readonly DrawnPicture[]): Promise<string[]> {
    return inWorkFolder(async (folder) => {
      const made = await Promise.all(pictures.map((picture) => makePhoto(picture, folder)));
      await this.files.storeNew(made);
      return made.map(({ photo }) => photo.id);
    });
  }

  /** Has stored photos be shown; in the unit of work of what they are of. */
  async publish(photos: readonly { readonly id: string; readonly of: PhotoSubject }[]): Promise<void> {
    await this.photos.publishComplete(photos.map(({ id }) => id));
    this.events.publishAll(
      PhotoAdded,
      photos.map(({ id, of }) => ({ id, version: ADDED, data: { subjectType: of.type, subjectId: of.id } })),
    );
  }
}

async function makePhoto(picture: DrawnPicture, folder: string): Promise<MadePhoto> {
  const { original, side, thumb, thumbSide, thumbHash } = picture;
  const id = uuidv7();
  return {
    // nobody has sent it: it uses up the quota of nobody
    photo: { id, uploadedBy: null, width: side, height: side, hasAlpha: false, thumbHash, size: original.length },
    files: [
      ...(await makeFiles(original, side, ['original', 'large', 'medium'], join(folder, `${id}-original`))),
      ...(await makeFiles(thumb, thumbSide, ['thumb'], join(folder, `${id}-thumb`))),
    ],
  };
}

/** Writes a file that is several variants. */
async function makeFiles(
  bytes: Buffer,
  side: number,
  variants: readonly PhotoVariantName[],
  path: string,
): Promise<MadeFile[]> {
  await writeFile(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { mediaType: 'image/jpeg', width: side, height: side, path, size: bytes.length, sha256 } as const;
  return variants.map((variant) => ({ ...file, variant }));
}
