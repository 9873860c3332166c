import { resolve, type Schema, type Schemas, typesOf } from '../json-schema/schema.js';

/** What stands for a text of a format whose member gives no example. */
const OF_FORMAT: Record<string, string> = {
  uuid: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
  'date-time': '2026-11-20T09:30:00.000Z',
  'idn-email': 'ada@example.com',
};

/** An example of what a schema describes, made of the examples that its members give; without what is deprecated. */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const { $ref, allOf, anyOf, items, properties } = schema;
  if ($ref) return exampleOf(resolve(schema, schemas), schemas);
  const [part] = allOf ?? anyOf ?? [];
  if (part) return exampleOf(part, schemas);
  if (properties) {
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([, { deprecated }]) => deprecated !== true)
        .map(([member, property]) => [member, exampleOf(property, schemas)]),
    );
  }
  const types = typesOf(schema);
  if (types.includes('array')) return items ? [exampleOf(items, schemas)] : [];
  if (types.includes('integer') || types.includes('number')) return schema.default ?? Math.max(schema.minimum ?? 0, 0);
  if (types.includes('boolean')) return false;
  if (types.includes('null')) return null;
  return OF_FORMAT[schema.format ?? ''];
}
