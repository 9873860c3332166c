import { checked, type Context, orderedIndex, plain, range } from './context.js';
import type { Part } from './part.js';

const UNLESS_LEFT_OUT = 'ValidateIf((_, value) => value !== undefined)';

/** An amount in minor units, and its currency. */
export function moneyPart(context: Context): Part {
  const { feature, field, of, column } = context;
  const [name, amount, currency] = [of.camel, `${column}_amount`, `${column}_currency`];
  return {
    ...plain(context),
    columns: [
      { name: `${name}Amount`, decorator: `Column('bigint')`, type: 'number', doc: 'In minor units.' },
      { name: `${name}Currency`, decorator: `Column('char', { length: 3 })`, type: 'string', doc: 'ISO 4217.' },
    ],
    definitions: [`${amount} bigint NOT NULL`, `${currency} char(3) NOT NULL`],
    constraints: [checked(context, `${amount} BETWEEN 0 AND 999999999999`)],
    indexes: field.indexed ? [orderedIndex(context, amount)] : [],
    selected: [`${feature.alias}.${amount} AS "${name}Amount"`, `${feature.alias}.${currency} AS "${name}Currency"`],
    row: [`${name}Amount: number`, `${name}Currency: string`],
    input: {
      left: false,
      decorators: ['IsDefined()', 'ValidateNested()', 'Type(() => MoneyDto)'],
      type: 'MoneyDto',
      doc: [],
    },
    change: {
      decorators: [UNLESS_LEFT_OUT, 'ValidateNested()', 'Type(() => MoneyChangeDto)'],
      type: 'MoneyChangeDto',
      doc: [],
    },
    output: { decorators: [], type: 'MoneyDto', doc: [] },
    mapped: `{ amount: row.${name}Amount, currency: row.${name}Currency }`,
    filters: field.indexed
      ? range(context, amount, ['IsInt()', 'Min(0)', 'Max(999_999_999_999)'], ', in minor units')
      : [],
    sort: field.indexed ? { name, expression: `${feature.alias}.${amount}`, type: 'bigint' } : undefined,
    example: { amount: 1999, currency: 'GBP' },
    other: { amount: 2500, currency: 'GBP' },
    ordered: [
      { amount: 1999, currency: 'GBP' },
      { amount: 2500, currency: 'GBP' },
    ],
    wrong: { value: { amount: -1, currency: 'GBP' }, code: 'min' },
  };
}

/** Facts by name. */
export function jsonPart(context: Context): Part {
  const { of, column } = context;
  return {
    ...plain(context),
    columns: [{ name: of.camel, decorator: `Column('jsonb')`, type: 'Attributes' }],
    definitions: [`${column} jsonb NOT NULL DEFAULT '{}'`],
    row: [`${of.camel}: Attributes`],
    input: { decorators: [UNLESS_LEFT_OUT, 'IsAttributes()'], type: 'Attributes', left: true, doc: [] },
    change: {
      decorators: [UNLESS_LEFT_OUT, 'IsAttributes({ patch: true })'],
      type: 'AttributesPatch',
      doc: ['Merged with those there are; null removes one.'],
    },
    output: { decorators: ['AttributesProperty()'], type: 'Attributes', doc: [] },
    example: { colour: 'red' },
    other: { colour: 'blue' },
    wrong: { value: { 'Not Camel': 1 }, code: 'isAttributes' },
  };
}
