import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import compress from '@fastify/compress';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, RouteOptions, preParsingHookHandler } from 'fastify';
import { codedEtag, CODINGS, REQUEST_CODINGS } from './etag.js';
import { neededCoding } from './negotiation.js';
import { RouteOption } from './route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether what a route answers is compressed, for whom wants it. */
    compress?: boolean;
  }
}

/** How many bytes a body has at least that compressing is worth it for. */
const THRESHOLD = 1024;

const COMPRESSORS: Record<string, (body: string | Buffer) => Buffer> = {
  zstd: zstdCompressSync,
  br: brotliCompressSync,
  gzip: gzipSync,
};

/**
 * For routes whose answers have a secret beside what the request said: how well the two compress together would tell of
 * the secret (BREACH).
 */
export const Uncompressed = (): MethodDecorator => RouteOption({ compress: false });

/** Compresses bodies from 1 KiB on as `Accept-Encoding` has it, below if it refuses `identity`; RFC 9110 §12.5.3. */
export async function compressBodies(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const own = new WeakMap<RouteOptions, OnSend[]>();
  fastify.addHook('onRoute', (route) => {
    if (route.config?.compress === false) route.compress = false;
    own.set(route, listOf(route.onSend));
    route.onSend = [];
  });
  await app.register(compress, {
    threshold: THRESHOLD,
    encodings: [...CODINGS, 'identity'],
    requestEncodings: [...REQUEST_CODINGS],
  });
  // The hooks of a route run in the order that they have here: first the plugin's, which compresses; last the route's own,
  // by which HEAD measures the body that GET would have.
  fastify.addHook('onRoute', (route) => {
    const coding = route.compress === false ? [] : [...listOf(route.onSend), finishCoding];
    route.preParsing = [...listOf(route.preParsing), unpackNoLonger];
    route.onSend = [...coding, ...(own.get(route) ?? []), emptyNotModified];
  });
}

type OnSend = Extract<RouteOptions['onSend'], (...parameters: never) => unknown>;

const listOf = <H>(hooks: H | H[] = []): H[] => (Array.isArray(hooks) ? hooks : [hooks]);

/** A body that was refused as too large would be unpacked to its end, however large that is, for nobody. */
const unpackNoLonger: preParsingHookHandler = (request, reply, payload, done) => {
  if (payload !== request.raw && 'destroy' in payload && typeof payload.destroy === 'function') {
    const unpacking = payload;
    reply.raw.once('close', () => unpacking.destroy());
  }
  done(null, payload);
};

function finishCoding(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload?: unknown) => void,
): void {
  const coding = reply.getHeader('content-encoding');
  if (typeof coding === 'string') {
    describeCoding(reply, coding);
    done(null, payload);
    return;
  }
  const needed = neededCoding(request);
  if (needed === undefined || reply.statusCode === 304 || !isBody(payload)) {
    done(null, payload);
    return;
  }
  reply.header('content-encoding', needed).removeHeader('content-length');
  describeCoding(reply, needed);
  done(null, COMPRESSORS[needed]?.(payload));
}

/** The length of a 304 would be that of the body that it stands for; RFC 9110 §8.6. */
const emptyNotModified: OnSend = (_request, reply, payload, done) => {
  if (reply.statusCode === 304) {
    reply.removeHeader('content-length');
    done(null, null);
  } else done(null, payload);
};

const isBody = (payload: unknown): payload is string | Buffer =>
  (typeof payload === 'string' && payload !== '') || Buffer.isBuffer(payload);

/** A body in another coding is another representation, with a tag of its own; RFC 9110 §8.8.3.3. */
function describeCoding(reply: FastifyReply, coding: string): void {
  const etag = reply.getHeader('etag');
  if (typeof etag === 'string' && !etag.endsWith(`-${coding}"`)) reply.header('etag', codedEtag(etag, coding));
  const vary = reply.getHeader('vary');
  // the plugin names it again, in small letters
  if (typeof vary === 'string') reply.header('vary', vary.replace(/, accept-encoding$/, ''));
}
