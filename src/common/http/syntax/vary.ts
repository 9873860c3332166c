import type { FastifyReply, FastifyRequest } from 'fastify';
import { isApi } from './target.js';

/** Whether the answers of the route that takes the request are negotiated: the API's are; pages, the docs and probes are what they are. */
export const isNegotiated = (request: FastifyRequest): boolean => !request.is404 && isApi(request);

/**
 * What an answer depends on; RFC 9110 §12.5.5. A failure comes in JSON or XML anywhere; a public answer says more to some
 * callers; pages of listed origins alone may read it. To be called once, when CORS has said its own.
 */
export function varyOf(request: FastifyRequest, reply: FastifyReply): string {
  const accept = isNegotiated(request) || reply.statusCode >= 400 ? 'Accept, ' : '';
  const isPublic = reply.statusCode < 400 && request.routeOptions.config.cacheControl !== undefined;
  return `${accept}Accept-Encoding${isPublic ? ', Authorization' : ''}${reply.hasHeader('vary') ? ', Origin' : ''}`;
}
