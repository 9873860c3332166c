import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { addressOf } from '../common/http/syntax/network.js';

/** Where a request comes from. */
export interface Client {
  address: string;
  /** What the device says it is, shortened; null when it doesn't. */
  userAgent: string | null;
}

/** The client of a request; its address by `X-Forwarded-For` only behind a configured proxy. */
export const CurrentClient = createParamDecorator((_: unknown, context: ExecutionContext): Client => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    address: addressOf(request.ip) ?? 'unknown',
    userAgent: request.headers['user-agent']?.slice(0, 200) ?? null,
  };
});
