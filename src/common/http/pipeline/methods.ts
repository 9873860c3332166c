import type { FastifyInstance, FastifyRequest } from 'fastify';
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
  fastify.addHook('onRequest', (request, reply, done) => {
    const allow = request.is404 || request.method === 'OPTIONS' ? methodsOf(fastify, request) : [];
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

function methodsOf(fastify: FastifyInstance, request: FastifyRequest): string[] {
  const path = pathOf(request);
  return METHODS.filter((method) => isRoute(fastify.findRoute({ method, url: path })));
}

/** Fastify's types leave out that nothing may be found. */
const isRoute = (found: object | null): boolean => found !== null;
