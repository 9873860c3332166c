import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';

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

/** Reads a product's attributes: camelCase names with a text, a number or a truth value each; in a patch also null. */
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
