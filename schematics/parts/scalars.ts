import type { Field } from '../fields.js';
import { type Feature, timesOf } from '../model.js';
import { type Context, checked, equal, groupedIndex, orderedIndex, range, scalar, sqlText } from './context.js';
import type { Filter, Part } from './part.js';

const SAMPLE_TIME = '2026-11-20T09:30:00.000Z';

/** The constant with the values of an enum: `OFFER_STATES`. */
export const enumName = ({ one }: Feature, { name }: Field): string =>
  `${one.snake}_${name.snake}_values`.toUpperCase();
/** The type of an enum: `OfferState`. */
export const enumType = ({ one }: Feature, { name }: Field): string => `${one.pascal}${name.pascal}`;

export function textPart(context: Context): Part {
  const { feature, field, of, column } = context;
  const { min, max, unique, optional, indexed, name } = field;
  const decorators = ['IsString()', ...(min > 0 ? [`MinLength(${String(min)})`] : []), `MaxLength(${String(max)})`];
  const example = sampleText(name.words, min, max);
  const other = anotherText(example, `other ${name.words}`, min, max);
  const key = (of: string): string => `${of} COLLATE "und-x-icu"`;
  return {
    ...scalar(context, {
      sql: 'text',
      type: 'string',
      decorators,
      doc: unique ? ['Unique.'] : [],
      shown: [`MaxLength(${String(max)})`],
      example,
    }),
    constraints: [...context.constraints, checked(context, `char_length(${column}) <= ${String(max)}`)],
    indexes: indexed && !optional ? [orderedIndex(context, key(column))] : [],
    filters: unique
      ? [equal(context, 'Only the one with this.', ['IsString()', `MaxLength(${String(max)})`], 'string')]
      : [],
    sort:
      indexed && !optional
        ? { name: of.camel, expression: key(`${feature.alias}.${column}`), type: 'text' }
        : undefined,
    other,
    ordered: [example, other].sort((a, b) => a.localeCompare(b, 'und')) as [string, string],
    wrong: { value: 'x'.repeat(max + 1), code: 'maxLength' },
  };
}

export function intPart(context: Context): Part {
  const { feature, field, of, column } = context;
  const { min, max, unique, optional, indexed } = field;
  const bounds = [`Min(${String(min)})`, `Max(${String(max)})`];
  const example = Math.min(max, Math.max(min, Math.round(min / 2 + Math.min(max, 10) / 2)));
  const other = example === max ? min : example + 1;
  return {
    ...scalar(context, {
      sql: 'integer',
      type: 'number',
      decorators: ['IsInt()', ...bounds],
      doc: unique ? ['Unique.'] : [],
      shown: bounds,
      example,
    }),
    constraints: [...context.constraints, checked(context, `${column} BETWEEN ${String(min)} AND ${String(max)}`)],
    indexes: indexed && !unique ? [orderedIndex(context)] : [],
    filters: indexed ? range(context, column, ['IsInt()', ...bounds]) : [],
    sort:
      indexed && !optional ? { name: of.camel, expression: `${feature.alias}.${column}`, type: 'bigint' } : undefined,
    other,
    ordered: [Math.min(example, other), Math.max(example, other)],
    wrong: { value: max + 1, code: 'max' },
  };
}

export function booleanPart(context: Context): Part {
  const doc = '`true`: only the rows where it is true; `false`: only the others.';
  return {
    ...scalar(context, { sql: 'boolean', type: 'boolean', decorators: ['IsBoolean()'], example: true }),
    indexes: context.field.indexed ? [groupedIndex(context)] : [],
    filters: context.field.indexed ? [equal(context, doc, ['Transform(truthOf)', 'IsBoolean()'], 'boolean')] : [],
    other: false,
    wrong: { value: 'perhaps', code: 'isBoolean' },
  };
}

export function enumPart(context: Context): Part {
  const { feature, field, column } = context;
  const [values, type] = [enumName(feature, field), enumType(feature, field)];
  const [example, other] = field.values;
  return {
    ...scalar(context, {
      sql: 'text',
      type,
      decorators: [`IsIn(${values})`],
      shown: [`ApiProperty({ enum: ${values}${field.optional ? ', nullable: true' : ''} })`],
      example,
    }),
    constraints: [checked(context, `${column} IN (${field.values.map(sqlText).join(', ')})`)],
    indexes: field.indexed ? [groupedIndex(context)] : [],
    filters: field.indexed ? [equal(context, 'Only the rows with this value.', [`IsIn(${values})`], type)] : [],
    other,
    wrong: { value: 'none-of-these', code: 'isIn' },
  };
}

export function dateTimePart(context: Context): Part {
  const { feature, field, of, column } = context;
  const [from, before] = timesOf(of);
  const bound = (doc: string, parameter: string, beyond: string): Filter => ({
    parameter,
    doc,
    decorators: ['IsDateTime()'],
    type: 'string',
    condition: `${feature.alias}.${column} ${beyond} \${query.${parameter}}::timestamptz`,
  });
  return {
    ...scalar(context, {
      sql: 'timestamptz(3)',
      type: 'string',
      held: 'Date',
      decorator: `Column({ type: 'timestamptz', precision: 3${field.optional ? ', nullable: true' : ''} })`,
      decorators: ['IsDateTime()'],
      shown: ['IsDateTime()'],
      doc: [`RFC 3339, with its offset from UTC${field.unique ? ', unique' : ''}.`],
      example: SAMPLE_TIME,
    }),
    indexes: field.indexed && !field.unique ? [orderedIndex(context)] : [],
    mapped: field.optional ? `row.${of.camel}?.toISOString() ?? null` : `row.${of.camel}.toISOString()`,
    filters: field.indexed
      ? [bound('At this time or later.', from, '>='), bound('Before this time.', before, '<')]
      : [],
    sort:
      field.indexed && !field.optional
        ? { name: of.camel, expression: `${feature.alias}.${column}`, type: 'timestamptz' }
        : undefined,
    other: '2026-12-24T18:00:00.000Z',
    ordered: [SAMPLE_TIME, '2026-12-24T18:00:00.000Z'],
    wrong: { value: 'tomorrow', code: 'isDateTime' },
  };
}

export function uuidPart(context: Context): Part {
  const { indexed, unique } = context.field;
  return {
    ...scalar(context, {
      sql: 'uuid',
      type: 'string',
      decorators: ['IsUUID()'],
      shown: ['IsUUID()'],
      example: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    }),
    indexes: indexed && !unique ? [groupedIndex(context)] : [],
    filters: indexed ? [equal(context, 'Only the rows with this value.', ['IsUUID()'], 'string')] : [],
    other: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',
    wrong: { value: 'none', code: 'isUuid' },
  };
}

/** A text about the words that is as long as it must be. */
function sampleText(words: string, min: number, max: number): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return text.padEnd(min, '.').slice(0, max).trimEnd().padEnd(min, '.');
}

/** A text unlike another one, however short both are. */
function anotherText(than: string, words: string, min: number, max: number): string {
  const text = sampleText(words, min, max);
  return text === than ? `${than.slice(0, -1)}${than.endsWith('Z') ? 'Y' : 'Z'}` : text;
}
