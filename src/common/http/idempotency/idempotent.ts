import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension, ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { AppError } from '../../errors/app-error.js';
import { BadRequest, IdempotencyKeyRequired } from '../errors/http-errors.js';
import { StreamedBody } from '../input/streamed-body.js';
import { IdempotencyKeys, type KeyedRequest, type Outcome } from './idempotency-keys.js';
import { type PhasedRequest, runInPhases } from './phased-requests.js';

const REQUIRED = Symbol('whether the route requires an Idempotency-Key');
const PHASED = Symbol('whether the route does its work in phases');

/** Headers that a handler may set itself and that belong to what is answered. */
const KEPT_HEADERS = ['location', 'etag'];

/** How deep a body may be nested, so that reading it can't exhaust the stack. */
const MAX_DEPTH = 100;

/**
 * Takes an `Idempotency-Key`: sent again with the same key within 24 hours, the request has no second effect and gets the
 * same answer (draft-ietf-httpapi-idempotency-key-header). What the method does is one transaction, from its pipes on. For
 * routes that know their caller; a body that is streamed can't be compared.
 * @param options `required`: a request without a key is refused. `phased`: the method does its work by {@link PhasedRequests}, in
 * several transactions, since it calls another system; a key is required, and 202 is the answer before the outcome is known.
 */
export function Idempotent({ required = false, phased = false } = {}): MethodDecorator {
  return applyDecorators(
    SetMetadata(REQUIRED, required || phased),
    SetMetadata(PHASED, phased),
    UseInterceptors(IdempotencyInterceptor),
    ApiExtension('x-idempotent', phased ? 'phased' : required ? 'required' : 'accepted'),
    ApiHeader({
      name: 'Idempotency-Key',
      required: required || phased,
      description:
        'A unique key for this request, chosen by the client, for example a UUID. If the response does not arrive, send the same ' +
        'request with the same key within 24 hours: nothing happens twice, and you get the response of the first request.',
      schema: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        pattern: '^[!-~]+$',
        example: '7f9c24e8-3b12-4fef-91e0-6f5a2d8c7b40',
      },
    }),
  );
}

/** Stands around the routes that are {@link Idempotent}: the guard has let the caller pass, a replay as well. */
@Injectable()
class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const key = readKey(request.headers['idempotency-key']);
    if (key === undefined) {
      if (this.reflector.get<boolean>(REQUIRED, context.getHandler())) throw keyRequired();
      return next.handle();
    }

    if (this.reflector.get<boolean>(PHASED, context.getHandler())) return this.answerPhased(request, reply, key, next);
    const { outcome, replayed } = await this.keys.once(keyed(request, key), async () => {
      const body = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { status: reply.statusCode, headers: keptHeaders(reply), body };
    });
    // The value goes the way of any other from here on, so that Accept and compression are heeded and the bytes are the
    // same again: what is sent the first time has been read from the JSON that is stored, too.
    if (replayed) void reply.code(outcome.status).headers({ ...outcome.headers, 'idempotency-replayed': 'true' });
    return of(outcome.body);
  }

  private async answerPhased(
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
    next: CallHandler<unknown>,
  ): Promise<Observable<unknown>> {
    const phased: PhasedRequest = keyed(request, key);
    try {
      const body = await runInPhases(phased, () => lastValueFrom(next.handle(), { defaultValue: undefined }));
      if (!phased.answer) throw new Error('@Idempotent({ phased: true }) is for what PhasedRequests.run() does');
      if (!phased.answer.isFinished) void reply.code(202);
      return of(body);
    } finally {
      // also where the outcome is a refusal, which the method makes an error of
      if (phased.answer?.replayed) void reply.header('idempotency-replayed', 'true');
    }
  }
}

/** The characters of a structured-field string, RFC 9651 §3.3.3, and of a bare key. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
const BARE = /^[!#-~][!-~]*$/;

/** @throws AppError 400 for what is no key of 1 to 255 printable characters. */
function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const sent = String(header);
  const key = BARE.test(sent) ? sent : QUOTED.exec(sent)?.[1]?.replaceAll(/\\(.)/g, '$1');
  if (key !== undefined && key.length >= 1 && key.length <= 255) return key;
  const detail = 'must be 1 to 255 printable ASCII characters, as they are or as a quoted string';
  throw new AppError(BadRequest, `Idempotency-Key ${detail}.`, {
    errors: [{ header: 'Idempotency-Key', code: 'format', detail }],
  });
}

function keyRequired(): AppError {
  return new AppError(IdempotencyKeyRequired, 'Send an Idempotency-Key, so that this can’t happen twice by mistake.', {
    errors: [{ header: 'Idempotency-Key', code: 'required', detail: 'must be sent' }],
  });
}

function keyed(request: FastifyRequest, key: string): KeyedRequest {
  const { method, url, user, body, routeOptions } = request;
  // the document of an application where such a route is public isn't drawn
  if (!user) throw new Error('@Idempotent() is for routes that know their caller');
  if (body instanceof StreamedBody) throw new Error('@Idempotent() is not for bodies that are streamed');
  const fingerprint = createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(canonical(body ?? null))}`)
    .digest();
  return { userId: user.userId, route: `${method} ${routeOptions.url ?? ''}`, key, fingerprint };
}

function keptHeaders(reply: FastifyReply): Outcome['headers'] {
  return Object.fromEntries(
    KEPT_HEADERS.filter((name) => reply.hasHeader(name)).map((name) => [name, String(reply.getHeader(name))]),
  );
}

/** The value with the members of each object in the order of their names: JSON that means the same is the same request. */
function canonical(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new AppError(BadRequest, 'The body is nested too deeply.');
  if (Array.isArray(value)) return value.map((item) => canonical(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member, depth + 1)]));
}
