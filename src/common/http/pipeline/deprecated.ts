import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, onSendHookHandler } from 'fastify';
import { RouteOption } from '../syntax/route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What each answer of a route says of its end. */
    deprecation?: { deprecation: string; sunset: string };
  }
}

/**
 * Announces the end of a route, in the document and on each of its answers: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
 * `since` is from when on it should not be used any more, `sunset` from when on it may be gone: dates of ISO 8601.
 */
export function Deprecated({ since, sunset }: { since: string; sunset: string }): MethodDecorator {
  const [from, end] = [new Date(since), new Date(sunset)];
  if (!(from <= end)) throw new Error(`a route can’t be gone (${sunset}) before it is deprecated (${since})`);
  return applyDecorators(
    ApiExtension('x-deprecated', true),
    RouteOption({
      deprecation: { deprecation: `@${String(Math.floor(from.getTime() / 1000))}`, sunset: end.toUTCString() },
    }),
  );
}

/** Has the routes that are {@link Deprecated} say so in every response. To be called before the routes are mounted. */
export function announceDeprecations(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const announcement = route.config?.deprecation;
    if (!announcement) return;
    const announce: onSendHookHandler = (_request, reply, payload, done) => {
      reply.headers(announcement);
      done(null, payload);
    };
    route.onSend = [announce, ...[route.onSend ?? []].flat()];
  });
}
