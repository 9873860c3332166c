import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';
import { UnsupportedMediaType } from '../errors/http-errors.js';
import { RouteOption } from '../syntax/route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a route is given the bytes of a JSON body, as they came. */
    keepsBytes?: boolean;
  }
}

/** A JSON body as it came: a signature is of bytes, not of what they mean. */
export class RawBody {
  constructor(readonly bytes: Buffer) {}
}

/** Takes a JSON body as {@link BodyBytes}, which nobody has read. @param example of a body. */
export const KeepsBytes = (example: Readonly<Record<string, unknown>>): MethodDecorator =>
  applyDecorators(
    RouteOption({ keepsBytes: true }),
    ApiBody({ schema: { type: 'object', additionalProperties: true, maxProperties: 1000, example } }),
  );

/** The bytes of the body of a route that {@link KeepsBytes}; none for no body. */
export const BodyBytes = createParamDecorator((_: unknown, context: ExecutionContext): Buffer => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  if (body instanceof RawBody) return body.bytes;
  if (body === undefined || body === null) return Buffer.alloc(0);
  throw new AppError(UnsupportedMediaType, 'The body has another Content-Type than this operation takes.');
});
