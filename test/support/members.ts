import { resolve, type Schema, type Schemas, typesOf } from '../../src/common/json-schema/schema.js';

/** A member of a body, or the body itself. */
export interface Member {
  /** The names that lead to it; `0` for the first item of a list. */
  path: string[];
  /** Its schema; of several that it may have, the one for texts. */
  schema: Schema;
  /** The types that it may have; none where it may have any. */
  types: string[];
  /** Whether it is an entry of a dictionary, whose names the client chooses. */
  isEntry: boolean;
}

/** The name of an entry that stands for all entries of a dictionary. */
const ENTRY = 'colour';

/** A schema, and all members below it. */
export function membersOf(schema: Schema, schemas: Schemas, path: string[] = [], isEntry = false): Member[] {
  const parts = partsOf(schema, schemas);
  const text = parts.find((part) => typesOf(part).includes('string'));
  const member = { path, schema: text ?? resolve(schema, schemas), types: parts.flatMap(typesOf), isEntry };
  const below = parts.flatMap(({ properties = {}, items, additionalProperties: entry }) => [
    ...Object.entries(properties).flatMap(([name, each]) => membersOf(each, schemas, [...path, name], isEntry)),
    ...(items ? membersOf(items, schemas, [...path, '0'], isEntry) : []),
    ...(typeof entry === 'object' ? membersOf(entry, schemas, [...path, ENTRY], true) : []),
  ]);
  return [member, ...below];
}

/** A schema, and the schemas that it is composed of. */
function partsOf(schema: Schema, schemas: Schemas): Schema[] {
  const resolved = resolve(schema, schemas);
  const { anyOf = [], allOf = [] } = resolved;
  return [resolved, ...[...anyOf, ...allOf].flatMap((part) => partsOf(part, schemas))];
}

/** Whether a member is a text that may be anything of its length. */
export const isFreeText = ({ types, schema }: Member): boolean => types.includes('string') && !schema.enum;

/** Whether a schema takes a text, its length aside. The texts of the tests have no format. */
export const takesText = ({ pattern = '', format, enum: values }: Schema, text: string): boolean =>
  values ? values.includes(text) : format === undefined && new RegExp(pattern, 'u').test(text);

/** Whether a text must have something that can be seen, in addition to its other rules. */
export const refusesBlank = ({ minLength = 0, pattern = '', format, enum: values }: Schema): boolean =>
  format !== undefined ||
  values !== undefined ||
  minLength > 0 ||
  (pattern !== '' && !new RegExp(pattern, 'u').test(''));

/** The value with another one at that place. */
export function withValue(value: unknown, [name, ...rest]: readonly string[], leaf: unknown): unknown {
  if (name === undefined) return leaf;
  const inner = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const changed = withValue(inner.get(name), rest, leaf);
  return name === '0' ? [changed] : Object.fromEntries(inner.set(name, changed));
}
