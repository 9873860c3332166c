import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { RouteOption } from '../http/syntax/route-option.js';
import type { Role } from './roles.js';

/** Who makes a request: a signed-in user in one session. */
export interface Caller {
  userId: string;
  sessionId: string;
  roles: readonly Role[];
  permissions: ReadonlySet<string>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a public route answers its caller otherwise than nobody. */
    knowsCaller?: boolean;
  }
  interface FastifyRequest {
    /** Set by the guard; absent when nobody is signed in. */
    user?: Caller;
  }
}

/** The caller of a route that is not public. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { user } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!user) throw new Error('a route that asks for its caller is public: use @OptionalCaller()');
  return user;
});

/** The caller of a public route, if one is signed in; using it says in the document that signing in is optional there. */
export const OptionalCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().user,
  [
    (controller, method): void => {
      const descriptor = method === undefined ? undefined : Object.getOwnPropertyDescriptor(controller, method);
      if (method === undefined || !descriptor) return;
      ApiSecurity({})(controller, method, descriptor);
      ApiBearerAuth()(controller, method, descriptor);
      RouteOption({ knowsCaller: true })(controller, method, descriptor);
    },
  ],
);
