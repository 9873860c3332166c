import { type Name, nameOf } from './names.js';
import { Refusal } from './refusal.js';
import { isWordOfSql, isWordOfTypeScript } from './reserved.js';

const TYPES = ['text', 'int', 'money', 'boolean', 'enum', 'date-time', 'json', 'uuid', 'ref', 'refs'] as const;
type FieldType = (typeof TYPES)[number];

const FLAGS = ['unique', 'optional', 'indexed', 'searchable'] as const;
type Flag = (typeof FLAGS)[number];

/** Which flags go with which type. */
const ALLOWED: Record<FieldType, readonly Flag[]> = {
  text: FLAGS,
  int: ['unique', 'optional', 'indexed'],
  money: ['indexed'],
  boolean: ['optional', 'indexed'],
  enum: ['optional', 'indexed'],
  'date-time': ['unique', 'optional', 'indexed'],
  json: [],
  uuid: ['unique', 'optional', 'indexed'],
  ref: ['unique', 'optional', 'indexed'],
  refs: [],
};

/** The members that every feature has by itself, and words that mean something else there. */
const RESERVED = new Set([
  'id',
  'version',
  'createdAt',
  'updatedAt',
  'deletedAt',
  'ownerId',
  'limit',
  'cursor',
  'include',
  'sort',
  'q',
  'search',
  'caller',
  'query',
  'plain',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
]);

/** What the methods of a generated service call their own values: what is taken out of a body there has its own name. */
const LOCALS = new Set(
  'change created expected input isRelinked queryShared mergeAttributes ownedBy ownsOrMay raw mapConstraintErrors requireOwner requireVersion row run sql updated uuidv7'.split(
    ' ',
  ),
);
/** The types whose member is a variable in the service. */
const AS_VARIABLE: readonly FieldType[] = ['money', 'date-time', 'json', 'refs'];

/** What the classes and types of a feature end with: an enum called so would be one of them. */
const SUFFIXES = new Set(['dto', 'page', 'query', 'row', 'sort', 'entity']);

/** The longest name of a column: with its endings it still fits into PostgreSQL's 63 bytes. */
const MAX_COLUMN = 54;

/** What credentials are called: the log cuts such members out, and addresses may not have them. */
const CREDENTIALS = /^(?:.*password|.*secret|.*token|api-?key|authorization|cookie)$/i;

/** How long a text can be, in characters. */
const MAX_TEXT = 10_000;
const MAX_INT = 2_147_483_647;
/** How much room what is unique needs: the tests of a feature make more than a thousand. */
const MIN_UNIQUE_TEXT = 6;
const MIN_UNIQUE_INTS = 10_000;

/** A field as it was asked for: `rating:int:1..5:indexed`. */
export interface Field {
  name: Name;
  type: FieldType;
  /** Of a text, its length in characters; of a whole number, its value. */
  min: number;
  max: number;
  /** Of an enum. */
  values: readonly string[];
  /** Of a reference: the feature, in the plural. */
  target?: Name;
  /** Whether what it refers to is only marked when it is deleted; known once the project is read. */
  softTarget?: boolean;
  unique: boolean;
  optional: boolean;
  indexed: boolean;
  searchable: boolean;
}

export const FIELD_HELP = `A field is name:type[:detail][:flags], the flags with commas between them:

  title:text:120            a text of 1 to 120 characters; text:2..120 for other bounds
  rating:int:1..5           a whole number in a range
  price:money               an amount in minor units, with its currency
  active:boolean            true or false
  state:enum:draft,open     one of these
  startsAt:date-time        a point in time
  details:json              facts by name: texts, numbers, booleans
  batch:uuid                a UUID
  product:ref:products      one of another feature
  products:refs:products    up to twenty of another feature

  unique      no two have the same; of a reference in a feature with --owned, no two of the same owner
  optional    may be left out, and is null then
  indexed     can be filtered and sorted by (a reference always can)
  searchable  is looked through by ?q= (texts)`;

/** Reads a field. @throws Refusal that says what is wrong with it. */
export function fieldOf(given: string): Field {
  const [name = '', type = '', ...rest] = given.split(':');
  if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(name)) {
    throw new Refusal(`--field ${given}: a name is camelCase, of letters and digits, like startsAt.`);
  }
  if (RESERVED.has(name))
    throw new Refusal(`--field ${given}: every feature has its own ${name}; choose another name.`);
  if (CREDENTIALS.test(name)) {
    throw new Refusal(
      `--field ${given}: credentials are called ${name}, and are kept out of addresses and the log; choose another name.`,
    );
  }
  const spelled = nameOf(name).camel;
  if (spelled !== name) {
    throw new Refusal(`--field ${given}: write ${spelled}, with an acronym as a word, as the code will call it.`);
  }
  if (!isType(type))
    throw new Refusal(`--field ${given}: ${type || 'nothing'} is no type; there are ${TYPES.join(', ')}.`);
  requireUsable(given, name, type);
  const flags = rest.length > 0 && isFlags(rest.at(-1) ?? '') ? (rest.pop() ?? '').split(',') : [];
  const [detail, ...more] = rest;
  if (more.length > 0)
    throw new Refusal(`--field ${given}: ${more.join(':')} is one part too many; flags are ${FLAGS.join(', ')}.`);
  const misplaced = flags.find((flag) => !ALLOWED[type].includes(flag as Flag));
  if (misplaced !== undefined) {
    const allowed = ALLOWED[type].join(', ');
    throw new Refusal(`--field ${given}: ${type} can't be ${misplaced}${allowed && `, only ${allowed}`}.`);
  }
  const details = detailOf(given, type, detail);
  const unique = flags.includes('unique');
  if (type === 'text' && !unique && flags.includes('optional') && flags.includes('indexed')) {
    throw new Refusal(`--field ${given}: nothing is sorted by an optional text; take indexed or optional away.`);
  }
  if (unique && type === 'text' && details.max < MIN_UNIQUE_TEXT) {
    throw new Refusal(`--field ${given}: a unique text needs room for ${String(MIN_UNIQUE_TEXT)} characters.`);
  }
  if (unique && type === 'int' && details.max - details.min < MIN_UNIQUE_INTS) {
    throw new Refusal(
      `--field ${given}: a unique whole number needs a range of ${MIN_UNIQUE_INTS.toLocaleString('en-GB')} or more.`,
    );
  }
  return {
    name: nameOf(name),
    type,
    ...details,
    unique,
    optional: flags.includes('optional'),
    indexed: flags.includes('indexed') || flags.includes('unique') || type === 'ref',
    searchable: flags.includes('searchable'),
  };
}

/** @throws Refusal for a name that could not be the column, the variable or the type that the field needs. */
function requireUsable(given: string, name: string, type: FieldType): void {
  const refuse = (what: string): Refusal => new Refusal(`--field ${given}: ${what}; choose another name.`);
  const { snake } = nameOf(name);
  if (type !== 'ref' && type !== 'refs' && type !== 'money' && isWordOfSql(snake)) {
    throw refuse(`${name} means something else in SQL`);
  }
  if (AS_VARIABLE.includes(type) && (isWordOfTypeScript(name) || LOCALS.has(name))) {
    throw refuse(`${name} means something else in the code of a service`);
  }
  if (type === 'enum' && SUFFIXES.has(snake.split('_').at(-1) ?? '') && !snake.includes('_')) {
    throw refuse(`the type of its values would be called like another type of the feature`);
  }
  if (snake.length > MAX_COLUMN) throw refuse(`its column would have more than ${String(MAX_COLUMN)} characters`);
}

const isType = (type: string): type is FieldType => (TYPES as readonly string[]).includes(type);
const isFlags = (text: string): boolean =>
  text !== '' && text.split(',').every((flag) => (FLAGS as readonly string[]).includes(flag));

function detailOf(given: string, type: FieldType, detail = ''): Pick<Field, 'min' | 'max' | 'values' | 'target'> {
  const none = { min: 0, max: 0, values: [] };
  const refuse = (what: string): Refusal => new Refusal(`--field ${given}: ${what}`);
  switch (type) {
    case 'text': {
      const [, min = '1', max] = /^(?:(\d{1,5})\.\.)?(\d{1,5})$/.exec(detail || '200') ?? [];
      const bounds = { min: Number(min), max: Number(max) };
      if (max === undefined || bounds.max < 1 || bounds.min > bounds.max || bounds.max > MAX_TEXT) {
        throw refuse(
          `a text has a length, like text:120 or text:2..120, of ${MAX_TEXT.toLocaleString('en-GB')} at most.`,
        );
      }
      return { ...none, ...bounds };
    }
    case 'int': {
      const [, min, max] = /^(-?\d{1,10})\.\.(-?\d{1,10})$/.exec(detail || `0..${String(MAX_INT)}`) ?? [];
      const bounds = { min: Number(min), max: Number(max) };
      if (max === undefined || !(bounds.min < bounds.max) || bounds.max > MAX_INT || bounds.min < -MAX_INT) {
        throw refuse(`a whole number has a range, like int:1..5, within ±${MAX_INT.toLocaleString('en-GB')}.`);
      }
      return { ...none, ...bounds };
    }
    case 'enum': {
      const values = detail.split(',');
      const isValid = values.length >= 2 && values.every((value) => /^[a-z][a-z0-9-]{0,39}$/.test(value));
      if (!isValid || new Set(values).size < values.length) {
        throw refuse('an enum has its values, at least two, small, with commas between them, like enum:draft,open.');
      }
      return { ...none, values };
    }
    case 'ref':
    case 'refs':
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(detail))
        throw refuse(`a reference says to what feature, like ${type}:products.`);
      return { ...none, target: nameOf(detail) };
    default:
      if (detail !== '') throw refuse(`${type} takes no ${detail}.`);
      return none;
  }
}
