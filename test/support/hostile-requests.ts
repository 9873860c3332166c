import type { ParameterObject } from '@nestjs/swagger';
import { resolve, type Schema, type Schemas, typesOf } from '../../src/common/json-schema/schema.js';
import type { Located } from '../../src/common/openapi/operations.js';
import type { Example } from './examples.js';
import { type Member, membersOf, refusesBlank, takesText, withValue } from './members.js';

/** One change that makes a valid request hostile. */
export interface HostileChange {
  /** What a member of the body becomes: JSON, of which each character is one byte. */
  member?: { path: readonly string[]; json: string };
  /** What the whole body becomes; each character is one byte. */
  body?: string;
  /** What is added to the query, without being encoded. */
  query?: string;
  /** What the last parameter of the path becomes, without being encoded. */
  segment?: string;
  /** The statuses that it must be refused with; undefined where the answer may be any that is documented. */
  refusal?: readonly number[];
}

/** How a value is refused that another DTO could take. */
const REFUSED = [400, 422];
/** How a body is refused that no operation reads, and how a path or a query is. */
const UNREADABLE = [400];

/** Names that every object of JavaScript inherits. The first two are refused in every object. */
const INHERITED_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  '__defineGetter__',
];

const SURROGATES = ['a\ud800', '\udc00', '\ud83d!', '\ude00\ud83d'];

/** Lone and overlong bytes, a cut character, one beyond U+10FFFF, and surrogates (one, and a pair as CESU-8 has it). */
const BROKEN_UTF8 = [
  '\xff',
  '\xc3(',
  '\xc0\x80',
  '\xe2\x82',
  '\xf4\x90\x80\x80',
  '\xed\xa0\x80',
  '\xed\xa0\xbd\xed\xb8\x80',
];

/** Variation selectors, zero widths, a byte order mark, a change of direction, fillers, a tag. */
const INVISIBLE = [
  '\ufe0f',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u202e',
  '\u00ad',
  '\u3164',
  '\u2800',
  '\u{e0041}',
];
const BLANK = [' ', '\u00a0', '\u3000', '\t', ...INVISIBLE];

/** JSON values, with their types. */
const SHAPES: readonly (readonly [type: string, json: string])[] = [
  ['string', '"a"'],
  ['integer', '1'],
  ['number', '1.5'],
  ['boolean', 'true'],
  ['null', 'null'],
  ['array', '[]'],
  ['array', '[["a"]]'],
  ['array', '[{"a":null}]'],
  ['object', '{}'],
  ['object', '{"0":"a","length":1}'],
];

/** Numbers that JSON.parse does not keep as they are written, and others that are written unusually. */
const UNKEPT_NUMBERS = ['1e400', '-1e400', '9007199254740993', '-9007199254740993'];
const UNUSUAL_NUMBERS = ['-0', '-0.0', '24.00', '1e1', '1E-400'];

/** The changes to a request of an operation, by what they change and how. @param cursors of other lists. */
export function hostileChanges(
  { path, operation }: Located,
  schemas: Schemas,
  cursors: readonly string[],
): Map<string, HostileChange[]> {
  const content = operation.requestBody && 'content' in operation.requestBody ? operation.requestBody.content : {};
  const schema = content['application/json']?.schema;
  const parameters = (operation.parameters ?? []).filter((parameter) => 'in' in parameter);
  const segment = parameters.findLast((parameter) => parameter.in === 'path' && path.includes(`{${parameter.name}}`));
  const changes = [
    ...(schema ? changesOfBody(membersOf(schema, schemas)) : []),
    ...(schema === undefined ? Object.keys(content).flatMap(changesOfStream) : []),
    ...INHERITED_NAMES.map((name) => unreadable('query: inherited name', { query: `${name}=1` })),
    ...BROKEN_UTF8.map((bytes) => unreadable('query: broken UTF-8', { query: `${percent(bytes)}=1` })),
    ...parameters.flatMap((parameter) => (parameter.in === 'query' ? changesOfParameter(parameter, schemas) : [])),
    ...(segment ? changesOfSegment(segment) : []),
    ...(parameters.some(({ name }) => name === 'cursor')
      ? cursors.map((cursor) => unreadable('foreign cursor', { query: `cursor=${encodeURIComponent(cursor)}` }))
      : []),
  ];
  return new Map(
    [...Map.groupBy(changes, ({ kind }) => kind)].map(([kind, each]) => [kind, each.map(({ change }) => change)]),
  );
}

/** A valid request with one change. @param template the path of the operation. */
export function hostileRequest(example: Example, template: string, change: HostileChange): Example {
  const { json, headers, ...request } = example;
  const path = change.segment === undefined ? request.path : withSegment(request.path, template, change.segment);
  const body = change.member
    ? jsonWith(json, change.member)
    : (change.body ?? (json === undefined ? undefined : ascii(JSON.stringify(json))));
  return {
    ...request,
    path: change.query === undefined ? path : `${path}?${change.query}`,
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body, 'latin1')) }),
  };
}

interface Kind {
  kind: string;
  change: HostileChange;
}

const unreadable = (kind: string, change: HostileChange): Kind => ({
  kind,
  change: { ...change, refusal: UNREADABLE },
});

function changesOfBody(members: Member[]): Kind[] {
  const isClosed = (path: readonly string[]): boolean => !members.some((m) => m.isEntry && isBelow(m.path, path));
  const objects = members.filter(({ types }) => types.includes('object'));
  const ofNames = objects.flatMap(({ path }) => {
    const add = (kind: string, name: string, refusal: readonly number[] | undefined): Kind => ({
      kind: `${placeOf(path)}: ${kind}`,
      change: { member: { path: [...path, name], json: '"a"' }, refusal },
    });
    return [
      ...INHERITED_NAMES.slice(0, 2).map((name) => add(name, name, UNREADABLE)),
      ...INHERITED_NAMES.slice(2).map((name) => add('inherited name', name, isClosed(path) ? REFUSED : undefined)),
      ...SURROGATES.map((name) => add('lone surrogate in a name', name, REFUSED)),
    ];
  });
  return [...members.flatMap(changesOfMember), ...ofNames];
}

const placeOf = (path: readonly string[]): string => ['#', ...path].join('/');

const isBelow = (path: readonly string[], of: readonly string[]): boolean =>
  path.length === of.length + 1 && of.every((name, index) => path[index] === name);

function changesOfMember({ path, types, schema }: Member): Kind[] {
  const become = (kind: string, json: string, refusal?: readonly number[]): Kind => ({
    kind: `${placeOf(path)}: ${kind}`,
    change: { member: { path, json }, refusal },
  });
  const takes = (type: string): boolean =>
    types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'));
  const ofTexts = [
    ...SURROGATES.map((text) => become('lone surrogate', JSON.stringify(text), REFUSED)),
    ...BROKEN_UTF8.map((bytes) => become('broken UTF-8', `"${bytes}"`, UNREADABLE)),
    ...BLANK.map((blank) => blank.repeat((schema.minLength ?? 0) + 1)).map((text) =>
      become('blank', JSON.stringify(text), refusesBlank(schema) ? REFUSED : undefined),
    ),
    ...INVISIBLE.map((character) => `Red${character} Lantern${character}`).map((text) =>
      become('invisible', JSON.stringify(text), takesText(schema, text) ? undefined : REFUSED),
    ),
  ];
  return [
    ...(types.includes('string') ? ofTexts : []),
    ...SHAPES.filter(([type]) => !takes(type)).map(([type, json]) => become(`wrong shape, ${type}`, json, REFUSED)),
    ...UNKEPT_NUMBERS.map((json) => become('number that can’t be kept', json, UNREADABLE)),
    ...UNUSUAL_NUMBERS.map((json) => become('unusual number', json, takes('integer') ? undefined : REFUSED)),
  ];
}

/** Files are read after the answer: what is wrong in them is reported there. */
const changesOfStream = (type: string): Kind[] =>
  [
    ...BROKEN_UTF8.map((bytes) => `sku,name\nA,${bytes}\n`),
    ...INHERITED_NAMES.map((name) => `sku,${name}\nA,a\n`),
    ...INHERITED_NAMES.map((name) => `{"sku":"A","${name}":"a"}\n`),
  ].map((body) => ({ kind: `hostile ${type}`, change: { body } }));

function changesOfParameter({ name, schema = {} }: ParameterObject, schemas: Schemas): Kind[] {
  const resolved: Schema = resolve(schema, schemas);
  const types = typesOf(resolved);
  const takes = (text: string): boolean => types.includes('string') && takesText(resolved, text);
  const become = (kind: string, value: string, isTaken = false): Kind => ({
    kind: `query ${name}: ${kind}`,
    change: { query: `${name}=${value}`, ...(!isTaken && { refusal: UNREADABLE }) },
  });
  return [
    ...[...BROKEN_UTF8.map(percent), '%', '%zz', '%u0041'].map((value) => become('broken UTF-8', value)),
    ...INHERITED_NAMES.map((value) => become('inherited name', value, takes(value))),
    ...['[]=1', '[a]=1', '.a=1', `=1&${name}=1`].map((rest) =>
      unreadable(`query ${name}: wrong shape`, { query: `${name}${rest}` }),
    ),
    ...BLANK.map((text) =>
      become('blank', encodeURIComponent(text), types.includes('string') && !refusesBlank(resolved)),
    ),
    ...INVISIBLE.map((character) => `a${character}b${character}`).map((text) =>
      become('invisible', encodeURIComponent(text), takes(text)),
    ),
    ...(types.includes('integer') ? ['1e400', '24.00', '-0.0', '1e1', '0x1', '\u0661'] : []).map((value) =>
      become('unusual number', encodeURIComponent(value)),
    ),
    ...[...UNKEPT_NUMBERS, '-0'].map((value) =>
      become(
        'number that can’t be kept',
        value,
        !types.includes('integer') || Math.abs(Number(value)) <= (resolved.maximum ?? Infinity),
      ),
    ),
  ];
}

function changesOfSegment({ schema = {} }: ParameterObject): Kind[] {
  const isId = 'format' in schema && schema.format === 'uuid';
  const become = (kind: string, segment: string): Kind => ({
    kind: `path: ${kind}`,
    change: { segment, refusal: isId ? UNREADABLE : undefined },
  });
  return [
    ...[...BROKEN_UTF8.map(percent), '%', '%zz'].map((segment) => unreadable('path: broken UTF-8', { segment })),
    ...INHERITED_NAMES.map((name) => become('inherited name', name)),
    ...INVISIBLE.map((text) => become('invisible', encodeURIComponent(text))),
  ];
}

/** Where the JSON of a member goes: nothing that a valid request has. */
const PLACE = '@place@';

function jsonWith(value: unknown, { path, json }: { path: readonly string[]; json: string }): string {
  return ascii(JSON.stringify(withValue(value, path, PLACE))).replace(`"${PLACE}"`, () => ascii(json, 0xff));
}

/** JSON with escapes in place of characters that are not ASCII. @param last the last character that stays. */
const ascii = (json: string, last = 0x7f): string =>
  Array.from({ length: json.length }, (_, at) => json.charCodeAt(at))
    .map((unit) => (unit > last ? `\\u${unit.toString(16).padStart(4, '0')}` : String.fromCharCode(unit)))
    .join('');

const percent = (bytes: string): string =>
  Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

function withSegment(path: string, template: string, segment: string): string {
  const at = template.split('/').findLastIndex((part) => part.startsWith('{'));
  return path.split('/').with(at, segment).join('/');
}
