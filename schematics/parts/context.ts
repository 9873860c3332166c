import type { Field } from '../fields.js';
import { boundsOf, type Feature, member } from '../model.js';
import { identifier, type Name, nameOf } from '../names.js';
import type { Filter, Part } from './part.js';

/** A field in its feature, and the words that are needed again and again for it. */
export interface Context {
  feature: Feature;
  field: Field;
  /** Its member. */
  of: Name;
  column: string;
  /** What is said where it may be null, or may not: in a type, and in SQL. */
  nullable: string;
  notNull: string;
  /** The decorators that say whether it may be left out. */
  maybe: string[];
  /** The constraint, if the table has one, that keeps it unique. */
  constraints: string[];
}

/** The constraint that a field's value is unique by. */
export const uniqueConstraint = ({ name, owned }: Feature, field: Field): string =>
  owned && field.type === 'ref'
    ? identifier(name.snake, nameOf(member(field)).snake, 'unique_of_owner')
    : identifier(name.snake, nameOf(member(field)).snake, 'unique');

/** The columns that are unique together. */
export const uniqueColumns = ({ owned }: Feature, field: Field): string =>
  `${owned && field.type === 'ref' ? 'owner_id, ' : ''}${nameOf(member(field)).snake}`;

/** The constraint that a reference is held by. */
export const foreignKey = ({ name, one }: Feature, field: Field): string =>
  field.type === 'refs'
    ? identifier(one.snake, field.name.snake, nameOf(member(field).slice(0, -3)).snake, 'fk')
    : identifier(name.snake, field.name.snake, 'fk');

/** The table of links that a list of references is. */
export const linkTable = ({ one }: Feature, field: Field): string => identifier(one.snake, field.name.snake);

export function contextOf(feature: Feature, field: Field): Context {
  const of = nameOf(member(field));
  return {
    feature,
    field,
    of,
    column: of.snake,
    nullable: field.optional ? ' | null' : '',
    notNull: field.optional ? '' : ' NOT NULL',
    maybe: field.optional ? ['IsOptional()'] : [],
    // of what is kept out of sight, values are free again: an index that leaves those out does it there
    constraints:
      field.unique && !feature.softDelete
        ? [`CONSTRAINT ${uniqueConstraint(feature, field)} UNIQUE (${uniqueColumns(feature, field)})`]
        : [],
  };
}

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The line of a comment that says what the document shows as an example. */
export const exampleDoc = (value: unknown): string =>
  `@example ${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`;

/** A constraint that the column's values are held to. */
export const checked = ({ feature: { name }, column }: Context, condition: string): string =>
  `CONSTRAINT ${identifier(name.snake, column, 'valid')} CHECK (${condition})`;

/** Serves an order by the column. */
export const orderedIndex = ({ feature: { name }, column }: Context, expression = column): string =>
  `CREATE INDEX ${identifier(name.snake, 'by', column)} ON ${name.snake} (${expression}, id)`;

/** Serves those with one value of the column, by the default order. */
export const groupedIndex = ({ feature: { name }, column }: Context): string =>
  `CREATE INDEX ${identifier(name.snake, 'with', column)} ON ${name.snake} (${column}, created_at, id)`;

/** A filter by one value. */
export const equal = ({ feature, of, column }: Context, doc: string, decorators: string[], type: string): Filter => ({
  parameter: of.camel,
  doc,
  decorators,
  type,
  condition: `${feature.alias}.${column} = \${query.${of.camel}}`,
});

/** Filters by the least and the most. */
export function range({ feature, of }: Context, column: string, decorators: string[], unit = ''): Filter[] {
  const bound = (parameter: string, doc: string, beyond: string): Filter => ({
    parameter,
    doc: `${doc}${unit}.`,
    decorators: ['Type(() => Number)', ...decorators],
    type: 'number',
    condition: `${feature.alias}.${column} ${beyond} \${query.${parameter}}`,
  });
  const [least, most] = boundsOf(of);
  return [bound(least, 'The minimum', '>='), bound(most, 'The maximum', '<=')];
}

/** What is the same of most types. */
export const plain = (
  context: Context,
): Pick<
  Part,
  'field' | 'member' | 'columns' | 'definitions' | 'constraints' | 'indexes' | 'selected' | 'mapped' | 'filters'
> => ({
  field: context.field,
  member: context.of.camel,
  columns: [],
  definitions: [],
  constraints: context.constraints,
  indexes: [],
  selected: [
    context.of.camel === context.column
      ? `${context.feature.alias}.${context.column}`
      : `${context.feature.alias}.${context.column} AS "${context.of.camel}"`,
  ],
  mapped: `row.${context.of.camel}`,
  filters: [],
});

/** What is special of a type that is one column and one member. */
interface Scalar {
  sql: string;
  /** Its type in bodies; `held`, when it is another one in the entity and its rows. */
  type: string;
  held?: string;
  /** The decorator of the column, where it says more than `sql`. */
  decorator?: string;
  decorators: string[];
  doc?: string[];
  shown?: string[];
  example: unknown;
}

/** A field that is one column and one member. */
export function scalar(
  context: Context,
  { sql, type, held = type, decorator, decorators, doc = [], shown = [], example }: Scalar,
): Omit<Part, 'other' | 'wrong'> {
  const { field, of, column, nullable, notNull, maybe } = context;
  const option = field.optional ? ', { nullable: true }' : '';
  return {
    ...plain(context),
    columns: [{ name: of.camel, decorator: decorator ?? `Column('${sql}'${option})`, type: `${held}${nullable}` }],
    definitions: [`${column} ${sql}${notNull}`],
    row: [`${of.camel}: ${held}${nullable}`],
    input: {
      left: field.optional,
      decorators: [...maybe, ...decorators],
      type: `${type}${nullable}`,
      doc: [...doc, exampleDoc(example)],
    },
    output: { decorators: shown, type: `${type}${nullable}`, doc: [exampleDoc(example)] },
    example,
  };
}
