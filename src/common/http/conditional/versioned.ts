import { type CanActivate, type ExecutionContext, Inject, mixin, type Type, UseGuards } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../security/caller.js';
import { etagKnownTo, etagOf, type State, viewOf } from '../syntax/etag.js';
import { NotModified } from './conditional.js';

/** A service that knows by one cheap statement in which version something is. */
export interface Versions {
  /** @returns its version, or its state where that is more; undefined for what is not there, or not for this caller to see. */
  versionOf(id: string, caller: Caller | undefined): Promise<State | undefined>;
}

/**
 * Lets a route that shows one resource answer 304 before it is loaded: `source` tells the present version of the path's
 * `id` (of the caller, where the path has none), and a client that has it gets nothing else. A guard, which comes after
 * those of the whole application: an interceptor would cost those requests something too that ask for no version.
 */
export function Versioned(source: Type<Versions>): MethodDecorator {
  class KnownVersion implements CanActivate {
    constructor(@Inject(source) private readonly versions: Versions) {}

    canActivate(context: ExecutionContext): boolean | Promise<boolean> {
      const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { id?: string } }>>();
      // If-Match comes first, and needs what is there; RFC 9110 §13.2.2.
      const known = request.headers['if-match'] === undefined ? request.headers['if-none-match'] : undefined;
      const id = request.params.id ?? request.user?.userId;
      // Guards come before pipes: what is no id is refused by those.
      return known === undefined || id === undefined || !isUUID(id) || this.hasChanged(id, known, request);
    }

    private async hasChanged(id: string, known: string, request: FastifyRequest): Promise<boolean> {
      const version = await this.versions.versionOf(id, request.user);
      const etag = version === undefined ? undefined : etagKnownTo(known, etagOf(version, viewOf(request)));
      if (etag === undefined) return true;
      // `*` says nothing of what the client has: it costs what a read costs
      request.isFree = known.trim() !== '*';
      throw new NotModified(etag);
    }
  }
  return UseGuards(mixin(KnownVersion));
}
