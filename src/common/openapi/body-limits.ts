import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { BODY_LIMIT } from '../http/input/body-limit.js';
import { resolve, type Schema, type Schemas, typesOf } from '../json-schema/schema.js';
import { type Located, locatedOperationsOf } from './operations.js';

const KIB = 1024;
/** A character has four bytes at most in UTF-8. */
const BYTES_OF_CHARACTER = 4;
const BYTES_OF_NUMBER = 24;
/** Quotes, colon, comma and a space. */
const PUNCTUATION = 5;

/**
 * Says how many bytes the JSON body of an operation may have: what its route says, or else 64 KiB, or more where its schema
 * allows more.
 * @throws Error when a route takes fewer bytes than its schema allows.
 */
export function documentBodyLimit({ method, path, operation }: Located, schemas: Schemas): void {
  if (!operation.requestBody || !('content' in operation.requestBody)) return;
  const schema: Schema | undefined = operation.requestBody.content['application/json']?.schema;
  if (!schema) return;
  const largest = Math.ceil(largestOf(schema, schemas) / KIB) * KIB;
  const limit = operation['x-body-limit'] ?? Math.max(BODY_LIMIT, largest);
  if (limit < largest) {
    throw new Error(
      `${method.toUpperCase()} ${path} takes bodies of ${String(limit)} bytes, and its DTO allows ${String(largest)}: raise @BodyLimit()`,
    );
  }
  operation['x-body-limit'] = limit;
  operation.requestBody.description ??= `At most ${String(limit / KIB)} KiB.`;
}

/** How many bytes the JSON of a value may have, when its texts are not escaped. */
function largestOf(schema: Schema, schemas: Schemas): number {
  const { $ref, allOf, anyOf, oneOf, enum: values, items, properties, additionalProperties } = schema;
  if ($ref) return largestOf(resolve(schema, schemas), schemas);
  if (values) return Math.max(...values.map((value) => JSON.stringify(value).length * BYTES_OF_CHARACTER));
  const parts = [...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? [])];
  if (parts.length > 0) return parts.reduce((sum, part) => sum + largestOf(part, schemas), 0);
  let bytes = BYTES_OF_NUMBER;
  if (typesOf(schema).includes('string')) {
    bytes = (schema.maxLength ?? 0) * (isAscii(schema) ? 1 : BYTES_OF_CHARACTER);
  }
  if (items) bytes = (schema.maxItems ?? 0) * (largestOf(items, schemas) + PUNCTUATION);
  for (const [name, member] of Object.entries(properties ?? {})) {
    bytes += name.length + PUNCTUATION + largestOf(member, schemas);
  }
  if (typeof additionalProperties === 'object') {
    const name = schema.propertyNames ? largestOf({ type: 'string', ...schema.propertyNames }, schemas) : 0;
    bytes += (schema.maxProperties ?? 0) * (name + PUNCTUATION + largestOf(additionalProperties, schemas));
  }
  return bytes;
}

/** Whether a text is of one byte a character by its format or pattern: an id, a time, letters and digits. */
const isAscii = ({ format, pattern = '' }: Schema): boolean =>
  format === 'uuid' || format === 'date-time' || /^\^(?:\[[\w./-]+\][*+]?(?:\{[\d,]+\})?)+\$$/.test(pattern);

/** Has Fastify keep each route to the limit that the document names; to be called before the routes are mounted. */
export function limitBodiesByDocument(fastify: FastifyInstance, document: OpenAPIObject): void {
  const limits = new Map(
    locatedOperationsOf(document).map(({ method, path, operation }) => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      operation['x-body-limit'],
    ]),
  );
  fastify.addHook('onRoute', (route) => {
    const limit = limits.get(`${String(route.method)} ${route.url}`);
    if (limit !== undefined) route.bodyLimit = limit;
  });
}
