import type { OpenAPIObject } from '@nestjs/swagger';
import fastJsonStringify, { type Schema } from 'fast-json-stringify';
import type { FastifyInstance } from 'fastify';
import type { Schemas } from '../json-schema/schema.js';
import { locatedOperationsOf } from './operations.js';
import { PROBLEM } from './responses.js';

/**
 * Has every response serialised by a function that is compiled from its documented schema (fast-json-stringify), by the
 * first one that needs it: what isn't documented can't leave. To be called before the routes are mounted.
 * @throws Error at the start when the routes that are mounted are not the operations that are documented.
 */
export function serialiseByDocument(fastify: FastifyInstance, document: OpenAPIObject): void {
  const documented: Schemas = document.components?.schemas ?? {};
  const schema = Object.fromEntries(Object.entries(documented).map(([name, one]) => [name, forFastify(one)]));
  const compiled = (one: Schema): ((data: unknown) => string) => {
    let serialise: ((data: unknown) => string) | undefined;
    return (data) => (serialise ??= fastJsonStringify(one, { schema }))(data);
  };
  fastify.setSerializerCompiler((route) => compiled(route.schema as Schema));
  // failures come from places that have no route, too
  fastify.decorate('stringifyProblem', compiled({ $ref: `${PROBLEM}#` }));

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
  fastify.addHook('onReady', (done) => {
    const [missing] = waiting.keys();
    done(missing === undefined ? undefined : new Error(`${missing} is documented, but no route answers there`));
  });
}

/** A schema with its references as Fastify finds them. */
const forFastify = (schema: object): Schema =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    // nothing is validated here: the formats that its validator does not know
    if (key === 'xml' || (key === 'format' && value === 'idn-email')) return undefined;
    return key === '$ref' && typeof value === 'string' ? `${value.split('/').at(-1) ?? ''}#` : value;
  }) as Schema;
