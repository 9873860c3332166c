import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { MethodNotAllowed } from '../errors/http-errors.js';
import { bodyHeaders } from '../input/json-body.js';
import { pathOf } from '../syntax/target.js';

/** The methods that a route may take. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * `OPTIONS` is answered with 204 and `Allow` (and `Accept-Patch` where `PATCH` is taken; RFC 5789 §3.1), and a method that an existing address does not take with 405 and `Allow`
 * (RFC 9110 §9.3.7, §15.5.6); where nothing is, 404 as ever.
 */
export function allowedMethods(fastify: FastifyInstance): void {
  const literal = new Set<string>();
  fastify.addHook('onRoute', ({ url }) => {
    if (!/[:*]/.test(url)) literal.add(url);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request);
    // /imports/preview is no import: GET /imports/{id} does not take it for an id
    const isLiteral = literal.has(path);
    const isTaken = !request.is404 && (!isLiteral || request.routeOptions.url === path);
    const allow = isTaken && request.method !== 'OPTIONS' ? [] : methodsOf(fastify, path, isLiteral);
    if (allow.length === 0) {
      done();
      return;
    }
    reply.header('allow', [...allow, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS')
      reply
        .code(204)
        .headers(allow.includes('PATCH') ? bodyHeaders('PATCH') : {})
        .send();
    else done(new AppError(MethodNotAllowed, `${request.method} is not allowed here; these are: ${allow.join(', ')}.`));
  });
}

/** @param isLiteral whether there is a route of exactly this path: those with parameters do not count then. */
function methodsOf(fastify: FastifyInstance, path: string, isLiteral: boolean): string[] {
  return METHODS.filter((method) => {
    // Fastify's types leave out that nothing may be found
    const found = fastify.findRoute({ method, url: path }) as { params: object } | null;
    return found !== null && (!isLiteral || Object.keys(found.params).length === 0);
  });
}
