import type { Readable } from 'node:stream';
import {
  applyDecorators,
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiExtension, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import parseRange from 'range-parser';
import { mergeMap, type Observable } from 'rxjs';
import { AppError } from '../../errors/app-error.js';
import type { ByteRange } from '../../files/file-storage.js';
import { NotModified } from '../conditional/conditional.js';
import { RangeNotSatisfiable } from '../errors/http-errors.js';
import { etagKnownTo } from '../syntax/etag.js';
import { RouteOption } from '../syntax/route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the files that a route answers, those that are preferred before the others. */
    files?: readonly string[];
  }
}

/** How long a cache may keep what never changes, in seconds: RFC 9111 knows no longer time than a year. */
const FOR_EVER = 31_536_000;

/** A file as a route answers it. */
export interface FileAnswer {
  /** The media type: one of those that the route {@link AnswersFiles}. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** What names its content and no other. */
  readonly tag: string;
  /** Whether it is for its caller alone, to be stored by no cache and saved to a file. */
  readonly isPrivate?: boolean;
  /** How long caches may keep it, in seconds; undefined for ever: what is found at the address never changes. */
  readonly maxAge?: number;
  /** What it is called by who stores it. */
  readonly name: string;
  /** Opens it, or a part of it. */
  open(range?: ByteRange): Promise<Readable | Buffer>;
}

/** What pages may do with what others have uploaded: show it, from anywhere; nothing in it is run, and nothing is guessed. */
const HARMLESS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** Answers a {@link FileAnswer}: whole, a part (RFC 9110 §14), or 304 for who has it. */
@Injectable()
class SendFile implements NestInterceptor<FileAnswer, Readable | Buffer> {
  intercept(context: ExecutionContext, next: CallHandler<FileAnswer>): Observable<Readable | Buffer> {
    const http = context.switchToHttp();
    return next
      .handle()
      .pipe(mergeMap((file) => send(file, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>())));
  }
}

async function send(file: FileAnswer, { headers }: FastifyRequest, reply: FastifyReply): Promise<Readable | Buffer> {
  const { type, size, name, maxAge, isPrivate = false } = file;
  const etag = `"${file.tag}"`;
  const kept = maxAge === undefined ? `max-age=${String(FOR_EVER)}, immutable` : `max-age=${String(maxAge)}`;
  const always = {
    ...HARMLESS,
    etag,
    'cache-control': isPrivate ? 'private, no-store' : `public, ${kept}`,
    'accept-ranges': 'bytes',
  };
  const known = headers['if-none-match'];
  if (known !== undefined && etagKnownTo(known, etag) !== undefined) {
    reply.headers(always);
    throw new NotModified(etag);
  }
  const range = rangeOf(headers, etag, size);
  if (range === 'outside') {
    reply.header('content-range', `bytes */${String(size)}`);
    throw new AppError(RangeNotSatisfiable, `The file has ${String(size)} bytes.`);
  }
  // what fails is not for caches
  const content = await file.open(range);
  reply
    .headers({ ...always, 'content-disposition': `${isPrivate ? 'attachment' : 'inline'}; filename="${name}"` })
    .type(type);
  reply.header('content-length', range ? range.end - range.start + 1 : size);
  if (range)
    reply.code(206).header('content-range', `bytes ${String(range.start)}-${String(range.end)}/${String(size)}`);
  return content;
}

/**
 * The part that is asked for; undefined for the whole file. Several parts are answered as the whole, as RFC 9110 §14.2 allows.
 */
function rangeOf(headers: FastifyRequest['headers'], etag: string, size: number): ByteRange | 'outside' | undefined {
  const { range, 'if-range': condition } = headers;
  // a part of another state is of no use to who has the rest of this one
  if (range === undefined || (condition !== undefined && condition !== etag)) return undefined;
  const ranges = parseRange(size, range, { combine: true });
  if (ranges === -1) return 'outside';
  const [first, second] = ranges === -2 || ranges.type !== 'bytes' ? [] : ranges;
  return second ? undefined : first;
}

/**
 * Has a route answer a {@link FileAnswer} of one of these media types, as the client prefers: its service asks {@link preferredOf}.
 * @param maxLength how long a file may be, in bytes.
 */
export const AnswersFiles = (types: readonly string[], maxLength: number): MethodDecorator =>
  applyDecorators(
    RouteOption({ files: types, compress: false }),
    UseInterceptors(SendFile),
    ApiProduces(...types),
    ApiExtension('x-files', { types, maxLength }),
  );

/** The `Accept` of a request for a file, as {@link preferredOf} takes it. */
export const Accepted = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().headers.accept,
);

/** Those of some media types that a client takes by its `Accept`, the preferred ones first; RFC 9110 §12.5.1. */
export const preferredOf = (types: readonly string[], accept: string | undefined): string[] =>
  new Negotiator({ headers: { accept } }).mediaTypes([...types]);
