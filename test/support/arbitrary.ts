import fc, { type Arbitrary } from 'fast-check';
import { resolve, type Schema, type Schemas, typesOf } from '../../src/common/json-schema/schema.js';

/** Values by the schemas of the document, and values that are almost. */
export class Arbitraries {
  /** @param known what a member or a parameter of a name may well be, so that some of what is asked for is there. */
  constructor(
    private readonly schemas: Schemas,
    private readonly known: Record<string, unknown>,
  ) {}

  /** What the schema of a member or a parameter takes; more often than not what is known. */
  named(name: string, schema: Schema): Arbitrary<unknown> {
    const valid = this.valid(schema);
    return name in this.known
      ? fc.oneof({ weight: 4, arbitrary: fc.constant(this.known[name]) }, { weight: 1, arbitrary: valid })
      : valid;
  }

  /** What a schema takes; often its example, which the shop takes as well. */
  valid(schema: Schema): Arbitrary<unknown> {
    const { example } = resolve(schema, this.schemas);
    return example === undefined ? this.any(schema) : fc.oneof(fc.constant(example), this.any(schema));
  }

  private any(schema: Schema): Arbitrary<unknown> {
    const { enum: values, const: value, $ref, anyOf, allOf } = schema;
    if (values) return fc.constantFrom(...values);
    if (value !== undefined) return fc.constant(value);
    if ($ref) return this.valid(resolve(schema, this.schemas));
    const parts = anyOf ?? allOf;
    if (parts) return fc.oneof(...parts.map((part) => this.valid(part)));
    return fc.oneof(...typesOf(schema).map((type) => this.ofType(type, schema)));
  }

  /** What a schema takes, or something near it that it may not take. */
  near(schema: Schema): Arbitrary<unknown> {
    const resolved = resolve(schema, this.schemas);
    const wrong = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        '',
        '\0',
        '\ud800',
        ' ',
        -1,
        0,
        1.5,
        1e21,
        Number.MAX_SAFE_INTEGER + 2,
        true,
        [],
        {},
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ minLength: (resolved.maxLength ?? 50) % 6000, maxLength: ((resolved.maxLength ?? 50) % 6000) + 5 }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    if (!resolved.properties)
      return fc.oneof(
        { weight: 4, arbitrary: this.valid(schema) },
        { weight: 1, arbitrary: fc.oneof(fc.constant('\0'), wrong) },
      );
    const members = Object.fromEntries(
      Object.entries(resolved.properties).map(([name, member]) => [name, this.near(member)]),
    );
    const strange = fc.record({ unknown: fc.anything() }, { requiredKeys: [] });
    const faulty = this.valid(schema).chain((whole) =>
      fc
        .tuple(
          fc.constantFrom(...Object.keys(resolved.properties ?? { unknown: {} })),
          fc.oneof(fc.constant('\0'), wrong),
        )
        .map(([member, value]) => Object.assign({}, whole, { [member]: value })),
    );
    return fc.oneof(
      { weight: 4, arbitrary: faulty },
      { weight: 3, arbitrary: fc.record(members, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.tuple(fc.record(members), strange).map(([known, more]) => ({ ...known, ...more })) },
      { weight: 1, arbitrary: wrong },
    );
  }

  private ofType(type: string, schema: Schema): Arbitrary<unknown> {
    const { minimum = -1e9, maximum = 1e9, items, minItems, maxItems = 5 } = schema;
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: minimum, max: maximum });
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true });
      case 'array': {
        const item = items ? this.valid(items) : fc.constant(null);
        return schema.uniqueItems
          ? fc.uniqueArray(item, { minLength: minItems, maxLength: Math.min(maxItems, 5) })
          : fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, 5) });
      }
      case 'object':
        return this.ofMembers(schema);
      default:
        return this.text(schema);
    }
  }

  private ofMembers({
    properties = {},
    required = [],
    additionalProperties,
    propertyNames,
  }: Schema): Arbitrary<unknown> {
    if (typeof additionalProperties === 'object') {
      const name = propertyNames?.pattern ? fc.stringMatching(new RegExp(propertyNames.pattern)) : fc.string();
      return fc.dictionary(name, this.valid(additionalProperties), { maxKeys: 5 });
    }
    const members = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, this.named(name, member)]),
    );
    return fc.record(members, { requiredKeys: required.filter((name) => name in members) });
  }

  private text({ format, pattern, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
    if (format === 'uuid') return fc.uuid();
    if (format === 'idn-email') return fc.emailAddress();
    if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    // what no character may be is no pattern to make texts of
    if (pattern && !pattern.includes('\\u0000')) {
      return fc.stringMatching(new RegExp(pattern, 'u')).filter((text) => text.length <= maxLength);
    }
    return fc
      .string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 300)) })
      .map((text) => Array.from(text.replaceAll('\0', '')).slice(0, maxLength).join(''));
  }
}
