import ts from 'typescript';
import type { Field } from '../fields.js';
import { member } from '../model.js';
import { type Name, nameOf } from '../names.js';
import { linkTable } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { Refusal } from '../refusal.js';
import { migrationText, searchColumn, searchedIn, searchIndex, uniqueIndexes } from '../templates/migration.js';
import { nodesBelow } from './edits.js';
import type { Shape } from './shape.js';
import type { Sources } from './sources.js';
import { isSqlText, structureOf } from './sql.js';

const MIGRATIONS = 'src/migrations';

/** By the name of a field, what the rows that there are have in its columns, in SQL. */
export type Existing = ReadonlyMap<string, readonly string[]>;

/** The path and the text of the migration that gives a table new fields, before it is formatted. */
export function migrationOf(
  sources: Sources,
  { feature, parts }: Shape,
  existing: Existing,
): [path: string, text: string] {
  const table = feature.name.snake;
  const own = parts.filter(({ field }) => field.type !== 'refs');
  const clauses = [
    ...own.flatMap((part) => definitionsOf(part, existing).map((definition) => `ADD COLUMN ${definition}`)),
    ...own.flatMap(({ constraints }) => constraints.map((constraint) => `ADD ${constraint}`)),
  ];
  const given = own.filter(({ field }) => existing.has(field.name.camel)).flatMap(columnsOf);
  const search = searchOf(sources, table, parts);
  const up = [
    ...altered(table, clauses),
    ...altered(
      table,
      given.map((column) => `ALTER COLUMN ${column} DROP DEFAULT`),
    ),
    ...parts.flatMap(({ indexes }) => indexes),
    ...uniqueIndexes(feature, parts),
    ...search.up,
  ];
  const down = [
    ...parts.filter(({ field }) => field.type === 'refs').map(({ field }) => `DROP TABLE ${linkTable(feature, field)}`),
    ...triggersOf(own),
    ...search.before,
    ...altered(
      table,
      own.flatMap(columnsOf).map((column) => `DROP COLUMN ${column}`),
    ),
    ...search.after,
  ];
  const name = nameOfMigration(feature.fields, feature.name);
  const path = `${MIGRATIONS}/${String(feature.timestamp)}-${name.kebab}.ts`;
  return [path, migrationText(`${name.pascal}${String(feature.timestamp)}`, up, down)];
}

/** `rating-and-price-of-offers` */
function nameOfMigration(fields: readonly Field[], of: Name): Name {
  const names = fields.length > 3 ? ['fields'] : fields.map(({ name }) => name.kebab);
  return nameOf(`${names.join('-and-')}-of-${of.kebab}`);
}

/** What depends on a column and does not go with it. */
const triggersOf = (parts: readonly Part[]): string[] =>
  parts.flatMap(({ indexes }) =>
    indexes.flatMap((made) => {
      const [, name, table] = /^CREATE TRIGGER (\w+) [^]*? ON (\w+)\s/.exec(made) ?? [];
      return name !== undefined && table !== undefined ? [`DROP TRIGGER ${name} ON ${table}`] : [];
    }),
  );

const columnsOf = ({ columns }: Part): string[] => columns.map(({ name }) => nameOf(name).snake);

/** The columns as they are added: with what the rows there are have in them. */
function definitionsOf({ field, definitions }: Part, existing: Existing): string[] {
  const values = existing.get(field.name.camel) ?? [];
  return definitions.map((definition, index) => {
    const given = values[index];
    return given === undefined ? definition : definition.replace(/ NOT NULL/, ` NOT NULL DEFAULT ${given}`);
  });
}

const altered = (table: string, clauses: readonly string[]): string[] => {
  if (clauses.length === 0) return [];
  const [only] = clauses.length === 1 && clauses[0] && clauses[0].length < 60 ? clauses : [];
  return [
    only === undefined
      ? `ALTER TABLE ${table}\n        ${clauses.join(',\n        ')}`
      : `ALTER TABLE ${table} ${only}`,
  ];
};

/** What the column that is searched takes: a generated column is dropped and created again, with its indexes. */
function searchOf(
  sources: Sources,
  table: string,
  parts: readonly Part[],
): Record<'up' | 'before' | 'after', string[]> {
  const added = searchedIn(parts);
  if (added === '') return { up: [], before: [], after: [] };
  const statements = statementsOf(sources);
  const old = expressionOf(statements, table);
  const adding = (expression: string): string => `ALTER TABLE ${table}\n        ADD COLUMN ${searchColumn(expression)}`;
  const dropping = `ALTER TABLE ${table} DROP COLUMN search`;
  if (old === undefined) {
    return { up: [adding(`to_tsvector('english', ${added})`), searchIndex(table)], before: [dropping], after: [] };
  }
  const indexes = indexesOf(statements, table);
  const whole = withWords(old, added);
  return { up: [dropping, adding(whole), ...indexes], before: [dropping], after: [adding(old), ...indexes] };
}

/** The expression with more words in it: in the one text that it is made of, or beside its parts. */
function withWords(expression: string, words: string): string {
  const [, inner] = /^\s*to_tsvector\('english',\s*([^]*)\)\s*$/.exec(expression) ?? [];
  const isOne = inner !== undefined && !inner.includes('to_tsvector');
  return isOne
    ? `to_tsvector('english', ${inner} || ' ' || ${words})`
    : `${expression.trim()}\n          || to_tsvector('english', ${words})`;
}

interface Statement {
  text: string;
  structure: string;
}

/** What the migrations do, one after the other. */
function statementsOf(sources: Sources): Statement[] {
  return sources.under(MIGRATIONS).flatMap((path) =>
    nodesBelow(sources.parse(path), ts.isMethodDeclaration)
      .filter(({ name }) => name.getText() === 'up')
      .flatMap((up) => nodesBelow(up, isSqlText))
      .map((node) => ({ text: node.getText(), structure: structureOf(node) })),
  );
}

/** What the column `search` of a table is made of, as the last migration has it that says so. */
function expressionOf(statements: readonly Statement[], table: string): string | undefined {
  const made = statements.findLast(
    ({ structure }) =>
      new RegExp(`\\b(CREATE|ALTER) TABLE ${table}\\b`).test(structure) && /\bsearch tsvector\b/.test(structure),
  );
  const start = made && /\bsearch tsvector\b[^(]*\(/.exec(made.structure);
  if (!made || !start) return undefined;
  const from = start.index + start[0].length;
  let depth = 1;
  let at = from;
  for (; depth > 0 && at < made.structure.length; at++) {
    if (made.structure.charAt(at) === '(') depth++;
    else if (made.structure.charAt(at) === ')') depth--;
  }
  return made.text.slice(from, at - 1).trim();
}

const indexesOf = (statements: readonly Statement[], table: string): string[] => [
  ...new Set(
    statements
      .filter(({ structure }) => new RegExp(`^.\\s*CREATE INDEX \\w+ ON ${table}\\b.*\\bsearch\\b`).test(structure))
      .map(({ text }) => text.slice(1, -1).trim()),
  ),
];

/** What gives each row a UUID of its own. */
const RANDOM = 'gen_random_uuid()';

/** A value for the rows that there are, in SQL, column by column. @throws Refusal when the field could not have it. */
function existingOf(field: Field, given: string): string[] {
  const refuse = (what: string): Refusal => new Refusal(`--existing ${field.name.camel}=${given}: ${what}`);
  const quoted = `'${given.replaceAll("'", "''")}'`;
  const { min, max } = field;
  switch (field.type) {
    case 'text':
      if (given.length < min || given.length > max)
        throw refuse(`a text of ${String(min)} to ${String(max)} characters goes there.`);
      return [quoted];
    case 'int':
      if (!/^-?\d{1,10}$/.test(given) || Number(given) < min || Number(given) > max)
        throw refuse(`a whole number from ${String(min)} to ${String(max)} goes there.`);
      return [given];
    case 'money': {
      const [, amount, currency] = /^(\d{1,12})\s?([A-Z]{3})$/.exec(given) ?? [];
      if (amount === undefined || currency === undefined)
        throw refuse('an amount in minor units and its currency go there, like 1999GBP.');
      return [amount, `'${currency}'`];
    }
    case 'boolean':
      if (given !== 'true' && given !== 'false') throw refuse('true or false goes there.');
      return [given];
    case 'enum':
      if (!field.values.includes(given)) throw refuse(`one of ${field.values.join(', ')} goes there.`);
      return [quoted];
    case 'date-time':
      if (!/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(given) || Number.isNaN(Date.parse(given)))
        throw refuse('a point in time goes there, like 2026-01-01T00:00:00Z.');
      return [quoted];
    case 'uuid':
    case 'ref':
      if (field.type === 'uuid' && given === 'random') return [RANDOM];
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given))
        throw refuse(
          field.type === 'uuid'
            ? 'a UUID goes there, or random for one of each.'
            : 'the id of one that is there goes there.',
        );
      return [quoted];
    default:
      throw refuse(`${field.type} needs none.`);
  }
}

/** What the rows that there are have in new fields, in SQL. @throws Refusal when a required one has no value, or one that it can't have. */
export function existingValues(fields: readonly Field[], given: readonly string[], shown: readonly string[]): Existing {
  const values = new Map<string, string[]>();
  for (const one of given) {
    const [, name = '', value = ''] = /^([^=]+)=([^]*)$/.exec(one) ?? [];
    const field = fields.find((other) => other.name.camel === name || member(other) === name);
    if (!field) throw new Refusal(`--existing ${one}: say it as name=value, with the name of a field that is added.`);
    if (field.optional)
      throw new Refusal(`--existing ${one}: ${name} is optional, and null in the rows that there are.`);
    values.set(field.name.camel, existingOf(field, value));
  }
  for (const [index, field] of fields.entries()) {
    const { camel } = field.name;
    if (field.optional || field.type === 'json' || field.type === 'refs') continue;
    const said = shown[index] ?? camel;
    if (!values.has(camel)) {
      throw new Refusal(
        `--field ${said}: rows that are there would have no ${camel}. Make it optional, or say what they have: --existing ${camel}=…`,
      );
    }
    if (field.unique && values.get(camel)?.[0] !== RANDOM) {
      throw new Refusal(
        `--field ${said}: rows that are there would all have the same ${camel}. Make it optional, for it is unique.`,
      );
    }
  }
  return values;
}
