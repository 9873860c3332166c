import type { Feature } from '../model.js';
import { identifier, nameOf } from '../names.js';
import { linkTable, uniqueColumns, uniqueConstraint } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { isSearchable } from './dto.js';
import { areUnique } from './module.js';

/** The migration that makes a feature's table. */
export function tableText(feature: Feature, parts: readonly Part[], record: string): string {
  const { name, owned, softDelete } = feature;
  const columns = [
    `id uuid CONSTRAINT ${identifier(name.snake, 'pk')} PRIMARY KEY`,
    ...(owned
      ? [
          `owner_id uuid NOT NULL CONSTRAINT ${identifier(name.snake, 'owner', 'fk')} REFERENCES users (id) ON DELETE CASCADE`,
        ]
      : []),
    ...parts.flatMap(({ definitions }) => definitions),
    'version integer NOT NULL DEFAULT 1',
    'created_at timestamptz(3) NOT NULL DEFAULT now()',
    'updated_at timestamptz(3) NOT NULL DEFAULT now()',
    ...(softDelete ? ['deleted_at timestamptz(3)'] : []),
    ...(isSearchable(parts) ? [searchColumn(`search_vector(${searchedIn(parts)}, 'B')`)] : []),
    ...parts.flatMap(({ constraints }) => constraints),
  ];
  const made = [
    `CREATE TABLE ${name.snake} (\n        ${columns.join(',\n        ')}\n      )`,
    versionTrigger('CREATE', name.snake, isSearchable(parts)),
    ...(feature.listed
      ? [`CREATE INDEX ${identifier(name.snake, 'by', 'created_at')} ON ${name.snake} (created_at, id)`]
      : []),
    ...(owned
      ? [`CREATE INDEX ${identifier(name.snake, 'of', 'owner')} ON ${name.snake} (owner_id, created_at, id)`]
      : []),
    ...parts.flatMap(({ indexes }) => indexes),
    ...uniqueIndexes(feature, parts),
    ...(isSearchable(parts) ? [searchIndex(name.snake)] : []),
  ];
  const dropped = [
    ...parts.filter(({ field }) => field.type === 'refs').map(({ field }) => linkTable(feature, field)),
    name.snake,
  ];
  return migrationText(
    `${name.pascal}${String(feature.timestamp)}`,
    made,
    dropped.map((table) => `DROP TABLE ${table}`),
    record,
  );
}

/** The trigger that counts the versions of rows. @param create or replace it. */
export const versionTrigger = (create: 'CREATE' | 'CREATE OR REPLACE', table: string, isSearched: boolean): string =>
  `${create} TRIGGER count_version BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION count_version${isSearched ? '_of_searched' : ''}()`;

/** What keeps values unique among rows that are not out of sight. */
export const uniqueIndexes = (feature: Feature, parts: readonly Part[]): string[] =>
  feature.softDelete
    ? areUnique(parts).map(
        ({ field }) =>
          `CREATE UNIQUE INDEX ${uniqueConstraint(feature, field)} ON ${feature.name.snake} (${uniqueColumns(feature, field)}) WHERE deleted_at IS NULL`,
      )
    : [];

/** The text that is looked through, in SQL; empty when no field is. */
export const searchedIn = (parts: readonly Part[]): string =>
  parts
    .filter(({ field }) => field.searchable)
    .map(({ member: of, field }) => (field.optional ? `coalesce(${nameOf(of).snake}, '')` : nameOf(of).snake))
    .join(" || ' ' || ");

/** The column that is searched, made of an expression. */
export const searchColumn = (expression: string): string =>
  `search tsvector NOT NULL GENERATED ALWAYS AS (${expression}) STORED`;

export const searchIndex = (table: string): string =>
  `CREATE INDEX ${identifier(table, 'for', 'search')} ON ${table} USING gin (search)`;

/**
 * The text of a migration of these statements, before it is formatted.
 * @param record the comment that says which command wrote it, where its feature is to be generated again.
 */
export function migrationText(name: string, up: readonly string[], down: readonly string[], record = ''): string {
  const statement = (text: string): string =>
    `await runner.query(${text.includes('\n') ? `\`\n      ${indented(text)}\`` : text.includes("'") ? `\`${text}\`` : `'${text}'`});`;
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

${record === '' ? '' : `${record}\n`}export class ${name} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    ${up.map(statement).join('\n    ')}
  }

  async down(runner: QueryRunner): Promise<void> {
    ${down.map(statement).join('\n    ')}
  }
}
`;
}

/** A statement of many lines, as it stands in the method that runs it. */
function indented(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  const least = Math.min(...rest.map((line) => line.length - line.trimStart().length));
  const space = ' '.repeat(rest.at(-1)?.trimStart().startsWith(')') ? 6 : 8);
  return [first, ...rest.map((line) => `${space}${line.slice(least)}`)].join('\n');
}
