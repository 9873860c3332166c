import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { etagOf } from './conditional.js';
import type { PageInfo } from './page.dto.js';

/** What a caller alone may keep: nothing. */
const PRIVATE = 'private, no-store';

const isVersioned = (payload: unknown): payload is { version: number } =>
  typeof payload === 'object' && payload !== null && 'version' in payload && typeof payload.version === 'number';

const isIdentified = (payload: unknown): payload is { id: string } =>
  typeof payload === 'object' && payload !== null && 'id' in payload && typeof payload.id === 'string';

const isPage = (payload: unknown): payload is { page: PageInfo } =>
  typeof payload === 'object' && payload !== null && 'page' in payload && 'data' in payload;

/** Whether `If-None-Match` names the tag, by weak comparison; RFC 9110 §13.1.2. */
function matches(header: string, etag: string): boolean {
  return header.trim() === '*' || Array.from(header.matchAll(/"[^"]*"/g), ([tag]) => tag).includes(etag);
}

/**
 * The headers that follow from what is answered: `ETag` of a versioned resource and 304 for a client that has it,
 * `Location` of what was created or is being done, `Link` to the next page (RFC 8288), and `Cache-Control`: private unless the route is public and the caller nobody.
 */
export function describeRepresentations(fastify: FastifyInstance): void {
  fastify.addHook('preSerialization', (request: FastifyRequest, reply: FastifyReply, payload: unknown, done) => {
    if (
      (reply.statusCode === 201 || reply.statusCode === 202) &&
      isIdentified(payload) &&
      !reply.hasHeader('location')
    ) {
      reply.header('location', `${request.url.split('?')[0] ?? ''}/${payload.id}`);
    }
    if (isPage(payload) && payload.page.next !== null) {
      const query = new URLSearchParams({ cursor: payload.page.next, limit: String(payload.page.limit) });
      reply.header('link', `<${request.url.split('?')[0] ?? ''}?${query.toString()}>; rel="next"`);
    }
    if (reply.statusCode < 300 && isVersioned(payload)) reply.header('etag', etagOf(payload.version));
    done(null, payload);
  });

  fastify.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, payload: unknown, done) => {
    if (!reply.hasHeader('cache-control') || request.headers.authorization !== undefined) {
      reply.header('cache-control', PRIVATE);
    }
    const etag = reply.getHeader('etag');
    const known = request.headers['if-none-match'];
    if (
      reply.statusCode === 200 &&
      (request.method === 'GET' || request.method === 'HEAD') &&
      known !== undefined &&
      typeof etag === 'string' &&
      matches(known, etag)
    ) {
      reply.code(304).removeHeader('content-type').removeHeader('content-length');
      done(null, '');
    } else done(null, payload);
  });
}
