import pluralize from 'pluralize';
import { type Field, fieldOf } from './fields.js';
import { type Name, nameOf } from './names.js';
import { Refusal } from './refusal.js';
import { isTypeElsewhere, isWordOfSql, isWordOfTypeScript } from './reserved.js';

/** What a feature is asked for with. */
export interface FeatureOptions {
  name: string;
  field?: string[];
  /** More fields, with + between them: what Nest's command line has a place for. */
  path?: string;
  /** What one of them is called, where the plural does not tell. */
  singular?: string;
  owned?: boolean;
  /** Who reads: `public`, `signed-in`, `owner`, or the name of a permission. */
  read?: string;
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
  /** The class of a row: `Review`, or `RecordEntity` where TypeScript has another `Record`. */
  entity: string;
  /** What its table is called in statements: its first letter. */
  alias: string;
  fields: readonly Field[];
  owned: boolean;
  reading: Reading;
  softDelete: boolean;
  readOnly: boolean;
  listed: boolean;
  timestamp: number;
}

/** Who reads what a feature has. */
export interface Reading {
  by: 'public' | 'signed-in' | 'owner' | 'permission';
  /** The permission that is needed, or that opens what others own. */
  permission?: PermissionName;
}

/** A permission, and where its constant is. */
export interface PermissionName {
  /** `addresses:read` */
  name: string;
  /** `ReadAddresses` */
  constant: string;
  /** Seen from the feature's folder; undefined for one that the feature defines itself. */
  from?: string;
}

/** Folders of src/ that are no features, and what addresses would clash with. */
const RESERVED = new Set([
  'common',
  'migrations',
  'demo',
  'docs',
  'problems',
  'dev',
  'openapi',
  'me',
  'dist',
  'test',
  'tests',
]);
/** What a service calls what else is injected into it. */
const INJECTED = new Set(['transactions', 'events', 'pages', 'clock', 'arguments']);
const FEATURE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The name of a feature in its forms. @throws Refusal for what is none. */
function featureName(given: string, singular: string | undefined): Name {
  if (!FEATURE_NAME.test(given) || given.length > 40) {
    throw new Refusal(
      `"${given}" is no name for a feature: small letters and digits, words joined by hyphens, like loan-notes.`,
    );
  }
  const name = nameOf(given);
  if (RESERVED.has(given)) throw new Refusal(`"${given}" means something else here: choose another name.`);
  if (INJECTED.has(name.camel) || isWordOfTypeScript(name.camel) || isWordOfSql(name.snake)) {
    throw new Refusal(`"${given}" means something else in TypeScript, SQL or the services: choose another name.`);
  }
  if (singular === undefined && pluralize.singular(given) === given) {
    const plural = pluralize.plural(given);
    throw new Refusal(
      plural === given
        ? `"${given}" is the same in the singular: say what one of them is called, like --singular ${given}-item.`
        : `"${given}" is no plural: a feature is called by what it has many of, like ${plural}. Or say what one of them is called: --singular <name>.`,
    );
  }
  return name;
}

/** What one of a feature is called. @throws Refusal for what is no name. */
function singularName(plural: string, singular: string | undefined): Name {
  if (singular !== undefined && (!FEATURE_NAME.test(singular) || singular.length > 40)) {
    throw new Refusal(`--singular ${singular}: small letters and digits, words joined by hyphens, like loan-note.`);
  }
  return nameOf(singular ?? pluralize.singular(plural));
}

/** The class of a feature's rows: with a suffix where the plain name would hide a type that the code uses. */
const entityName = ({ pascal }: Name): string => (isTypeElsewhere(pascal) ? `${pascal}Entity` : pascal);

/** @throws Refusal for a way of reading that there is not, or that does not go with the feature. */
function readingOf(
  name: Name,
  { read, owned }: Pick<FeatureOptions, 'read' | 'owned'>,
  permissions: ReadonlyMap<string, PermissionName>,
): Reading {
  const own: PermissionName = { name: `${name.kebab}:read`, constant: `Read${name.pascal}` };
  const by = read ?? (owned ? 'owner' : 'public');
  switch (by) {
    case 'public':
    case 'signed-in':
      return { by };
    case 'owner':
      if (!owned) throw new Refusal('--read owner: goes with --owned, where each has an owner.');
      return { by, permission: own };
    default: {
      const permission = by === own.name ? own : permissions.get(by);
      if (!permission) {
        throw new Refusal(
          `--read ${by}: say public, signed-in${owned ? ', owner' : ''} or a permission: ${own.name}, which is made, or one that there is${permissions.size > 0 ? ` (${[...permissions.keys()].join(', ')})` : ''}.`,
        );
      }
      return { by: owned ? 'owner' : 'permission', permission };
    }
  }
}

/** The fields of a feature that is asked for without any. */
export const DEFAULT_FIELDS = ['name:text:200'];

/** Reads what was asked for. @throws Refusal that says what is wrong with it. */
export function featureOf(
  options: FeatureOptions,
  permissions: ReadonlyMap<string, PermissionName> = new Map(),
): Feature {
  // where nobody else is named, each is private to the user who creates it
  const owned = options.owned ?? (options.read === undefined && !options.readOnly);
  const name = featureName(options.name, options.singular);
  const one = singularName(options.name, options.singular);
  const given = [...(options.field ?? []), ...(options.path?.split('+') ?? [])];
  const fields = (given.length > 0 ? given : DEFAULT_FIELDS).map(fieldOf);
  requireDistinct(fields);
  if (owned && fields.some((field) => ['ownerId', 'ownerIds'].includes(member(field)))) {
    throw new Refusal(
      '--field owner: each has an owner already, unless --read says who else reads; choose another name.',
    );
  }
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
    one,
    entity: entityName(one),
    alias: name.snake.charAt(0),
    fields,
    owned,
    reading: readingOf(name, { read: options.read, owned }, permissions),
    softDelete: options.softDelete ?? false,
    readOnly: options.readOnly ?? false,
    listed: !options.noList,
    timestamp: Number(options.timestamp ?? Date.now()),
  };
}

/** What the bounds of a field are called as filters of a list: the least, and the most. */
export const boundsOf = (of: Name): [least: string, most: string] =>
  /^(min|max)[A-Z]/.test(of.camel)
    ? [`${of.camel}AtLeast`, `${of.camel}AtMost`]
    : [`min${of.pascal}`, `max${of.pascal}`];

/** What the bounds of a time are called as filters: that time or later, and before it. */
export const timesOf = (of: Name): [from: string, before: string] => [
  of.camel.endsWith('From') ? `${of.camel}Since` : `${of.camel}From`,
  `${of.camel}Before`,
];

/** What a field is called wherever it has a name: as a member, a column, a filter. */
export function namesOf(field: Field): string[] {
  const of = member(field);
  const bounds = ['int', 'money'].includes(field.type) && field.indexed ? boundsOf(nameOf(of)) : [];
  const columns = field.type === 'money' ? [`${of}Amount`, `${of}Currency`] : [];
  const times = field.type === 'date-time' && field.indexed ? timesOf(nameOf(of)) : [];
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
