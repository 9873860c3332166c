import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { RouteOption } from '../syntax/route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The `Cache-Control` of what a route shows to nobody in particular. */
    cacheControl?: string;
  }
}

/**
 * Lets caches keep what a route shows to nobody in particular, and ask by its `ETag` whether it has changed: that of its
 * version, where it has one, or else of its bytes.
 */
export const Cacheable = (seconds: number): MethodDecorator =>
  applyDecorators(
    RouteOption({ cacheControl: `public, max-age=${String(seconds)}` }),
    ApiExtension('x-cacheable', true),
  );
