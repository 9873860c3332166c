import type { Readable } from 'node:stream';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from './problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the bodies that a route reads as they come. */
    streams?: readonly string[];
  }
}

/** A body that is read as it comes: however long it is, only a piece of it is in memory. */
export class StreamedBody {
  constructor(
    /** The media type, in small letters and without parameters. */
    readonly type: string,
    /** How many bytes the client announced; undefined when it said nothing. */
    private readonly announced: number | undefined,
    private readonly stream: Readable,
  ) {}

  /**
   * The bytes. What is left over when the reader stops is not read.
   * @throws Problem 413 when there are more than `limit`, 400 when the client goes away before the end.
   */
  async *read(limit: number): AsyncGenerator<Buffer> {
    const tooLarge = (): Problem => new Problem(PayloadTooLarge, `The body may have ${String(limit)} bytes at most.`);
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
      if (error instanceof Problem) throw error;
      throw new Problem(BadRequest, 'The body could not be read to its end.', {}, { cause: error });
    }
  }
}

/** Takes bodies of these media types as a {@link StreamedBody}, handed over by {@link BodyStream}; others get 415. */
export const Streams = (...types: string[]): MethodDecorator =>
  applyDecorators(
    RouteConfig({ streams: types } satisfies FastifyContextConfig),
    ApiConsumes(...types),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );

/** The body of a route that {@link Streams}. */
export const BodyStream = createParamDecorator((_: unknown, context: ExecutionContext): StreamedBody => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  if (body instanceof StreamedBody) return body;
  throw new Problem(UnsupportedMediaType, 'The body has another Content-Type than this operation takes.');
});

/** Hands bodies on unread to the routes that stream; whatever else no parser is for gets 415, as without this. */
export function streamBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('*', (request, payload, done) => {
    if (request.is404) {
      done(null);
      return;
    }
    const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/);
    const { streams = [] } = request.routeOptions.config;
    if (!streams.includes(type) || !parameters.every(isUtf8)) {
      const taken = streams.length > 0 ? ` It takes ${streams.join(', ')} in UTF-8.` : '';
      done(new Problem(UnsupportedMediaType, `This operation does not read a body of this Content-Type.${taken}`));
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

const isUtf8 = (parameter: string): boolean =>
  !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter);
