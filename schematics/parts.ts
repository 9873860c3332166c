import type { Field } from './fields.js';
import { type Feature, member } from './model.js';
import { nameOf, withArticle } from './names.js';

/** A parameter of a list, and the condition that it is. */
interface Filter {
  parameter: string;
  doc: string;
  decorators: string[];
  type: string;
  /** The condition, as the inside of a `sql` template. */
  condition: string;
}

/** An order of a list. */
interface Sort {
  name: string;
  expression: string;
  type: 'text' | 'bigint' | 'timestamptz';
}

/** What a field is in each file of its feature. */
export interface Part {
  field: Field;
  member: string;
  /** Of the entity. */
  columns: { name: string; decorator: string; type: string; doc?: string }[];
  /** Of the table, in SQL; none of a list of references, which has a table of its own. */
  definitions: string[];
  constraints: string[];
  /** By the sort or filter that they serve. */
  indexes: string[];
  /** What a query selects. */
  selected: string[];
  row: string[];
  /** Reads the body of a request. */
  input: { decorators: string[]; type: string; doc: string[]; /** Whether it may be left out. */ left: boolean };
  /** Where a change says it in another way. */
  change?: { decorators: string[]; type: string; doc: string[] };
  output: { decorators: string[]; type: string; doc: string[] };
  /** What `to…Dto` gives it. */
  mapped: string;
  filters: Filter[];
  sort?: Sort;
  /** From class-validator, for input and output. */
  example: unknown;
  other: unknown;
  /** A value that is refused, and the code that it is refused with; none where everything goes. */
  wrong: { value: unknown; code: string };
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const literal = (value: unknown): string => JSON.stringify(value);
const exampleDoc = (value: unknown): string =>
  `@example ${typeof value === 'string' && /^\S+$/.test(value) ? value : literal(value)}`;

/** The constraint that a field's value is unique by. */
export const uniqueConstraint = ({ name, owned }: Feature, field: Field): string =>
  owned && field.type === 'ref'
    ? `${name.snake}_${nameOf(member(field)).snake}_unique_of_owner`
    : `${name.snake}_${nameOf(member(field)).snake}_unique`;

/** The columns that are unique together. */
export const uniqueColumns = ({ owned }: Feature, field: Field): string =>
  `${owned && field.type === 'ref' ? 'owner_id, ' : ''}${nameOf(member(field)).snake}`;

/** The constraint that a reference is held by. */
export const foreignKey = ({ name, one }: Feature, field: Field): string =>
  field.type === 'refs'
    ? `${one.snake}_${field.name.snake}_${nameOf(member(field).slice(0, -3)).snake}_fk`
    : `${name.snake}_${field.name.snake}_fk`;

/** What a field is in each file of its feature. */
export function partOf(feature: Feature, field: Field): Part {
  const { alias, name } = feature;
  const { optional, unique, min, max } = field;
  const of = member(field);
  const column = nameOf(of).snake;
  const nullable = optional ? ' | null' : '';
  const given = optional ? [] : ['IsDefined()'];
  const notNull = optional ? '' : ' NOT NULL';
  // of what is kept out of sight, values are free again: an index that leaves those out does it there
  const constraints =
    unique && !feature.softDelete
      ? [`CONSTRAINT ${uniqueConstraint(feature, field)} UNIQUE (${uniqueColumns(feature, field)})`]
      : [];
  const checked = (condition: string): string => `CONSTRAINT ${name.snake}_${column}_valid CHECK (${condition})`;
  const select = of === column ? `${alias}.${column}` : `${alias}.${column} AS "${of}"`;
  const ordered =
    field.indexed && !unique ? [`CREATE INDEX ${name.snake}_by_${column} ON ${name.snake} (${column}, id)`] : [];
  const grouped = field.indexed
    ? [`CREATE INDEX ${name.snake}_with_${column} ON ${name.snake} (${column}, created_at, id)`]
    : [];
  const maybe = optional ? ['IsOptional()'] : [];
  const options = optional ? '{ nullable: true }' : '';
  const columnOf = (type: string, more = options): string => `Column('${type}'${more && `, ${more}`})`;
  const equal = (doc: string, decorators: string[], type: string): Filter => ({
    parameter: of,
    doc,
    decorators,
    type,
    condition: `${alias}.${column} = \${${of}}`,
  });
  const range = (type: string, cast: string[], least: string, most: string): Filter[] => [
    {
      parameter: least,
      doc: `At least this.`,
      decorators: cast,
      type,
      condition: `${alias}.${column} >= \${${least}}`,
    },
    { parameter: most, doc: `At most this.`, decorators: cast, type, condition: `${alias}.${column} <= \${${most}}` },
  ];
  const pascal = nameOf(of).pascal;
  const plain = {
    columns: [],
    definitions: [],
    constraints,
    indexes: [],
    selected: [select],
    mapped: `row.${of}`,
    filters: [],
  };
  const mentioned = (noun: string): string[] => [...(unique ? [`${noun}, unique.`] : [`${noun}.`])];

  switch (field.type) {
    case 'text': {
      const example = sampleText(field.name.words, min, max);
      const key = `lower(${alias}.${column}) COLLATE "C"`;
      const decorators = ['IsString()', ...(min > 0 ? [`MinLength(${String(min)})`] : []), `MaxLength(${String(max)})`];
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('text'), type: `string${nullable}` }],
        definitions: [`${column} text${notNull}`],
        constraints: [...constraints, checked(`char_length(${column}) <= ${String(max)}`)],
        indexes: field.indexed
          ? [`CREATE INDEX ${name.snake}_by_${column} ON ${name.snake} (lower(${column}) COLLATE "C", id)`]
          : [],
        row: [`${of}: string${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, ...decorators],
          type: `string${nullable}`,
          doc: [...(unique ? ['Unique.'] : []), exampleDoc(example)],
        },
        output: { decorators: [`MaxLength(${String(max)})`], type: `string${nullable}`, doc: [exampleDoc(example)] },
        filters: unique
          ? [equal('Only the one with this.', ['IsString()', `MaxLength(${String(max)})`], 'string')]
          : [],
        sort: field.indexed && !optional ? { name: of, expression: key, type: 'text' } : undefined,
        example,
        other: sampleText(`other ${field.name.words}`, min, max),
        wrong: { value: 'x'.repeat(max + 1), code: 'maxLength' },
      };
    }
    case 'int': {
      const decorators = ['IsInt()', `Min(${String(min)})`, `Max(${String(max)})`];
      const cast = ['Type(() => Number)', ...decorators];
      const example = Math.min(max, Math.max(min, Math.round(min / 2 + Math.min(max, 10) / 2)));
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('integer'), type: `number${nullable}` }],
        definitions: [`${column} integer${notNull}`],
        constraints: [...constraints, checked(`${column} BETWEEN ${String(min)} AND ${String(max)}`)],
        indexes: ordered,
        row: [`${of}: number${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, ...decorators],
          type: `number${nullable}`,
          doc: [...(unique ? ['Unique.'] : []), exampleDoc(example)],
        },
        output: { decorators: decorators.slice(1), type: `number${nullable}`, doc: [exampleDoc(example)] },
        filters: field.indexed ? range('number', cast, `min${pascal}`, `max${pascal}`) : [],
        sort: field.indexed && !optional ? { name: of, expression: `${alias}.${column}`, type: 'bigint' } : undefined,
        example,
        other: example === max ? min : example + 1,
        wrong: { value: max + 1, code: 'max' },
      };
    }
    case 'money': {
      const amount = `${column}_amount`;
      return {
        ...plain,
        field,
        member: of,
        columns: [
          { name: `${of}Amount`, decorator: `Column('bigint')`, type: 'number', doc: 'In minor units.' },
          { name: `${of}Currency`, decorator: `Column('char', { length: 3 })`, type: 'string', doc: 'ISO 4217.' },
        ],
        definitions: [`${amount} bigint NOT NULL`, `${column}_currency char(3) NOT NULL`],
        constraints: [checked(`${amount} BETWEEN 0 AND 999999999999`)],
        indexes: field.indexed ? [`CREATE INDEX ${name.snake}_by_${column} ON ${name.snake} (${amount}, id)`] : [],
        selected: [`${alias}.${amount} AS "${of}Amount"`, `${alias}.${column}_currency AS "${of}Currency"`],
        row: [`${of}Amount: number`, `${of}Currency: string`],
        input: {
          left: false,
          decorators: [...given, 'ValidateNested()', 'Type(() => MoneyDto)'],
          type: 'MoneyDto',
          doc: [],
        },
        change: {
          decorators: [
            'ValidateIf((_, value) => value !== undefined)',
            'ValidateNested()',
            'Type(() => MoneyChangeDto)',
          ],
          type: 'MoneyChangeDto',
          doc: [],
        },
        output: { decorators: [], type: 'MoneyDto', doc: [] },
        mapped: `{ amount: row.${of}Amount, currency: row.${of}Currency }`,
        filters: field.indexed
          ? range(
              'number',
              ['Type(() => Number)', 'IsInt()', 'Min(0)', 'Max(999_999_999_999)'],
              `min${pascal}`,
              `max${pascal}`,
            ).map((filter) => ({
              ...filter,
              doc: `${filter.doc.slice(0, -1)}, in minor units.`,
              condition: filter.condition.replace(`.${column} `, `.${amount} `),
            }))
          : [],
        sort: field.indexed ? { name: of, expression: `${alias}.${amount}`, type: 'bigint' } : undefined,
        example: { amount: 1999, currency: 'GBP' },
        other: { amount: 2500, currency: 'GBP' },
        wrong: { value: { amount: -1, currency: 'GBP' }, code: 'min' },
      };
    }
    case 'boolean':
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('boolean'), type: `boolean${nullable}` }],
        definitions: [`${column} boolean${notNull}`],
        indexes: grouped,
        row: [`${of}: boolean${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, 'IsBoolean()'],
          type: `boolean${nullable}`,
          doc: [exampleDoc(true)],
        },
        output: { decorators: [], type: `boolean${nullable}`, doc: [] },
        filters: field.indexed
          ? [
              equal(
                `Only those for which it is so, or only those for which it isn't.`,
                ['Transform(truthOf)', 'IsBoolean()'],
                'boolean',
              ),
            ]
          : [],
        example: true,
        other: false,
        wrong: { value: 'perhaps', code: 'isBoolean' },
      };
    case 'enum': {
      const values = enumName(feature, field);
      const type = enumType(feature, field);
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('text'), type: `${type}${nullable}` }],
        definitions: [`${column} text${notNull}`],
        constraints: [checked(`${column} IN (${field.values.map(sqlText).join(', ')})`)],
        indexes: grouped,
        row: [`${of}: ${type}${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, `IsIn(${values})`],
          type: `${type}${nullable}`,
          doc: [exampleDoc(field.values[0])],
        },
        output: {
          decorators: [`ApiProperty({ enum: ${values}${optional ? ', nullable: true' : ''} })`],
          type: `${type}${nullable}`,
          doc: [],
        },
        filters: field.indexed ? [equal('Only those that are so.', [`IsIn(${values})`], type)] : [],
        example: field.values[0],
        other: field.values[1],
        wrong: { value: 'none-of-these', code: 'isIn' },
      };
    }
    case 'date-time': {
      const example = '2026-11-20T09:30:00.000Z';
      const bound = (doc: string, parameter: string, beyond: string): Filter => ({
        parameter,
        doc,
        decorators: ['IsDateTime()'],
        type: 'string',
        condition: `${alias}.${column} ${beyond} \${${parameter}}::timestamptz`,
      });
      return {
        ...plain,
        field,
        member: of,
        columns: [
          {
            name: of,
            decorator: `Column({ type: 'timestamptz', precision: 3${optional ? ', nullable: true' : ''} })`,
            type: `Date${nullable}`,
          },
        ],
        definitions: [`${column} timestamptz(3)${notNull}`],
        indexes: ordered,
        row: [`${of}: Date${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, 'IsDateTime()'],
          type: `string${nullable}`,
          doc: [...mentioned('RFC 3339, with its offset from UTC'), exampleDoc(example)],
        },
        output: { decorators: [], type: `string${nullable}`, doc: [exampleDoc(example)] },
        mapped: optional ? `row.${of}?.toISOString() ?? null` : `row.${of}.toISOString()`,
        filters: field.indexed
          ? [bound('At this time or later.', `${of}From`, '>='), bound('Before this time.', `${of}Before`, '<')]
          : [],
        sort:
          field.indexed && !optional ? { name: of, expression: `${alias}.${column}`, type: 'timestamptz' } : undefined,
        example,
        other: '2026-12-24T18:00:00.000Z',
        wrong: { value: 'tomorrow', code: 'isDateTime' },
      };
    }
    case 'json':
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: `Column('jsonb')`, type: 'Attributes' }],
        definitions: [`${column} jsonb NOT NULL DEFAULT '{}'`],
        row: [`${of}: Attributes`],
        input: {
          decorators: ['ValidateIf((_, value) => value !== undefined)', 'IsAttributes()'],
          type: 'Attributes',
          left: true,
          doc: [],
        },
        change: {
          decorators: ['ValidateIf((_, value) => value !== undefined)', 'IsAttributes({ patch: true })'],
          type: 'AttributesPatch',
          doc: ['Merged with those there are; null removes one.'],
        },
        output: { decorators: ['AttributesProperty()'], type: 'Attributes', doc: [] },
        example: { colour: 'red' },
        other: { colour: 'blue' },
        wrong: { value: { 'Not Camel': 1 }, code: 'isAttributes' },
      };
    case 'uuid': {
      const example = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('uuid'), type: `string${nullable}` }],
        definitions: [`${column} uuid${notNull}`],
        indexes: unique ? [] : grouped,
        row: [`${of}: string${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, 'IsUUID()'],
          type: `string${nullable}`,
          doc: [exampleDoc(example)],
        },
        output: { decorators: [], type: `string${nullable}`, doc: [exampleDoc(example)] },
        filters: field.indexed ? [equal('Only those with this.', ['IsUUID()'], 'string')] : [],
        example,
        other: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',
        wrong: { value: 'none', code: 'isUuid' },
      };
    }
    case 'ref': {
      const target = field.target ?? nameOf('');
      const what = withArticle(field.name.words).replace(/^an? /, 'the ');
      return {
        ...plain,
        field,
        member: of,
        columns: [{ name: of, decorator: columnOf('uuid'), type: `string${nullable}` }],
        definitions: [
          `${column} uuid${notNull} CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE ${optional ? 'SET NULL' : 'CASCADE'}`,
        ],
        indexes: [`CREATE INDEX ${name.snake}_of_${field.name.snake} ON ${name.snake} (${column}, created_at, id)`],
        row: [`${of}: string${nullable}`],
        input: {
          left: optional,
          decorators: [...maybe, 'IsUUID()'],
          type: `string${nullable}`,
          doc: [`The id of ${what}.`, exampleDoc(optional ? null : SAMPLE_ID)],
        },
        output: { decorators: [], type: `string${nullable}`, doc: [`The id of ${what}.`, exampleDoc(SAMPLE_ID)] },
        filters: [equal(`Only those of this ${field.name.words}.`, ['IsUUID()'], 'string')],
        example: SAMPLE_ID,
        other: SAMPLE_ID,
        wrong: { value: 'none', code: 'isUuid' },
      };
    }
    case 'refs': {
      const target = field.target ?? nameOf('');
      const table = `${feature.one.snake}_${field.name.snake}`;
      const [here, there] = [`${feature.one.snake}_id`, nameOf(of.slice(0, -1)).snake];
      return {
        ...plain,
        field,
        member: of,
        selected: [
          `coalesce((SELECT array_agg(linked.${there} ORDER BY linked.${there}) FROM ${table} linked WHERE linked.${here} = ${alias}.id), '{}') AS "${of}"`,
        ],
        indexes: [
          `CREATE TABLE ${table} (
            ${here} uuid NOT NULL CONSTRAINT ${table}_${feature.one.snake}_fk REFERENCES ${name.snake} (id) ON DELETE CASCADE,
            ${there} uuid NOT NULL CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE CASCADE,
            CONSTRAINT ${table}_pk PRIMARY KEY (${here}, ${there})
          )`,
          `CREATE INDEX ${table}_of_${there.replace(/_id$/, '')} ON ${table} (${there}, ${here})`,
        ],
        row: [`${of}: string[]`],
        input: {
          decorators: [
            'ValidateIf((_, value) => value !== undefined)',
            'IsArray()',
            'ArrayMaxSize(20)',
            'ArrayUnique()',
            'IsUUID(undefined, { each: true })',
          ],
          type: 'string[]',
          left: true,
          doc: [`The ids of its ${field.name.words}.`, exampleDoc([])],
        },
        output: {
          decorators: ['ArrayMaxSize(20)'],
          type: 'string[]',
          doc: [`The ids of its ${field.name.words}.`, exampleDoc([])],
        },
        filters: [
          {
            parameter: of.slice(0, -1),
            doc: 'Only those that have this one.',
            decorators: ['IsUUID()'],
            type: 'string',
            condition: `EXISTS (SELECT FROM ${table} linked WHERE linked.${here} = ${alias}.id AND linked.${there} = \${${of.slice(0, -1)}})`,
          },
        ],
        example: [],
        other: [],
        wrong: { value: ['none'], code: 'isUuid' },
      };
    }
  }
}

const SAMPLE_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** The constant with the values of an enum: `OFFER_STATES`. */
export const enumName = ({ one }: Feature, { name }: Field): string =>
  `${one.snake}_${name.snake}_values`.toUpperCase();
/** The type of an enum: `OfferState`. */
export const enumType = ({ one }: Feature, { name }: Field): string => `${one.pascal}${name.pascal}`;

/** A text about the words that is as long as it must be. */
function sampleText(words: string, min: number, max: number): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return text.padEnd(min, '.').slice(0, max).trimEnd().padEnd(min, '.');
}
