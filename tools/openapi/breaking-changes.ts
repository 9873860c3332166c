import type { OpenAPIObject, ResponseObject } from '@nestjs/swagger';
import { resolve, type Schema, type Schemas, typesOf } from '../../src/common/json-schema/schema.js';
import { type Located, locatedOperationsOf } from '../../src/common/openapi/operations.js';

/**
 * What a client of `before` would stumble over in `after`, each with whom it breaks: a sender (what it sends is refused)
 * or a reader (what it reads is missing or unknown). New operations, optional inputs and members of answers break nobody.
 */
export function breakingChanges(before: OpenAPIObject, after: OpenAPIObject): string[] {
  return new Comparison(schemasOf(before), schemasOf(after)).compare(before, after);
}

const schemasOf = ({ components }: OpenAPIObject): Schemas => components?.schemas ?? {};

/** Which side uses a schema: the sender or the reader. */
type Side = 'senders' | 'readers';

class Comparison {
  private readonly changes = new Set<string>();
  private readonly seen = new Set<string>();

  constructor(
    private readonly old: Schemas,
    private readonly young: Schemas,
  ) {}

  compare(before: OpenAPIObject, after: OpenAPIObject): string[] {
    const operations = new Map(locatedOperationsOf(after).map((located) => [nameOf(located), located]));
    for (const located of locatedOperationsOf(before)) {
      const name = nameOf(located);
      const now = operations.get(name);
      if (!now) this.report(name, 'is gone');
      else {
        if (now.operation.operationId !== located.operation.operationId) {
          this.report(name, `has another operationId: generated clients call ${String(located.operation.operationId)}`);
        }
        this.parameters(name, located, now);
        this.body(name, located, now);
        this.answers(name, located, now);
      }
    }
    return [...this.changes];
  }

  private report(place: string, what: string): void {
    this.changes.add(`${place} ${what}`);
  }

  private parameters(name: string, before: Located, after: Located): void {
    const known = parametersOf(before);
    for (const [key, parameter] of parametersOf(after)) {
      const former = known.get(key);
      if (parameter.required && !former?.required) {
        this.report(name, `requires ${key} now: senders without it are refused`);
      }
      if (former?.schema && parameter.schema) this.schema(`${name} ${key}`, former.schema, parameter.schema, 'senders');
    }
    for (const key of known.keys()) {
      if (!parametersOf(after).has(key)) this.report(name, `takes no ${key} any more: senders with it are refused`);
    }
  }

  private body(name: string, before: Located, after: Located): void {
    const [former, now] = [contentOf(before), contentOf(after)];
    if (!former && now && after.operation.requestBody && 'required' in after.operation.requestBody) {
      this.report(name, 'requires a body now: senders without one are refused');
    }
    for (const [type, { schema }] of Object.entries(former ?? {})) {
      const present = now?.[type];
      if (!present) this.report(name, `takes no ${type} any more: senders of it are refused`);
      else if (schema && present.schema) this.schema(`${name} body`, schema, present.schema, 'senders');
    }
  }

  private answers(name: string, before: Located, after: Located): void {
    for (const [status, response] of Object.entries(before.operation.responses)) {
      if (!status.startsWith('2') || !response || '$ref' in response) continue;
      const now = after.operation.responses[status];
      if (!now) this.report(name, `answers ${status} no more: readers wait for it`);
      else if (!('$ref' in now)) this.answer(`${name} ${status}`, response, now);
    }
  }

  private answer(place: string, before: ResponseObject, after: ResponseObject): void {
    for (const [type, { schema }] of Object.entries(before.content ?? {})) {
      const now = after.content?.[type];
      if (!now) this.report(place, `comes as ${type} no more: readers of it get 406`);
      else if (schema && now.schema) this.schema(place, schema, now.schema, 'readers');
    }
    for (const header of Object.keys(before.headers ?? {})) {
      if (!(header in (after.headers ?? {}))) this.report(place, `has no ${header} any more: readers miss it`);
    }
  }

  private schema(place: string, before: Schema, after: Schema, side: Side): void {
    // a schema that refers to itself is compared once
    const visited = `${place} ${String(before.$ref)} ${side}`;
    if (before.$ref && this.seen.has(visited)) return;
    this.seen.add(visited);
    const [former, now] = [flat(resolve(before, this.old), this.old), flat(resolve(after, this.young), this.young)];
    // a sender may go on sending what it sent, a reader goes on understanding what it understood
    const [narrow, wide] = side === 'senders' ? [now, former] : [former, now];
    const missing = typesOf(wide).filter((type) => !takes(narrow, type));
    const whom = side === 'senders' ? 'senders of it are refused' : 'readers do not expect it';
    if (typesOf(narrow).length > 0 && missing.length > 0)
      this.report(place, `may be ${missing.join(', ')}${side === 'senders' ? ' no more' : ' now'}: ${whom}`);
    if (narrow.enum) {
      const beyond = wide.enum ? wide.enum.filter((value) => !narrow.enum?.includes(value)) : ['anything'];
      if (beyond.length > 0)
        this.report(
          place,
          `may be ${beyond.map(String).join(', ')}${side === 'senders' ? ' no more' : ' now'}: ${whom}`,
        );
    }
    if (narrow.format !== wide.format && narrow.format !== undefined && !narrow.format.startsWith('int')) {
      this.report(place, `${side === 'senders' ? 'must be' : 'is no longer'} a ${narrow.format}: ${whom}`);
    }
    this.bounds(place, narrow, wide, side, whom);
    this.members(place, former, now, side);
    if (former.items && now.items) this.schema(`${place}[]`, former.items, now.items, side);
    if (typeof former.additionalProperties === 'object' && typeof now.additionalProperties === 'object') {
      this.schema(`${place}{}`, former.additionalProperties, now.additionalProperties, side);
    }
  }

  private bounds(place: string, narrow: Schema, wide: Schema, side: Side, whom: string): void {
    // what readers get may be longer than it was: it hurts none but those who measured
    if (side === 'readers') return;
    for (const bound of ['minimum', 'minLength', 'minItems'] as const) {
      if ((narrow[bound] ?? -Infinity) > (wide[bound] ?? (bound === 'minimum' ? -Infinity : 0))) {
        this.report(place, `has a higher ${bound}, ${String(narrow[bound])}: ${whom}`);
      }
    }
    for (const bound of ['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const) {
      if ((narrow[bound] ?? Infinity) < (wide[bound] ?? Infinity)) {
        this.report(place, `has a lower ${bound}, ${String(narrow[bound])}: ${whom}`);
      }
    }
    if (narrow.pattern !== undefined && narrow.pattern !== wide.pattern)
      this.report(place, `has another pattern: ${whom}`);
    if (narrow.uniqueItems && !wide.uniqueItems) this.report(place, `takes no value twice any more: ${whom}`);
  }

  private members(place: string, before: Schema, after: Schema, side: Side): void {
    const [former, now] = [before.properties ?? {}, after.properties ?? {}];
    for (const [name, schema] of Object.entries(former)) {
      const present = now[name];
      if (present) this.schema(`${place}.${name}`, schema, present, side);
      else if (side === 'readers') this.report(`${place}.${name}`, 'is gone: readers miss it');
      else if (after.additionalProperties === false)
        this.report(`${place}.${name}`, 'is not taken any more: senders of it are refused');
    }
    if (side === 'senders') {
      for (const name of after.required ?? []) {
        if (!before.required?.includes(name))
          this.report(`${place}.${name}`, 'is required now: senders without it are refused');
      }
    } else {
      for (const name of before.required ?? []) {
        if (now[name] && !after.required?.includes(name))
          this.report(`${place}.${name}`, 'may be missing now: readers count on it');
      }
    }
  }
}

/** A schema with what `allOf` and `anyOf` of one schema and null say in itself. */
function flat(schema: Schema, schemas: Schemas): Schema {
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? [])].map((part) => flat(resolve(part, schemas), schemas));
  if (parts.length === 0) return schema;
  return { ...parts.reduce((all, part) => ({ ...all, ...part })), ...schema, type: parts.flatMap(typesOf) };
}

const takes = (schema: Schema, type: string): boolean =>
  typesOf(schema).includes(type) || (type === 'integer' && typesOf(schema).includes('number'));

const nameOf = ({ method, path }: Located): string => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`;

const parametersOf = ({ operation }: Located): Map<string, { required?: boolean; schema?: Schema }> =>
  new Map(
    (operation.parameters ?? []).flatMap((parameter) =>
      'in' in parameter && parameter.in !== 'path' ? [[`${parameter.in} ${parameter.name}`, parameter]] : [],
    ),
  );

const contentOf = ({ operation: { requestBody } }: Located): Record<string, { schema?: Schema }> | undefined =>
  requestBody && 'content' in requestBody ? requestBody.content : undefined;
