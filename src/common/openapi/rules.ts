import { getMetadataStorage } from 'class-validator';
import { type Schema, typesOf } from '../json-schema/schema.js';
import type { Class } from './dto-classes.js';

/** One rule of class-validator on a property. */
interface Rule {
  name?: string;
  constraints?: unknown[];
  /** Whether it is about each item of an array. */
  each: boolean;
}

/** What each rule of class-validator says in JSON Schema; those that are not named say nothing there. */
const KEYWORDS: Record<string, (constraints: unknown[]) => Schema> = {
  isInt: () => ({ type: 'integer' }),
  min: ([minimum]) => ({ minimum: Number(minimum) }),
  max: ([maximum]) => ({ maximum: Number(maximum) }),
  minLength: ([minLength]) => ({ minLength: Number(minLength) }),
  maxLength: ([maxLength]) => ({ maxLength: Number(maxLength) }),
  isLength: ([minLength, maxLength]) => ({
    minLength: Number(minLength),
    ...(maxLength !== undefined && { maxLength: Number(maxLength) }),
  }),
  matches: ([pattern]) =>
    pattern instanceof RegExp && !pattern.flags.includes('i') ? { pattern: portable(pattern) } : {},
  isIn: ([values]) => (Array.isArray(values) ? { enum: [...(values as unknown[])] } : {}),
  equals: ([value]) => ({ const: value }),
  arrayMinSize: ([minItems]) => ({ minItems: Number(minItems) }),
  arrayMaxSize: ([maxItems]) => ({ maxItems: Number(maxItems) }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  arrayUnique: () => ({ uniqueItems: true }),
  // the part before the @ may have any letters: RFC 6531
  isEmail: () => ({ format: 'idn-email' }),
  isUuid: () => ({ format: 'uuid' }),
  isUrl: () => ({ format: 'uri' }),
  isDateTime: () => ({ format: 'date-time' }),
  isISO4217CurrencyCode: () => ({ pattern: '^[A-Z]{3}$', maxLength: 3 }),
  isCountryCode: () => ({ pattern: '^[A-Z]{2}$', maxLength: 2 }),
};

/** A pattern as any dialect of regular expressions understands it, JSON Schema readers without the flag `u` included. */
const portable = ({ source }: RegExp): string => source.replaceAll('\\P{Cc}', '[^\\u0000-\\u001f\\u007f-\\u009f]');

/** The rules on each property of a class, those it inherits included. */
export function rulesOf(type: Class): Map<string, Rule[]> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return Map.groupBy(rules, ({ propertyName }) => propertyName);
}

/** Writes into a property's schema what its rules enforce. */
export function documentRules(schema: Schema, rules: readonly Rule[]): void {
  for (const { name = '', constraints = [], each } of rules) {
    const keywords = KEYWORDS[name]?.(constraints);
    const target = each ? schema.items : schema;
    if (!keywords || !target) continue;
    const { type, ...bounds } = keywords;
    Object.assign(target, bounds);
    if (typeof type === 'string') target.type = typesOf(target).includes('null') ? [type, 'null'] : type;
    if (keywords.enum && typesOf(target).includes('null')) target.enum = [...keywords.enum, null];
  }
  // a list of different ones can't be longer than there are
  if (schema.uniqueItems && schema.items?.enum) schema.maxItems ??= schema.items.enum.length;
}
