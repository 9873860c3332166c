import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Limits } from '../http/limits.js';
import { Problem } from '../http/problem.js';
import { Forbidden, Unauthenticated } from '../http/problems.js';
import { ACCESS, type Access } from './access.js';
import type { Caller } from './caller.js';

/** Why passport turned a request away, as passport-jwt tells it. */
interface Refusal {
  message?: string;
}

/** Guards every route: closed unless it says who may call it. Tokens are checked by the passport strategy `jwt`. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: Limits,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const anybody = access === 'public' && request.headers.authorization === undefined;
    const refusal = anybody ? undefined : await this.refusal(context);
    // Whoever is turned away has been counted before: tokens can't be tried without end.
    await this.limits.admit(request, http.getResponse<FastifyReply>());
    if (refusal) throw refusal;
    if (typeof access === 'object' && !request.user?.permissions.has(access.name)) {
      throw new Problem(Forbidden, `This needs the permission ${access.name}, which your roles don’t grant.`);
    }
    // A route that says nothing is closed to everybody, so that forgetting is noticed.
    if (access === undefined) throw new Problem(Forbidden, 'This route is closed.');
    return true;
  }

  /** Finds out who calls, or why that isn't known. */
  private async refusal(context: ExecutionContext): Promise<Problem | undefined> {
    try {
      await super.canActivate(context);
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }

  /** Called by passport with what the strategy found. */
  override handleRequest<T = Caller>(error: unknown, caller: T | false, refusal?: Refusal): T {
    if (error instanceof Error) throw error;
    if (caller) return caller;
    const absent = refusal?.message === 'No auth token';
    throw new Problem(
      Unauthenticated,
      absent
        ? 'The request has no access token.'
        : 'The access token is not valid, has run out, or its session has ended.',
      // RFC 6750 §3: no error code when the request has no credentials at all
      { headers: { 'www-authenticate': absent ? 'Bearer' : 'Bearer error="invalid_token"' } },
    );
  }
}
