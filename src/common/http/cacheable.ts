import { applyDecorators, Header } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/**
 * Lets caches keep what a route shows to nobody in particular, and ask by its `ETag` whether it has changed: that of its
 * version, where it has one, or else of its bytes.
 */
export const Cacheable = (seconds: number): MethodDecorator =>
  applyDecorators(Header('cache-control', `public, max-age=${String(seconds)}`), ApiExtension('x-cacheable', true));
