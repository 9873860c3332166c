import pluralize from 'pluralize';
import { type Field, fieldOf } from './fields.js';
import { type Name, nameOf } from './names.js';
import { Refusal } from './refusal.js';
import { isReserved } from './reserved.js';

/** What a feature is asked for with. */
export interface FeatureOptions {
  name: string;
  field?: string[];
  /** More fields, with + between them: what Nest's command line has a place for. */
  path?: string;
  owned?: boolean;
  softDelete?: boolean;
  readOnly?: boolean;
  noList?: boolean;
  /** Of the migration, in milliseconds since 1970; now, if it is left out. */
  timestamp?: string;
}

/** A feature that is to be written. */
export interface Feature {
  /** In the plural: `reviews`. */
  name: Name;
  /** One of them: `review`. */
  one: Name;
  /** What its table is called in statements: its first letter. */
  alias: string;
  fields: readonly Field[];
  owned: boolean;
  softDelete: boolean;
  readOnly: boolean;
  listed: boolean;
  timestamp: number;
}

/** Folders of src/ that are no features, and what addresses would clash with. */
const RESERVED = new Set(['common', 'migrations', 'demo', 'docs', 'problems', 'dev', 'openapi', 'me', 'dist', 'test']);

/** The name of a feature in its forms. @throws Refusal for what is none. */
function featureName(given: string): Name {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(given) || given.length > 40) {
    throw new Refusal(
      `"${given}" is no name for a feature: small letters and digits, words joined by hyphens, like loan-notes.`,
    );
  }
  if (RESERVED.has(given)) throw new Refusal(`"${given}" means something else here: choose another name.`);
  const singular = pluralize.singular(given);
  if (singular === given) {
    const plural = pluralize.plural(given);
    throw new Refusal(
      `"${given}" is no plural: a feature is called by what it has many of, like ${plural === given ? 'reviews' : plural}.`,
    );
  }
  if (isReserved(singular))
    throw new Refusal(
      `"${given}": one of them would be called ${singular}, which means something else in TypeScript or SQL.`,
    );
  return nameOf(given);
}

/** Reads what was asked for. @throws Refusal that says what is wrong with it. */
export function featureOf(options: FeatureOptions): Feature {
  const name = featureName(options.name);
  const given = [...(options.field ?? []), ...(options.path?.split('+') ?? [])];
  const fields = (given.length > 0 ? given : ['name:text:200']).map(fieldOf);
  requireDistinct(fields);
  const itself = fields.find(
    ({ type, optional, target }) => type === 'ref' && !optional && target?.kebab === name.kebab,
  );
  if (itself)
    throw new Refusal(
      `--field ${itself.name.camel}: the first of the ${name.words} would have none to refer to; make it optional.`,
    );
  if (options.readOnly && options.owned) {
    throw new Refusal('--read-only and --owned: what clients only read is made by none of them.');
  }
  if (options.readOnly && options.softDelete)
    throw new Refusal('--read-only and --soft-delete: nothing is deleted there.');
  if (options.noList && fields.some(({ searchable }) => searchable)) {
    throw new Refusal('--no-list: without a list there is nothing to search; take searchable away.');
  }
  return {
    name,
    one: nameOf(pluralize.singular(options.name)),
    alias: name.snake.charAt(0),
    fields,
    owned: options.owned ?? false,
    softDelete: options.softDelete ?? false,
    readOnly: options.readOnly ?? false,
    listed: !options.noList,
    timestamp: Number(options.timestamp ?? Date.now()),
  };
}

/** What a field is called wherever it has a name: as a member, a column, a filter. */
export function namesOf(field: Field): string[] {
  const of = member(field);
  const bounds =
    ['int', 'money'].includes(field.type) && field.indexed
      ? [`min${nameOf(of).pascal}`, `max${nameOf(of).pascal}`]
      : [];
  const columns = field.type === 'money' ? [`${of}Amount`, `${of}Currency`] : [];
  const times = field.type === 'date-time' && field.indexed ? [`${of}From`, `${of}Before`] : [];
  return [of, ...bounds, ...columns, ...times, ...(field.type === 'refs' ? [of.slice(0, -1)] : [])];
}

/** @throws Refusal when two fields would be called the same somewhere. */
export function requireDistinct(fields: readonly Field[]): void {
  const names = fields.flatMap(namesOf);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Refusal(`Two fields would be called ${twice}: give one of them another name.`);
}

/** The member of a DTO that a field is: `productId` of a reference. */
export const member = (field: Field): string => {
  if (field.type === 'ref') return `${field.name.camel}Id`;
  if (field.type === 'refs') return `${pluralize.singular(field.name.camel)}Ids`;
  return field.name.camel;
};
