import type { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from '../errors/http-errors.js';
import { isUtf8 } from '../syntax/charset.js';
import { RouteOption } from '../syntax/route-option.js';
import { describeTakenBodies } from './json-body.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the bodies that a route reads as they come. */
    streams?: readonly string[];
  }
}

/** A file that is read as it comes. */
export interface StreamedFile {
  /** The media type, in small letters and without parameters; empty when the client did not say it. */
  readonly type: string;
  /** The name of the file; empty when the client did not say it. */
  readonly name: string;
  /** The bytes. @throws AppError 413 when there are more than `limit`, 400 when the client goes away before the end. */
  read: (limit: number) => AsyncGenerator<Buffer>;
}

/** A body that is read as it comes: however long it is, only a piece of it is in memory. */
export class StreamedBody implements StreamedFile {
  readonly name = '';

  constructor(
    /** The media type, in small letters and without parameters. */
    readonly type: string,
    /** How many bytes the client announced; undefined when it said nothing. */
    private readonly announced: number | undefined,
    private readonly stream: Readable,
  ) {}

  /** The file that the body is. */
  open(): Promise<StreamedFile> {
    return Promise.resolve(this);
  }

  /**
   * The bytes. What is left over when the reader stops is not read.
   * @throws AppError 413 when there are more than `limit`, 400 when the client goes away before the end.
   */
  async *read(limit: number): AsyncGenerator<Buffer> {
    const tooLarge = (): AppError => new AppError(PayloadTooLarge, `The body may have ${String(limit)} bytes at most.`);
    if (this.announced !== undefined && this.announced > limit) throw tooLarge();
    let read = 0;
    try {
      // Destroying the stream would cut the connection that the answer needs.
      for await (const chunk of this.stream.iterator({ destroyOnReturn: false })) {
        const bytes = Buffer.from(chunk as Uint8Array);
        read += bytes.length;
        if (read > limit) throw tooLarge();
        yield bytes;
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError(BadRequest, 'The body could not be read to its end.', {}, { cause: error });
    }
  }
}

/**
 * Takes bodies of some media types as a {@link StreamedBody}, as {@link streamedBodyOf} has it; others get 415.
 * @param examples one of each media type.
 * @param maxLength how long a body may be, in bytes.
 * @param others media types that have no example.
 */
export const Streams = (
  examples: Readonly<Record<string, string>>,
  maxLength: number,
  ...others: readonly string[]
): MethodDecorator =>
  applyDecorators(
    RouteOption({ streams: [...Object.keys(examples), ...others] }),
    ApiConsumes(...Object.keys(examples), ...others),
    ApiBody({ schema: { type: 'string', format: 'binary', maxLength } }),
    ApiExtension('x-body-examples', examples),
  );

/** The body of a request to a route that {@link Streams}. @throws AppError 415. */
export function streamedBodyOf({ body }: FastifyRequest): StreamedBody {
  if (body instanceof StreamedBody) return body;
  throw new AppError(UnsupportedMediaType, 'The body has another Content-Type than this operation takes.');
}

/** Hands bodies on unread to the routes that stream; every other type without a parser gets 415, as without this. */
export function streamBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('*', (request, payload, done) => {
    if (request.is404) {
      done(null);
      return;
    }
    const contentType = request.headers['content-type'] ?? '';
    const type = contentType.split(';', 1).join('').trim().toLowerCase();
    const { streams = [] } = request.routeOptions.config;
    if (!streams.includes(type) || !isUtf8(contentType)) {
      done(new AppError(UnsupportedMediaType, describeTakenBodies(request)));
      return;
    }
    const length = request.headers['content-length'];
    done(null, new StreamedBody(type, length === undefined ? undefined : Number(length), payload));
  });

  // An answer that comes before the body was read to its end: what the client still sends is for nobody.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.body instanceof StreamedBody && !request.raw.complete) reply.header('connection', 'close');
    done(null, payload);
  });
}
