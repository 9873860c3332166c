import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { Forbidden, Unauthenticated } from '../errors/errors.js';
import { closeAfterRefusal } from '../http/syntax/unread-body.js';
import { ACCESS, type Access } from './access.js';
import type { Caller } from './caller.js';
import { SignInStrategy } from './sign-in.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the caller isn't known, though there are credentials. */
    refusal: AppError | null;
  }
}

/**
 * Finds out who calls, by passport, before anything else is looked at; and guards every route: closed unless it says who
 * may call it.
 */
@Injectable()
export class AccessGuard extends AuthGuard() implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    strategy: SignInStrategy,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  /** Runs before every route: identifies the caller by the credentials, or records why that failed. */
  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('refusal', null);
    fastify.addHook('onRequest', (request, reply, done) => {
      if (request.headers.authorization === undefined || !asksForCaller(request)) done();
      else {
        this.identify(request, reply).then(() => {
          done();
        }, done);
      }
    });
  }

  /**
   * Refuses a caller who may not call a route before its body is unpacked, scanned or even read; to be installed behind the
   * limits, which count those requests too.
   */
  refuseStrangers(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      const { access } = request.routeOptions.config;
      const refusal = access === undefined ? undefined : refusalOf(request, access);
      if (refusal) closeAfterRefusal(request, reply);
      done(refusal);
    });
  }

  /** Checks again behind Nest's router: should a hook be bypassed, no route answers a caller who may not call it. */
  override canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    // A route that says nothing is closed to everybody, so that forgetting is noticed.
    if (access === undefined) throw new AppError(Forbidden, 'This route is closed.');
    const refusal = refusalOf(context.switchToHttp().getRequest<FastifyRequest>(), access);
    if (refusal) throw refusal;
    return true;
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await super.canActivate(new ExecutionContextHost([request, reply]));
      if (request.requestContext && request.user) request.requestContext.callerId = request.user.userId;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      request.refusal = error;
    }
  }

  /** Called by passport with what the strategy found. */
  override handleRequest<T = Caller>(error: unknown, caller: T | false, reason?: { message?: string }): T {
    // passport passes null or false when nothing failed; any other failure is not the caller's fault
    if (error) throw error instanceof Error ? error : new Error('the caller could not be looked up', { cause: error });
    if (caller) return caller;
    if (reason?.message === 'No auth token') throw missingToken();
    throw unauthorized(
      'The access token is not valid, has run out, or its session has ended.',
      'Bearer error="invalid_token"',
    );
  }
}

/**
 * Whether it matters who calls: not on a public route that answers everybody alike. A client that sends its token with every
 * request can refresh it, and log in, when it has run out.
 */
function asksForCaller({ is404, method, routeOptions: { config } }: FastifyRequest): boolean {
  if (is404) return method !== 'OPTIONS';
  return config.access !== undefined && (config.access !== 'public' || config.knowsCaller === true);
}

/** Why the caller may not call what is open to `access`, if they may not. */
function refusalOf({ user, refusal }: FastifyRequest, access: Access): AppError | undefined {
  if (refusal) return refusal;
  if (access !== 'public' && !user) return missingToken();
  if (typeof access !== 'object' || user?.permissions.has(access.name)) return undefined;
  return new AppError(Forbidden, `This needs the permission ${access.name}, which your roles don’t grant.`);
}

/** RFC 6750 §3: no error code when the request has no credentials of this kind at all. */
const missingToken = (): AppError => unauthorized('The request has no access token.', 'Bearer');

const unauthorized = (detail: string, challenge: string): AppError =>
  new AppError(Unauthenticated, detail, { challenge });
