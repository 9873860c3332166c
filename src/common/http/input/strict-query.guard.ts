import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { InvalidParameter } from '../../errors/errors.js';
import { unknownName } from '../../errors/fault-texts.js';

/** Refuses query parameters where a route reads none; where it reads some, its DTO does. */
@Injectable()
export class StrictQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { url, query } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!url.includes('?') || typeof query !== 'object' || query === null) return true;
    const unknown = readsQuery(context) ? [] : Object.keys(query);
    if (unknown.length === 0) return true;
    throw new AppError(InvalidParameter, 'Some query parameters are not known here; errors names each one.', {
      errors: unknown.map((name) => ({ parameter: name, code: 'unknown', detail: unknownName(name, []) })),
    });
  }
}

/** Whether a parameter of the method that answers is `@Query()`, by what Nest keeps of it: `<type>:<index>`. */
function readsQuery(context: ExecutionContext): boolean {
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name);
  if (typeof parameters !== 'object' || parameters === null) return false;
  return Object.keys(parameters).some((key) => key.startsWith(`${String(RouteParamtypes.QUERY)}:`));
}
