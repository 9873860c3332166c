import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Schema, Schemas } from '../json-schema/schema.js';
import { locatedOperationsOf } from './operations.js';
import { PROBLEM } from './responses.js';

/** A schema by the name that Fastify has it by. */
const named = (name: string): Schema => ({ $ref: `${name}#` });

/**
 * Has every response serialised by a function that is compiled from its documented schema (fast-json-stringify): what isn't
 * documented can't leave. To be called before the routes are mounted.
 * @throws Error at the start when the routes that are mounted are not the operations that are documented.
 */
export function serialiseByDocument(fastify: FastifyInstance, document: OpenAPIObject): void {
  const schemas: Schemas = document.components?.schemas ?? {};
  for (const [name, schema] of Object.entries(schemas)) fastify.addSchema({ $id: name, ...forFastify(schema) });

  const waiting = new Map(
    locatedOperationsOf(document).map(({ method, path, operation }) => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      Object.fromEntries(
        Object.entries(operation.responses).flatMap(([status, response]) => {
          const schema = response && 'content' in response && response.content?.['application/json']?.schema;
          return schema ? [[status, forFastify(schema)]] : [];
        }),
      ),
    ]),
  );
  fastify.addHook('onRoute', (route) => {
    const name = `${String(route.method)} ${route.url}`;
    const successes = waiting.get(name);
    if (!successes) return;
    waiting.delete(name);
    route.schema = { ...route.schema, response: successes };
  });
  // failures come from places that have no route, too
  fastify.decorate('stringifyProblem', JSON.stringify);
  fastify.addHook('onReady', (done) => {
    const [missing] = waiting.keys();
    const compile = fastify.serializerCompiler;
    if (compile) fastify.stringifyProblem = compile({ schema: named(PROBLEM), method: '', url: '' });
    done(missing === undefined ? undefined : new Error(`${missing} is documented, but no route answers there`));
  });
}

/** A schema with its references as Fastify finds them. */
const forFastify = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key === 'xml') return undefined;
    return key === '$ref' && typeof value === 'string' ? `${value.split('/').at(-1) ?? ''}#` : value;
  }) as object;
