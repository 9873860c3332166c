import type { FastifyInstance } from 'fastify';

/** Where a person looks first who knows nothing but the host. */
const LANDINGS = ['/', '/api', '/api/', '/api/v1', '/api/v1/'];

/** Redirects from the host and from the base path of the API to a page with more information. */
export function leadTo(fastify: FastifyInstance, page: string): void {
  for (const url of LANDINGS) fastify.get(url, (_request, reply) => reply.redirect(page, 302));
}
