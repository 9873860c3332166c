import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  mixin,
  type NestInterceptor,
  type Type,
  UseInterceptors,
} from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, type Observable, of, switchMap } from 'rxjs';
import type { Caller } from '../security/caller.js';
import { etagKnownTo, etagOf, viewOf } from './etag.js';

/** A service that knows by one cheap statement in which version something is. */
export interface Versions {
  /** @returns undefined for what is not there, or not for this caller to see. */
  versionOf(id: string, caller: Caller | undefined): Promise<number | undefined>;
}

/**
 * Lets a route that shows one resource answer 304 before it is loaded: `source` tells the present version of the path's
 * `id` (of the caller, where the path has none), and a client that has it gets nothing else.
 */
export function Versioned(source: Type<Versions>): MethodDecorator {
  class KnownVersion implements NestInterceptor {
    constructor(@Inject(source) private readonly versions: Versions) {}

    intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
      const http = context.switchToHttp();
      const request = http.getRequest<FastifyRequest<{ Params: { id?: string } }>>();
      // If-Match comes first, and needs what is there; RFC 9110 §13.2.2.
      const known = request.headers['if-match'] === undefined ? request.headers['if-none-match'] : undefined;
      const id = request.params.id ?? request.user?.userId;
      // Interceptors come before pipes: what is no id is refused by those.
      if (known === undefined || id === undefined || !isUUID(id)) return next.handle();
      return from(this.versions.versionOf(id, request.user)).pipe(
        switchMap((version) => {
          if (version === undefined) return next.handle();
          const etag = etagOf(version, viewOf(request));
          if (etagKnownTo(known, etag) === undefined) return next.handle();
          // 304 is made of it where every answer is described.
          http.getResponse<FastifyReply>().header('etag', etag);
          return of(undefined);
        }),
      );
    }
  }
  return UseInterceptors(mixin(KnownVersion));
}
