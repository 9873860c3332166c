import type { Existing } from './existing.js';
import type { Field } from './fields.js';
import type { Feature } from './model.js';
import { type Name, nameOf } from './names.js';
import { linkTable } from './parts/context.js';
import { partOf } from './parts/part-of.js';
import type { Part } from './parts/part.js';
import {
  migrationText,
  searchColumn,
  searchedIn,
  searchIndex,
  uniqueIndexes,
  versionTrigger,
} from './templates/migration.js';

/** The path and the text of the migration that gives a table new fields, before it is formatted. */
export function alterationText(
  feature: Feature,
  parts: readonly Part[],
  before: Feature,
  existing: Existing,
  record: string,
): [path: string, text: string] {
  const table = feature.name.snake;
  const own = parts.filter(({ field }) => field.type !== 'refs');
  const clauses = [
    ...own.flatMap((part) => definitionsOf(part, existing).map((definition) => `ADD COLUMN ${definition}`)),
    ...own.flatMap(({ constraints }) => constraints.map((constraint) => `ADD ${constraint}`)),
  ];
  const given = own.filter(({ field }) => existing.has(field.name.camel)).flatMap(columnsOf);
  const search = searchOf(
    table,
    before.fields.map((field) => partOf(before, field)),
    parts,
  );
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
  const path = `src/migrations/${String(feature.timestamp)}-${name.kebab}.ts`;
  return [path, migrationText(`${name.pascal}${String(feature.timestamp)}`, up, down, record)];
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

/** The statements that give the column that is searched more texts: it is generated, so it is dropped and created again. */
function searchOf(
  table: string,
  before: readonly Part[],
  added: readonly Part[],
): Record<'up' | 'before' | 'after', string[]> {
  if (searchedIn(added) === '') return { up: [], before: [], after: [] };
  const adding = (parts: readonly Part[]): string[] => [
    `ALTER TABLE ${table}\n        ADD COLUMN ${searchColumn(`search_vector(${searchedIn(parts)}, 'B')`)}`,
    searchIndex(table),
  ];
  const dropping = `ALTER TABLE ${table} DROP COLUMN search`;
  const isNew = searchedIn(before) === '';
  return {
    up: [
      ...(isNew ? [] : [dropping]),
      ...adding([...before, ...added]),
      ...(isNew ? [versionTrigger('CREATE OR REPLACE', table, true)] : []),
    ],
    before: [...(isNew ? [versionTrigger('CREATE OR REPLACE', table, false)] : []), dropping],
    after: isNew ? [] : adding(before),
  };
}
