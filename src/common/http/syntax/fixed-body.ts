import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/**
 * Serves a text that stays the same until the process ends: made and tagged once, when it is first asked for. Caches may
 * keep it and ask whether it has changed.
 */
export function serveFixed(fastify: FastifyInstance, url: string, type: string, make: () => string): void {
  let made: { body: string; etag: string } | undefined;
  fastify.get(url, (_request, reply) => {
    if (!made) {
      const body = make();
      made = { body, etag: `"${hash('sha1', body, 'base64url')}"` };
    }
    return reply.type(type).headers({ etag: made.etag, 'cache-control': 'public, no-cache' }).send(made.body);
  });
}
