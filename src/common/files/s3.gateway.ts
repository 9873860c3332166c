import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type * as Library from '@aws-sdk/client-s3';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { assertOutsideUnit } from '../database/transactions.js';
import {
  type ByteRange,
  codeOf,
  FILE_STORAGE,
  FileMissing,
  FileStorage,
  FileStorageFailed,
  isFileName,
  rangeBehindEnd,
  requireFileName,
  requireRange,
  type StoredFile,
} from './file-storage.js';

/** How long a bucket may take, in milliseconds, and how often it is asked. */
export interface S3Limits {
  readonly connectionTimeout: number;
  /** Without a byte in either direction. A reader that takes nothing for so long loses its connection, too. */
  readonly socketTimeout: number;
  /** Until an answer begins: a file has to be sent by then. */
  readonly requestTimeout: number;
  /** How often something is tried in all. */
  readonly attempts: number;
}

const LIMITS: S3Limits = { connectionTimeout: 3000, socketTimeout: 10_000, requestTimeout: 120_000, attempts: 3 };

/** The longest pause before a file is sent again, in milliseconds; twice as long before each further time. */
const PAUSE = 200;

/** How many requests are open at once; a file that is being read is one. More wait. */
const CONNECTIONS = 200;

/** A missing file is called so by GET and by HEAD; a missing bucket is another error, except for HEAD. */
const MISSING = new Set(['NoSuchKey', 'NotFound']);

const logger = new Logger('S3');
const ignore = (): void => undefined;

/** What the library says beside what it throws is of use only to someone who looks for a fault. */
const LIBRARY_LOG = {
  debug: ignore,
  info: ignore,
  warn: (...words: unknown[]): void => {
    logger.debug(words.join(' '));
  },
  error: ignore,
};

type Settings = Pick<
  Config,
  's3Bucket' | 's3Endpoint' | 's3Region' | 's3AccessKeyId' | 's3SecretAccessKey' | 's3PathStyle' | 's3Prefix'
>;

interface ObjectKey {
  Bucket: string | undefined;
  Key: string;
}

/** Files in a bucket of S3, or of what speaks its protocol. The library is loaded when it is needed first, since it is large. */
export class S3Gateway extends FileStorage implements OnApplicationShutdown {
  private readonly prefix: string;
  private loaded: Promise<{ library: typeof Library; client: Library.S3 }> | undefined;

  constructor(
    private readonly config: Settings,
    private readonly limits: S3Limits = LIMITS,
  ) {
    super();
    this.prefix = config.s3Prefix === undefined ? '' : `${config.s3Prefix}/`;
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.loaded)?.client.destroy();
  }

  async put(name: string, path: string): Promise<void> {
    assertOutsideUnit(FILE_STORAGE);
    const object = this.objectOf(name);
    try {
      await this.upload(object, path);
    } catch (error) {
      throw new FileStorageFailed(error);
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    assertOutsideUnit(FILE_STORAGE);
    const object = this.objectOf(name);
    if (range) requireRange(range);
    const bytes = range && `bytes=${String(range.start)}-${String(range.end)}`;
    const found = await this.find((client) => client.getObject({ ...object, Range: bytes })).catch((error: unknown) => {
      throw range && error instanceof FileStorageFailed && codeOf(error.cause) === 'InvalidRange'
        ? rangeBehindEnd(name, range)
        : error;
    });
    if (!found) throw new FileMissing(name);
    if (!(found.Body instanceof Readable)) throw new FileStorageFailed(new Error('S3 sent no stream'));
    return withOwnErrors(found.Body);
  }

  async size(name: string): Promise<number | undefined> {
    assertOutsideUnit(FILE_STORAGE);
    const object = this.objectOf(name);
    return (await this.find((client) => client.headObject(object)))?.ContentLength;
  }

  async remove(name: string): Promise<void> {
    assertOutsideUnit(FILE_STORAGE);
    const object = this.objectOf(name);
    await this.find((client) => client.deleteObject(object));
  }

  list(after = ''): AsyncIterable<StoredFile> {
    assertOutsideUnit(FILE_STORAGE);
    if (after !== '') requireFileName(after);
    return this.listPages(after);
  }

  private async *listPages(after: string): AsyncGenerator<StoredFile> {
    const { client, library } = await this.load();
    const StartAfter = after === '' ? undefined : `${this.prefix}${after}`;
    const asked = { Bucket: this.config.s3Bucket, Prefix: this.prefix, StartAfter };
    try {
      for await (const { Contents = [] } of library.paginateListObjectsV2({ client }, asked)) {
        for (const { Key = '', Size = 0, LastModified } of Contents) {
          const name = Key.slice(this.prefix.length);
          if (isFileName(name) && LastModified) yield { name, size: Size, storedAt: LastModified };
        }
      }
    } catch (error) {
      throw new FileStorageFailed(error);
    }
  }

  private objectOf(name: string): ObjectKey {
    requireFileName(name);
    return { Bucket: this.config.s3Bucket, Key: `${this.prefix}${name}` };
  }

  /** The library repeats every request but one whose body is a stream: this does. */
  private async upload(object: ObjectKey, path: string): Promise<void> {
    const { size } = await stat(path);
    const { client, library } = await this.load();
    for (let attempt = 1; ; attempt++) {
      try {
        await send(client, object, path, size);
        return;
      } catch (error) {
        if (attempt >= this.limits.attempts || !mayPass(error, library)) throw error;
      }
      await delay(Math.random() * PAUSE * 2 ** (attempt - 1));
    }
  }

  /** As {@link ask}. @returns undefined when there is no such file. */
  private async find<T>(request: (client: Library.S3) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.ask(request);
    } catch (error) {
      if (error instanceof FileStorageFailed && MISSING.has(codeOf(error.cause))) return undefined;
      throw error;
    }
  }

  /** @throws FileStorageFailed */
  private async ask<T>(request: (client: Library.S3) => Promise<T>): Promise<T> {
    const { client } = await this.load();
    try {
      return await request(client);
    } catch (error) {
      throw new FileStorageFailed(error);
    }
  }

  private load(): Promise<{ library: typeof Library; client: Library.S3 }> {
    this.loaded ??= import('@aws-sdk/client-s3').then((library) => ({ library, client: this.connect(library) }));
    return this.loaded;
  }

  private connect(library: typeof Library): Library.S3 {
    const { s3Endpoint, s3Region, s3AccessKeyId, s3SecretAccessKey, s3PathStyle } = this.config;
    const { connectionTimeout, socketTimeout, requestTimeout, attempts } = this.limits;
    const agent = { keepAlive: true, maxSockets: CONNECTIONS };
    return new library.S3({
      region: s3Region,
      forcePathStyle: s3PathStyle ?? s3Endpoint !== undefined,
      maxAttempts: attempts,
      // checksums of its own kind are what servers other than that of AWS do not know
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout,
        socketTimeout,
        requestTimeout,
        throwOnRequestTimeout: true,
        httpAgent: agent,
        httpsAgent: agent,
      },
      logger: LIBRARY_LOG,
      ...(s3Endpoint !== undefined && { endpoint: s3Endpoint }),
      ...(s3AccessKeyId !== undefined &&
        s3SecretAccessKey !== undefined && {
          credentials: { accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey },
        }),
    });
  }
}

/** Sends a file once, as a stream whose length is known. */
async function send(client: Library.S3, object: ObjectKey, path: string, size: number): Promise<void> {
  const body = createReadStream(path);
  const unreadable = new AbortController();
  body.once('error', (error) => {
    unreadable.abort(error);
  });
  try {
    await client.putObject({ ...object, Body: body, ContentLength: size }, { abortSignal: unreadable.signal });
  } catch (error) {
    throw body.errored ?? error;
  } finally {
    body.destroy();
  }
}

/** Whether the same request may succeed a moment later. */
function mayPass(error: unknown, { S3ServiceException }: typeof Library): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === undefined || status >= 500 || status === 429;
}

/** The stream with the failures of its connection as those of the storage; the connection ends when it is destroyed. */
function withOwnErrors(body: Readable): Readable {
  const stream = new PassThrough();
  // a connection may break before the reader listens, who finds the stream failed then
  stream.on('error', ignore);
  body.once('error', (error) => {
    stream.destroy(new FileStorageFailed(error));
  });
  stream.once('close', () => {
    body.destroy();
  });
  return body.pipe(stream);
}
