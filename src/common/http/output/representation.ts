import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusalToShow } from '../conditional/conditional.js';
import type { PageInfo } from '../paging/page.dto.js';
import { CSV_TYPE, MEDIA_TYPES, syntaxOf } from '../syntax/accept.js';
import { csvOf } from '../syntax/csv.js';
import { etagKnownTo, etagOf, STATE, type Stated, viewOf } from '../syntax/etag.js';
import { pathOf } from '../syntax/target.js';
import { isNegotiated, varyOf } from '../syntax/vary.js';
import { xmlOf } from '../syntax/xml.js';

/** What a caller alone may keep: nothing. */
const PRIVATE = 'private, no-store';

/** When to look for the first time how far something is that was accepted, in seconds: RFC 9110 §10.2.3. */
const FIRST_LOOK = 1;

const isVersioned = (payload: unknown): payload is { version: number } & Stated =>
  typeof payload === 'object' && payload !== null && 'version' in payload && typeof payload.version === 'number';

const isIdentified = (payload: unknown): payload is { id: string } =>
  typeof payload === 'object' && payload !== null && 'id' in payload && typeof payload.id === 'string';

const isPage = (payload: unknown): payload is { page: PageInfo } =>
  typeof payload === 'object' && payload !== null && 'page' in payload && 'data' in payload;

/**
 * What follows from what is answered: `ETag` of a versioned resource and 304 for a client that has it, `Location` of what
 * was created or is being done, `Link` to the next page (RFC 8288), `Cache-Control` (private unless the route is public
 * and the caller nobody), `Vary`, and XML or CSV for whom wants that.
 */
export function describeRepresentations(fastify: FastifyInstance): void {
  fastify.addHook('preSerialization', (request: FastifyRequest, reply: FastifyReply, payload: unknown, done) => {
    if ((reply.statusCode === 201 || reply.statusCode === 202) && isIdentified(payload)) {
      // a route whose resources are elsewhere says where, with `{id}` for the one that was created
      const location = reply.getHeader('location') ?? `${pathOf(request)}/{id}`;
      reply.header('location', String(location).replace('{id}', payload.id));
      if (reply.statusCode === 202) reply.header('retry-after', FIRST_LOOK);
    }
    if (isPage(payload) && payload.page.next !== null) {
      const query = new URLSearchParams({ cursor: payload.page.next, limit: String(payload.page.limit) });
      reply.header('link', `<${pathOf(request)}?${query.toString()}>; rel="next"`);
    }
    if (reply.statusCode < 300 && isVersioned(payload)) {
      reply.header('etag', etagOf(payload[STATE] ?? payload.version, viewOf(request)));
      const refusal = refusalToShow(request, payload.version);
      if (refusal) {
        done(refusal);
        return;
      }
    }
    done(null, payload);
  });

  fastify.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, payload: unknown, done) => {
    if (request.method !== 'OPTIONS') reply.header('vary', varyOf(request, reply));
    const cacheControl = cacheControlOf(request, reply);
    if (cacheControl !== undefined) {
      reply.header('cache-control', cacheControl);
      if (typeof payload === 'string' && payload !== '' && !reply.hasHeader('etag')) {
        reply.header('etag', `"${hash('sha1', payload, 'base64url')}${viewOf(request)}"`);
      }
    } else if (!reply.hasHeader('cache-control') || !isForAll(request)) {
      reply.header('cache-control', PRIVATE);
    }
    const known = request.headers['if-none-match'];
    const etag = known === undefined ? undefined : etagToConfirm(request, reply, known);
    if (etag !== undefined) {
      reply.code(304).header('etag', etag).removeHeader('content-type').removeHeader('content-length');
      done(null, '');
    } else done(null, inSyntax(request, reply, payload));
  });
}

/** Whether what an answer says itself of caches holds for the caller: files are the same for everybody. */
const isForAll = ({ headers, routeOptions }: FastifyRequest): boolean =>
  headers.authorization === undefined || routeOptions.config.files !== undefined;

/** How caches may keep an answer that everybody gets; undefined when it is the caller's alone, or a failure. */
function cacheControlOf(request: FastifyRequest, { statusCode }: FastifyReply): string | undefined {
  if (request.headers.authorization !== undefined || (statusCode !== 200 && statusCode !== 304)) return undefined;
  return request.routeOptions.config.cacheControl;
}

/** The tag of what the client has already, if it is what would be answered. */
function etagToConfirm(request: FastifyRequest, reply: FastifyReply, known: string): string | undefined {
  if (reply.statusCode !== 200 || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined;
  const etag = reply.getHeader('etag');
  return typeof etag === 'string' ? etagKnownTo(known, etag) : undefined;
}

/**
 * What the serialiser made, in XML or CSV if that is preferred. It is made of the JSON, so that what can't leave in one can't in
 * the others.
 */
function inSyntax(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const syntax = syntaxOf(request);
  if (typeof payload !== 'string' || syntax === undefined || syntax === 'json') return payload;
  const type = reply.getHeader('content-type');
  if (typeof type !== 'string' || !type.startsWith(MEDIA_TYPES.json) || !isNegotiated(request)) return payload;
  const { csv } = request.routeOptions.config;
  const isCsv = syntax === 'csv' && csv !== undefined;
  reply.type(`${isCsv ? CSV_TYPE : MEDIA_TYPES.xml}; charset=utf-8`).removeHeader('content-length');
  return isCsv ? csvOf(payload, csv) : xmlOf(payload, 'resource');
}
