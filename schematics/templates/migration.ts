import type { Feature } from '../model.js';
import { nameOf } from '../names.js';
import { uniqueColumns, uniqueConstraint } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { isSearchable } from './dto.js';
import { areUnique } from './module.js';

export function migrationText(feature: Feature, parts: readonly Part[]): string {
  const { name, owned, softDelete } = feature;
  const columns = [
    `id uuid CONSTRAINT ${name.snake}_pk PRIMARY KEY`,
    ...(owned
      ? [`owner_id uuid NOT NULL CONSTRAINT ${name.snake}_owner_fk REFERENCES users (id) ON DELETE CASCADE`]
      : []),
    ...parts.flatMap(({ definitions }) => definitions),
    'version integer NOT NULL DEFAULT 1',
    'created_at timestamptz(3) NOT NULL DEFAULT now()',
    'updated_at timestamptz(3) NOT NULL DEFAULT now()',
    ...(softDelete ? ['deleted_at timestamptz(3)'] : []),
    ...searchColumn(parts),
    ...parts.flatMap(({ constraints }) => constraints),
  ];
  const made = [
    `CREATE TABLE ${name.snake} (\n        ${columns.join(',\n        ')}\n      )`,
    ...(feature.listed ? [`CREATE INDEX ${name.snake}_by_created_at ON ${name.snake} (created_at, id)`] : []),
    ...(owned ? [`CREATE INDEX ${name.snake}_of_owner ON ${name.snake} (owner_id, created_at, id)`] : []),
    ...parts.flatMap(({ indexes }) => indexes),
    ...(softDelete
      ? areUnique(parts).map(
          (part) =>
            `CREATE UNIQUE INDEX ${uniqueConstraint(feature, part.field)} ON ${name.snake} (${uniqueColumns(feature, part.field)}) WHERE deleted_at IS NULL`,
        )
      : []),
    ...(isSearchable(parts) ? [`CREATE INDEX ${name.snake}_for_search ON ${name.snake} USING gin (search)`] : []),
  ];
  const dropped = [
    ...parts
      .filter(({ field }) => field.type === 'refs')
      .map(({ field }) => `${feature.one.snake}_${field.name.snake}`),
    name.snake,
  ];
  const statement = (text: string): string =>
    `await runner.query(${text.includes('\n') ? `\`\n      ${text}\`` : text.includes("'") ? `\`${text}\`` : `'${text}'`});`;
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name.pascal}${String(feature.timestamp)} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    ${made.map(statement).join('\n    ')}
  }

  async down(runner: QueryRunner): Promise<void> {
    ${dropped.map((table) => statement(`DROP TABLE ${table}`)).join('\n    ')}
  }
}
`;
}

function searchColumn(parts: readonly Part[]): string[] {
  const columns = parts
    .filter(({ field }) => field.searchable)
    .map(({ member: of, field }) => (field.optional ? `coalesce(${nameOf(of).snake}, '')` : nameOf(of).snake));
  return columns.length === 0
    ? []
    : [`search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', ${columns.join(" || ' ' || ")})) STORED`];
}
