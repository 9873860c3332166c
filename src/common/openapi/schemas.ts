import type { OpenAPIObject, ParameterObject } from '@nestjs/swagger';
import { type Schema, typesOf, walk } from '../json-schema/schema.js';
import { type DtoClasses, membersOf } from './dto-classes.js';
import { operationsOf } from './operations.js';
import { documentRules, rulesOf } from './rules.js';

/** No text of ours has the character U+0000: PostgreSQL has none. */
const TEXT = '^[^\\u0000]*$';

/** How long a text of a format can be. */
const LENGTHS: Record<string, number> = {
  uuid: 36,
  'date-time': 35,
  'idn-email': 254,
  uri: 2048,
  'uri-reference': 2048,
};

const INT32 = 2 ** 31 - 1;

/**
 * Makes the schemas say all that holds: what class-validator enforces, formats, bounds, and that there are no other members.
 * Members stand in the order of their class.
 */
export function completeSchemas(document: OpenAPIObject, { byName, taken }: DtoClasses): void {
  nullAsType(document);
  const schemas: Record<string, Schema> = document.components?.schemas ?? {};
  for (const [name, schema] of Object.entries(schemas)) {
    const type = byName.get(name);
    if (!type || !schema.properties) throw new Error(`the schema ${name} has no DTO class`);
    const rules = rulesOf(type);
    const members = membersOf(type).filter((member) => schema.properties?.[member]);
    const properties = Object.entries(schema.properties).sort(([a], [b]) => members.indexOf(a) - members.indexOf(b));
    schema.properties = Object.fromEntries(properties);
    for (const [member, property] of properties) completeMember(property, rules.get(member));
    schema.required?.sort((a, b) => members.indexOf(a) - members.indexOf(b));
    walk(schema, bound);
  }
  for (const operation of operationsOf(document)) {
    const rules = (taken.get(operation.operationId ?? '') ?? []).map(rulesOf);
    for (const parameter of operation.parameters ?? []) {
      if ('in' in parameter) completeParameter(parameter, rules);
    }
    const { requestBody } = operation;
    const form =
      requestBody && 'content' in requestBody ? requestBody.content['multipart/form-data']?.schema : undefined;
    if (form) walk(form, bound);
  }
}

function completeParameter(parameter: ParameterObject, rules: ReturnType<typeof rulesOf>[]): void {
  const { name, schema } = parameter;
  if (!schema) return;
  completeMember(schema, rules.map((ofClass) => ofClass.get(name)).find(Boolean));
  walk(schema, bound);
  if (parameter.required && 'default' in schema) parameter.required = false;
  if (typesOf(schema).includes('array')) Object.assign(parameter, { style: 'form', explode: false });
}

function completeMember(
  schema: Schema,
  rules: ReturnType<typeof rulesOf> extends Map<string, infer R> ? R | undefined : never,
): void {
  // a number of a DTO is a whole one, unless its rule says otherwise
  if (!rules?.some((rule) => rule.name === 'isNumber')) {
    if (schema.type === 'number') schema.type = 'integer';
    else if (typesOf(schema).includes('number')) schema.type = ['integer', 'null'];
  }
  documentRules(schema, rules ?? []);
}

/** Bounds that follow from what a schema says already. */
function bound(schema: Schema): void {
  const types = typesOf(schema);
  if (types.includes('integer')) {
    schema.minimum ??= 0;
    schema.maximum ??= Number.MAX_SAFE_INTEGER;
    schema.format ??= schema.minimum >= -INT32 && schema.maximum <= INT32 ? 'int32' : 'int64';
  }
  if (types.includes('string') && !schema.enum && schema.const === undefined) {
    const length = LENGTHS[schema.format ?? ''];
    if (length !== undefined) schema.maxLength ??= length;
    if (!schema.format && !schema.pattern) schema.pattern = TEXT;
  }
  if (schema.items) {
    schema.xml = { wrapped: true };
    schema.items.xml = { name: 'i' };
  }
  if (types.includes('object') && schema.properties) schema.additionalProperties ??= false;
}

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** `nullable: true`, which is OpenAPI 3.0, becomes a type `null` in every schema below. */
function nullAsType(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as Record<string, Json>;
  if (schema.nullable === true) {
    delete schema.nullable;
    if (typeof schema.type === 'string' && !schema.allOf) {
      schema.type = [schema.type, 'null'];
      if (Array.isArray(schema.enum)) schema.enum = [...schema.enum, null];
    } else {
      const { $ref, allOf, type: _type, ...rest } = schema;
      const referred: Json[] = Array.isArray(allOf) ? allOf : $ref === undefined ? [] : [{ $ref }];
      for (const member of Object.keys(schema)) Reflect.deleteProperty(schema, member);
      Object.assign(schema, rest, { anyOf: [...referred, { type: 'null' }] });
    }
  }
  for (const child of Object.values(schema)) nullAsType(child);
}
