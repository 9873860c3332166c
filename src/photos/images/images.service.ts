import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Injectable, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { ImageChildren } from './image-children.js';
import { filesOf, type ImageTask, nameOf } from './image-files.js';
import { ImageFailure, ImageRefused } from './image-failures.js';
import type { ImageReply, PictureFacts } from './image-messages.js';
import { describeFile, type MadeFile } from './made-files.js';

/** What processing pictures may use. Another instance may be provided. */
export class ImageOptions {
  /** How many pixels a picture has at most that is taken; half as many where decoding takes much more memory (AVIF). */
  maxPixels = 50_000_000;
  /** How many pictures are processed at once: a core is left to requests, where there is one. */
  processes = Math.min(Math.max(availableParallelism() - 1, 1), 4);
  /** How long `accept` may take for a picture, in seconds. */
  acceptSeconds = 20;
  /** How long `derive` may take for a picture, in seconds. */
  deriveSeconds = 60;
  /** After how many pictures a process is replaced: it does not give back all of its memory. */
  picturesPerProcess = 200;
  /** How long a process is kept that has nothing to do, in seconds. */
  idleSeconds = 30;
}

/** A picture that was taken. */
export interface AcceptedImage extends PictureFacts {
  /** `original`, `large`, `medium` and `thumb` as JPEG; where there is transparency, also as WebP. */
  readonly files: MadeFile[];
}

/**
 * Makes what is stored of the pictures that clients send. They are decoded and encoded in child processes: that takes long, can't
 * be stopped otherwise, and files of strangers may make the decoder crash. The same bytes give the same files, always.
 */
@Injectable()
export class ImagesService implements OnApplicationShutdown {
  private readonly children: ImageChildren;
  private readonly running = new Set<Promise<unknown>>();
  private readonly options: ImageOptions;

  constructor(@Optional() options?: ImageOptions) {
    this.options = options ?? new ImageOptions();
    this.children = new ImageChildren(this.options);
  }

  /** The ids of its processes. */
  get processIds(): number[] {
    return this.children.pids;
  }

  /**
   * Makes of a file that a client sent what can be shown at once: decoded and encoded again, upright, in sRGB, without metadata. Its
   * type is decided by its content.
   * @param folder that there is; the files are written below it, and nothing is left there when this throws.
   * @throws ImageRefused, ImageFailure, ImagesBusy
   */
  async accept(path: string, folder: string): Promise<AcceptedImage> {
    return this.run('accept', path, folder, this.options.acceptSeconds);
  }

  /**
   * Makes the files that {@link accept} did not make: all variants as WebP and AVIF.
   * @param path the original: its WebP where the picture has transparency, else its JPEG.
   * @param folder as for {@link accept}.
   * @throws ImageRefused, ImageFailure, ImagesBusy
   */
  async derive(path: string, folder: string): Promise<MadeFile[]> {
    const { files } = await this.run('derive', path, folder, this.options.deriveSeconds);
    return files;
  }

  /** Ends its processes. What they have not finished fails. */
  async onApplicationShutdown(): Promise<void> {
    await this.children.close();
    await Promise.allSettled(this.running);
  }

  private async run(task: ImageTask, path: string, folder: string, seconds: number): Promise<AcceptedImage> {
    const work = this.make(task, resolve(path), resolve(folder), seconds * 1000);
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
    }
  }

  private async make(task: ImageTask, path: string, parent: string, limit: number): Promise<AcceptedImage> {
    const folder = await mkdtemp(join(parent, 'images-'));
    try {
      const { maxPixels } = this.options;
      const facts = factsOf(await this.children.execute({ task, path, folder, maxPixels }, limit));
      const files: MadeFile[] = [];
      for (const file of filesOf(task, facts, facts.hasAlpha))
        files.push(await describeFile(file, join(folder, nameOf(file))));
      return { ...facts, files };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

function factsOf(reply: ImageReply): PictureFacts {
  if ('made' in reply) return reply.made;
  if ('refused' in reply) throw new ImageRefused(reply.refused);
  throw new ImageFailure(`The picture could not be processed: ${reply.failed}`);
}
