import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { AppError } from '../errors/app-error.js';
import { ValidationFailed } from '../errors/errors.js';
import { mergePatch } from '../http/syntax/merge-patch.js';

/** Facts beyond the members that a resource has by itself, e.g. `{ colour: 'red', pieces: 6 }`. */
export type Attributes = Record<string, string | number | boolean>;

/** A JSON Merge Patch of those: null removes one. */
export type AttributesPatch = Record<string, Attributes[string] | null>;

const NAME = /^[a-z][A-Za-z0-9]{0,39}$/;
export const MAX_ATTRIBUTES = 50;
const MAX_TEXT = 200;

const schema = (types: string[]) => ({
  type: 'object' as const,
  description: `At most ${String(MAX_ATTRIBUTES)} members with camelCase names.`,
  maxProperties: MAX_ATTRIBUTES,
  propertyNames: { pattern: NAME.source, maxLength: 40 },
  additionalProperties: { type: types, maxLength: MAX_TEXT },
  example: { colour: 'red', pieces: 6 },
});

/** Documents attributes as they go out. */
export const AttributesProperty = (): PropertyDecorator => ApiProperty(schema(['string', 'number', 'boolean']));

/** Reads attributes: camelCase names with a text, a number or a truth value each; in a patch also null. */
export function IsAttributes({ patch = false } = {}): PropertyDecorator {
  const isValue = (value: unknown): boolean =>
    (typeof value === 'string' && value.length <= MAX_TEXT) ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    typeof value === 'boolean' ||
    (patch && value === null);
  const validate = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length <= MAX_ATTRIBUTES &&
    Object.entries(value).every(([name, member]) => NAME.test(name) && isValue(member));
  return applyDecorators(
    ValidateBy({
      name: 'isAttributes',
      validator: {
        validate,
        defaultMessage: () =>
          `$property must be at most ${String(MAX_ATTRIBUTES)} members with camelCase names and texts (up to ${String(MAX_TEXT)} characters), numbers or booleans as values`,
      },
    }),
    ApiPropertyOptional(schema(['string', 'number', 'boolean', ...(patch ? ['null'] : [])])),
  );
}

/** The attributes as a patch leaves them. @throws AppError 422, at `member`, when there would be too many. */
export function mergeAttributes(present: Attributes, change: AttributesPatch, member: string): Attributes {
  const merged = mergePatch<Attributes[string]>(present, change);
  if (Object.keys(merged).length <= MAX_ATTRIBUTES) return merged;
  throw new AppError(ValidationFailed, `There would be too many ${member}.`, {
    errors: [
      { pointer: `#/${member}`, code: 'maxProperties', detail: `must be at most ${String(MAX_ATTRIBUTES)} members` },
    ],
  });
}
