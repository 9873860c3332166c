import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';

const options = new WeakMap<object, FastifyContextConfig>();

/**
 * Gives a route's Fastify config one more member; `RouteConfig` alone would drop those that another decorator gave it. On a
 * controller it holds for each of its routes that does not say otherwise.
 */
export const RouteOption =
  (option: FastifyContextConfig): MethodDecorator & ClassDecorator =>
  (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor) add(option, target, name, descriptor);
    else if (typeof target === 'function') addToAll(option, target);
  };

function addToAll(option: FastifyContextConfig, controller: object): void {
  const prototype: unknown = Reflect.get(controller, 'prototype');
  if (typeof prototype !== 'object' || prototype === null) return;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const method: unknown = descriptor.value;
    const own = typeof method === 'function' ? options.get(method) : undefined;
    add({ ...option, ...own }, prototype, name, descriptor);
  }
}

function add(
  option: FastifyContextConfig,
  target: object,
  name: string | symbol | undefined,
  descriptor: PropertyDescriptor,
): void {
  const method: unknown = descriptor.value;
  if (typeof method !== 'function' || name === undefined) return;
  const all = { ...options.get(method), ...option };
  options.set(method, all);
  RouteConfig(all)(target, name, descriptor);
}
