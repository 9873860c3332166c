import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  constants,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib';
import compress from '@fastify/compress';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, RouteOptions, preParsingHookHandler } from 'fastify';
import { LRUCache } from 'lru-cache';
import { codedEtag, CODINGS, REQUEST_CODINGS } from '../syntax/etag.js';
import { RouteOption } from '../syntax/route-option.js';
import { pathOf } from '../syntax/target.js';
import { codingsFor, neededCoding } from './negotiation.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether what a route answers is compressed, for whom wants it. */
    compress?: boolean;
  }
}

/** How many bytes a body has at least that compressing is worth it for. */
const THRESHOLD = 1024;

/** How many bytes are compressed at most while everything else waits; more are compressed on another thread. */
const MAX_SYNC = 8 * 1024;

/** What is made for one request: brotli's own default, 11, takes a hundred times as long for a tenth less. */
const BROTLI: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

type Body = string | Buffer;

const COMPRESSORS: Record<string, { now: (body: Body) => Buffer; later: (body: Body) => Promise<Buffer> }> = {
  zstd: { now: (body) => zstdCompressSync(body), later: promisify<Body, Buffer>(zstdCompress) },
  br: {
    now: (body) => brotliCompressSync(body, BROTLI),
    later: (body) => promisify<Body, BrotliOptions, Buffer>(brotliCompress)(body, BROTLI),
  },
  gzip: { now: (body) => gzipSync(body), later: promisify<Body, Buffer>(gzip) },
};

/**
 * For routes whose answers have a secret beside what the request said: how well the two compress together would tell of
 * the secret (BREACH).
 */
export const Uncompressed = (): MethodDecorator => RouteOption({ compress: false });

/**
 * Compresses bodies from 1 KiB on as `Accept-Encoding` has it, below if it refuses `identity`; RFC 9110 §12.5.3.
 * @param isFixed whether a route answers the same bytes until the process ends: those are compressed once.
 */
export async function compressBodies(app: NestFastifyApplication, isFixed: (url: string) => boolean): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const own = new WeakMap<RouteOptions, OnSend[]>();
  fastify.addHook('onRoute', (route) => {
    if (route.config?.compress === false) route.compress = false;
    own.set(route, listOf(route.onSend));
    route.onSend = [];
  });
  await app.register(compress, {
    threshold: THRESHOLD,
    syncThreshold: MAX_SYNC,
    brotliOptions: BROTLI,
    encodings: [...CODINGS, 'identity'],
    requestEncodings: [...REQUEST_CODINGS],
  });
  // The hooks of a route run in the order that they have here: first the plugin's, which compresses; last the route's own,
  // by which HEAD measures the body that GET would have.
  fastify.addHook('onRoute', (route) => {
    const once = isFixed(route.url) ? [codeOnce()] : [];
    const coding = route.compress === false ? [] : [...once, ...listOf(route.onSend), finishCoding];
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

function finishCoding(request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done): void {
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
  if (Buffer.byteLength(payload) <= MAX_SYNC) done(null, COMPRESSORS[needed]?.now(payload));
  else void send(COMPRESSORS[needed]?.later(payload), done);
}

type Done = (error: Error | null, payload?: unknown) => void;

async function send(coded: Promise<Buffer> | undefined, done: Done): Promise<void> {
  try {
    done(null, await coded);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

/** How many fixed bodies are kept, in all codings together. */
const MAX_KEPT = 60;
/** What of the fixed bodies gets smaller. */
const COMPRESSIBLE = /^text\/|[/+](?:json|javascript|xml)\b/;

/** Compresses what a fixed route answers when it is first asked for in a coding, and keeps that. */
function codeOnce(): OnSend {
  const kept = new LRUCache<string, { of: unknown; body: Promise<Buffer> }>({ max: MAX_KEPT });
  return (request, reply, payload, done) => {
    const coding = codingOfFixed(request, reply);
    const compressor = COMPRESSORS[coding];
    if (!compressor || !(isBody(payload) || payload instanceof Readable)) {
      done(null, payload);
      return;
    }
    // a file says by its tag whether it is the one that was kept
    const of = isBody(payload) ? payload : reply.getHeader('etag');
    const key = `${coding} ${pathOf(request)}`;
    let coded = kept.get(key);
    if (coded?.of !== of) coded = undefined;
    else if (payload instanceof Readable) payload.destroy();
    if (!coded) {
      coded = { of, body: isBody(payload) ? compressor.later(payload) : buffer(payload).then(compressor.later) };
      kept.set(key, coded);
    }
    reply.header('content-encoding', coding).removeHeader('content-length');
    void send(coded.body, done);
  };
}

/** The coding that a fixed body is sent in, `identity` for what is better left as it is. */
function codingOfFixed(request: FastifyRequest, reply: FastifyReply): string {
  const type = reply.getHeader('content-type');
  if (reply.statusCode !== 200 || typeof type !== 'string' || !COMPRESSIBLE.test(type)) return 'identity';
  const length = Number(reply.getHeader('content-length') ?? THRESHOLD);
  return length < THRESHOLD ? 'identity' : (codingsFor(request)[0] ?? 'identity');
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
