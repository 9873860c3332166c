import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';

const options = new WeakMap<object, FastifyContextConfig>();

/** Gives a route's Fastify config one more member; `RouteConfig` alone would drop those that another decorator gave it. */
export const RouteOption =
  (option: FastifyContextConfig): MethodDecorator =>
  (target, name, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') return;
    const all = { ...options.get(method), ...option };
    options.set(method, all);
    RouteConfig(all)(target, name, descriptor);
  };
