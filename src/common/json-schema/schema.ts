/** A JSON Schema (2020-12) as far as the document uses it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  example?: unknown;
  deprecated?: boolean;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  maxProperties?: number;
  /** How it is said in XML. */
  xml?: { name?: string; wrapped?: boolean };
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** The schemas of the components by their names. */
export type Schemas = Record<string, Schema>;

const PREFIX = '#/components/schemas/';

export const referenceTo = (name: string): Schema => ({ $ref: PREFIX + name });

/** The types that a value may have. */
export const typesOf = ({ type }: Schema): string[] => (Array.isArray(type) ? type : type === undefined ? [] : [type]);

/** What a schema says, the one it refers to if it refers. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  if (!schema.$ref?.startsWith(PREFIX)) return schema;
  const name = schema.$ref.slice(PREFIX.length);
  const found = schemas[name];
  if (!found) throw new Error(`the document refers to ${name}, which is not in it`);
  return resolve(found, schemas);
}

/** Calls `visit` with a schema and all below it, without following references. */
export function walk(schema: Schema, visit: (schema: Schema) => void): void {
  visit(schema);
  const { properties, items, additionalProperties, propertyNames, allOf = [], anyOf = [], oneOf = [] } = schema;
  const below = [...Object.values(properties ?? {}), items, propertyNames, ...allOf, ...anyOf, ...oneOf];
  if (typeof additionalProperties === 'object') below.push(additionalProperties);
  for (const child of below) if (child) walk(child, visit);
}
