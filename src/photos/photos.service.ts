import { join } from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Retention } from '../common/background/retention.js';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { AppError, type ErrorKind } from '../common/errors/app-error.js';
import { NotFound, Unavailable } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { FileMissing } from '../common/files/file-storage.js';
import { inWorkFolder } from '../common/files/work-folder.js';
import { type FileAnswer, preferredOf } from '../common/http/output/file-answer.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import type { PhotoRow } from './dto/photo.dto.js';
import { PHOTO_TYPES } from './entities/photo-file.entity.js';
import { PHOTO_VARIANTS, type PhotoVariantName } from './entities/photo-variant.entity.js';
import { ImageFailure, ImageRefused, ImagesBusy, type RefusalReason } from './images/image-failures.js';
import { type AcceptedImage, ImagesService } from './images/images.service.js';
import type { MadeFile } from './images/made-files.js';
import { endingOf, PhotoFilesService } from './photo-files.service.js';
import {
  PhotoAnimated,
  PhotoBroken,
  PhotoQuotaExceeded,
  PhotoTooManyPixels,
  PhotoTooSlow,
  PhotoTypeUnsupported,
} from './photos.errors.js';
import { ADDED, PhotoAdded, PhotoRemoved, type PhotoSubject, REMOVED } from './photos.events.js';
import { MakeVariants, RemoveFiles } from './photos.jobs.js';
import { MAX_PHOTO } from './photos.limits.js';
import { PhotosRepository, type VariantFile } from './photos.repository.js';

const MIB = 1024 * 1024;

/** After how many seconds what stores a photo is taken to have ended. */
const ABANDONED_AFTER = 3600;

/** How long caches may keep a variant while better ones are being made, in seconds. */
const UNTIL_COMPLETE = 10;

const REFUSALS: Record<RefusalReason, ErrorKind> = {
  type: PhotoTypeUnsupported,
  pixels: PhotoTooManyPixels,
  animated: PhotoAnimated,
  broken: PhotoBroken,
  time: PhotoTooSlow,
};

/** What a photo comes from: a form, or another place. */
export interface PhotoSource {
  /**
   * Writes the file to a path, where there is none yet.
   * @param maxBytes how long it may be.
   * @returns what is said of it.
   */
  receive(path: string, maxBytes: number): Promise<Partial<Record<string, string>>>;
}

/** A photo that was received and stored, which nobody sees until it is published. */
export interface ReceivedPhoto {
  readonly photo: PhotoRow;
  /** What its source said of it. */
  readonly texts: Partial<Record<string, string>>;
}

/** Photos: received, stored, shown and removed. What a photo is of, other features know. */
@Injectable()
export class PhotosService implements OnModuleInit {
  private readonly logger = new Logger(PhotosService.name);
  private readonly quota: number;

  constructor(
    private readonly photos: PhotosRepository,
    private readonly files: PhotoFilesService,
    private readonly images: ImagesService,
    private readonly jobs: JobsService,
    private readonly events: EventsService,
    private readonly retention: Retention,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.quota = config.photoQuotaMib * MIB;
  }

  onModuleInit(): void {
    this.jobs.handle(MakeVariants, ({ photoId }) => this.makeVariants(photoId));
    this.jobs.handle(RemoveFiles, () => this.files.removeDeleted());
    this.retention.register({
      name: 'photos that were not published',
      deleteBatch: (limit) => this.removeAbandoned(limit),
    });
    this.retention.register({ name: 'files of no photo', deleteBatch: (limit) => this.removeAbandonedFiles(limit) });
  }

  /**
   * Receives a photo and stores it.
   * @param uploadedBy the user whose quota it counts for; null for none.
   * @param use publishes it, in the unit of work of what it is of; when that fails, the photo is removed.
   * @throws AppError 400, 413, 415 or 422 for a form or a file that is not taken; 409 when the sender has used up the quota; 503;
   * what the source throws.
   */
  async receive<T>(
    source: PhotoSource,
    uploadedBy: string | null,
    use: (received: ReceivedPhoto) => Promise<T>,
  ): Promise<T> {
    const received = await this.store(source, uploadedBy);
    try {
      return await use(received);
    } catch (error) {
      // if that fails, it is removed after an hour
      await this.discard(received.photo).catch(() => undefined);
      throw error;
    }
  }

  private async store(source: PhotoSource, uploadedBy: string | null): Promise<ReceivedPhoto> {
    await this.requireQuota(uploadedBy, 1);
    return inWorkFolder(async (folder) => {
      const path = join(folder, 'upload');
      const texts = await source.receive(path, MAX_PHOTO);
      return { photo: await this.keep(path, folder, uploadedBy), texts };
    });
  }

  /** Has a received photo be shown; in the unit of work of what it is of. */
  async publish({ id }: Pick<PhotoRow, 'id'>, of: PhotoSubject): Promise<void> {
    await this.photos.update(id, { state: 'ready' });
    await this.jobs.enqueue(MakeVariants, { photoId: id });
    this.events.publish(PhotoAdded, { id, version: ADDED }, { subjectType: of.type, subjectId: of.id });
  }

  /** Removes a stored photo that is not shown. */
  async discard({ id }: Pick<PhotoRow, 'id'>): Promise<void> {
    await this.discardAll([id]);
  }

  /** Removes stored photos that are not shown. */
  async discardAll(ids: readonly string[]): Promise<void> {
    await this.transactions.run(() => this.delete(ids));
  }

  /** Removes photos with all their files; in the unit of work of what they were of. */
  async remove(ids: readonly string[], of: PhotoSubject): Promise<void> {
    await this.delete(ids);
    for (const id of ids)
      this.events.publish(PhotoRemoved, { id, version: REMOVED }, { subjectType: of.type, subjectId: of.id });
  }

  private async delete(ids: readonly string[]): Promise<void> {
    if (ids.length > 0 && (await this.photos.delete(ids)) > 0)
      await this.jobs.enqueue(RemoveFiles, null, { key: 'all' });
  }

  /** The one of some photos that shows the same as this one; undefined for none. */
  async findSame({ id }: Pick<PhotoRow, 'id'>, among: readonly string[]): Promise<string | undefined> {
    return among.length === 0 ? undefined : this.photos.findSame(id, among);
  }

  /**
   * A variant of a photo, in the media type that the client prefers of those that are there.
   * @param accept the header of the request.
   * @throws AppError 404.
   */
  async show(id: string, variant: PhotoVariantName, accept: string | undefined): Promise<FileAnswer> {
    const files = await this.photos.findVariant(id, variant);
    const own = files.filter((file) => file.variant === variant);
    const file = choose(own.length > 0 ? own : files, accept);
    if (!file) throw notFound(id);
    const { sha256, mediaType, size, isComplete } = file;
    return {
      type: mediaType,
      size,
      tag: sha256,
      maxAge: isComplete ? undefined : UNTIL_COMPLETE,
      name: `${id}-${variant}.${endingOf(mediaType)}`,
      open: (range) => this.open(id, file, range),
    };
  }

  private async open(
    photoId: string,
    file: VariantFile,
    range?: { start: number; end: number },
  ): ReturnType<PhotoFilesService['read']> {
    try {
      return await this.files.read(file, range);
    } catch (error) {
      if (!(error instanceof FileMissing)) throw error;
      this.logger.error(
        { err: error, photoId },
        'The storage has lost a file of a photo: run `npm run photos:verify`.',
      );
      throw notFound(photoId);
    }
  }

  private async keep(path: string, folder: string, uploadedBy: string | null): Promise<PhotoRow> {
    const { width, height, hasAlpha, thumbHash, files } = await this.accept(path, folder);
    const size = files.find(({ variant }) => variant === 'original')?.size ?? 0;
    await this.requireQuota(uploadedBy, size);
    const id = uuidv7();
    await this.files.storeNew([{ photo: { id, uploadedBy, width, height, hasAlpha, thumbHash, size }, files }]);
    return { id, width, height, thumbHash, state: 'ready' };
  }

  /** @throws AppError 415 or 422 for what is no picture, or none that is taken; 503. */
  private async accept(path: string, folder: string): Promise<AcceptedImage> {
    try {
      return await this.images.accept(path, folder);
    } catch (error) {
      if (error instanceof ImagesBusy) {
        throw new AppError(
          Unavailable,
          'Many photos are being read: send this one again in a moment.',
          { retryAfter: 5 },
          { cause: error },
        );
      }
      if (error instanceof ImageFailure)
        throw new AppError(Unavailable, 'The picture could not be read just now. Send it again.', {}, { cause: error });
      if (!(error instanceof ImageRefused)) throw error;
      throw new AppError(REFUSALS[error.reason], error.message, {}, { cause: error });
    }
  }

  /** @throws AppError 409 when so many bytes more are too many. */
  private async requireQuota(userId: string | null, size: number): Promise<void> {
    if (userId === null) return;
    const used = await this.photos.sumSizes(userId);
    if (used + size <= this.quota) return;
    throw new AppError(
      PhotoQuotaExceeded,
      `Your photos may have ${String(this.quota)} bytes together, and have ${String(used)}.`,
    );
  }

  private async makeVariants(photoId: string): Promise<void> {
    const photo = await this.photos.find(photoId);
    if (photo?.state !== 'ready' || photo.isComplete) return;
    const type = photo.hasAlpha ? 'image/webp' : 'image/jpeg';
    const files = await this.photos.findFiles(photoId);
    const has = ({ variant, mediaType }: Pick<MadeFile, 'variant' | 'mediaType'>): boolean =>
      files.some((file) => file.variant === variant && file.mediaType === mediaType);
    const source = files.find(({ variant, mediaType }) => variant === 'original' && mediaType === type);
    if (!source) {
      this.logger.error({ photoId }, 'A photo has lost its original: run `npm run photos:verify -- --repair`.');
      return;
    }
    await this.files.withCopy(source, async (path, folder) => {
      const made = await this.images.derive(path, folder);
      // those that its upload made are made again only when they were lost
      if (!PHOTO_VARIANTS.every((variant) => has({ variant, mediaType: 'image/jpeg' })))
        made.push(...(await this.images.accept(path, folder)).files);
      await this.files.storeMore(
        photoId,
        made.filter((file) => !has(file)),
      );
    });
  }

  private async removeAbandoned(limit: number): Promise<number> {
    const ids = await this.photos.findAbandoned(this.clock.in(-ABANDONED_AFTER), limit);
    await this.transactions.run(() => this.delete(ids));
    return ids.length;
  }

  private async removeAbandonedFiles(limit: number): Promise<number> {
    return this.transactions.run(async () => {
      const released = await this.photos.releaseAbandonedFiles(this.clock.in(-ABANDONED_AFTER), limit);
      if (released > 0) await this.jobs.enqueue(RemoveFiles, null, { key: 'all' });
      return released;
    });
  }
}

/** The file that the client prefers; JPEG, which everybody reads, for one that takes none of them. */
function choose(files: readonly VariantFile[], accept: string | undefined): VariantFile | undefined {
  const types = PHOTO_TYPES.filter((type) => files.some(({ mediaType }) => mediaType === type));
  const [preferred] = preferredOf(types, accept);
  return (
    files.find(({ mediaType }) => mediaType === preferred) ?? files.find(({ mediaType }) => mediaType === 'image/jpeg')
  );
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no photo ${id}.`);
