import { isUtf8 as isUtf8Bytes } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { BadRequest, UnsupportedMediaType } from '../errors/http-errors.js';
import { MEDIA_TYPES } from '../syntax/accept.js';
import { isUtf8 } from '../syntax/charset.js';
import { REQUEST_CODINGS } from '../syntax/etag.js';
import { parseStrictJson } from '../syntax/strict-json.js';
import { RawBody } from './raw-body.js';

const MERGE_PATCH = 'application/merge-patch+json';

/** Reads JSON bodies: UTF-8 and strict; `application/merge-patch+json` of a PATCH as `application/json` (RFC 7396). */
export function readJsonBodies(fastify: FastifyInstance): void {
  // a form or a text is not taken anywhere
  fastify.removeContentTypeParser('text/plain');
  fastify.addContentTypeParser(
    [MEDIA_TYPES.json, MERGE_PATCH],
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      try {
        done(null, read(request, body));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  );
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 415) reply.headers(acceptedBodies(request));
    done(null, payload);
  });
}

/** @returns undefined for an empty body: whether one is needed, the route knows. */
function read({ method, headers, routeOptions }: FastifyRequest, body: Buffer): unknown {
  if (routeOptions.config.keepsBytes) return new RawBody(body);
  const type = headers['content-type'] ?? '';
  if (!isUtf8(type))
    throw new AppError(UnsupportedMediaType, 'A JSON body is UTF-8 (RFC 8259 §8.1): leave out charset.');
  if (method !== 'PATCH' && type.toLowerCase().startsWith(MERGE_PATCH)) {
    throw new AppError(UnsupportedMediaType, `${MERGE_PATCH} is for PATCH; this operation takes ${MEDIA_TYPES.json}.`);
  }
  if (body.length === 0) return undefined;
  if (!isUtf8Bytes(body)) throw new AppError(BadRequest, 'The body is not UTF-8.');
  return parseStrictJson(body.toString('utf8'));
}

/** The headers that say what bodies a method takes: `Accept-Patch` (RFC 5789 §3.1), `Accept-Post` (LDP §7.1). */
export const bodyHeaders = (method: string, types: readonly string[] = []): Record<string, string> => {
  if (method === 'PATCH') return { 'accept-patch': `${MERGE_PATCH}, ${MEDIA_TYPES.json}` };
  return method === 'POST' ? { 'accept-post': types.length > 0 ? types.join(', ') : MEDIA_TYPES.json } : {};
};

/** What the route of a request takes, and with `Accept` what any answer of 415 may say; RFC 9110 §12.5.1, §15.5.16. */
function acceptedBodies({ method, headers, routeOptions }: FastifyRequest): Record<string, string> {
  const own = bodyHeaders(method, routeOptions.config.streams);
  const [accept = method === 'PUT' ? (routeOptions.config.streams ?? [MEDIA_TYPES.json]).join(', ') : undefined] =
    Object.values(own);
  return {
    ...own,
    ...(accept !== undefined && { accept }),
    ...(headers['content-encoding'] !== undefined && { 'accept-encoding': REQUEST_CODINGS.join(', ') }),
  };
}

/** Which bodies the operation takes, and which one came: for a 415. */
export function describeTakenBodies(request: FastifyRequest): string {
  const { accept, 'accept-encoding': codings } = acceptedBodies(request);
  if (accept === undefined) return 'This operation takes no body.';
  const type = request.headers['content-type'];
  const sent = type === undefined ? 'the request has no Content-Type' : `the Content-Type is ${type}`;
  const coding = codings === undefined ? '' : ` In content codings it takes ${codings}.`;
  return `This operation takes ${accept}, in UTF-8; ${sent}.${coding}`;
}
