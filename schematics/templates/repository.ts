import type { Feature } from '../model.js';
import { nameOf } from '../names.js';
import { linkTable } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { isSearchable } from './dto.js';
import { isPrivate, linkedIn } from './service.js';
import { imports, inLines, usedIn } from './text.js';

export function repositoryText(feature: Feature, parts: readonly Part[]): string {
  const { name, entity, readOnly, listed } = feature;
  const methods = [
    ...(listed ? [pageText(feature, parts)] : []),
    findTexts(feature),
    ...(readOnly ? [] : [writeTexts(feature)]),
    ...(readOnly ? [] : linkedIn(parts).map((part) => putText(feature, part))),
  ];
  const constants = [
    ...(listed && filtersOf(feature, parts).length > 0 ? [conditionsText(feature, parts)] : []),
    ...(listed ? [sortsText(feature, parts)] : []),
  ];
  const body = `${selectedText(feature, parts)}

/** The rows of ${name.words}, and all SQL about them. */
@Injectable()
export class ${name.pascal}Repository {
  constructor(
    @InjectRepository(${entity}) private readonly rows: Repository<${entity}>,
    ${listed ? 'private readonly pages: Pages,' : ''}
  ) {}

${methods.join('\n\n')}
}

${constants.join('\n\n')}
`;
  return `${importsOf(feature, body)}\n\n${body}`;
}

function selectedText({ alias, owned }: Feature, parts: readonly Part[]): string {
  const selected = [
    `${alias}.id`,
    ...(owned ? [`${alias}.owner_id AS "ownerId"`] : []),
    ...parts.flatMap((part) => part.selected),
    `${alias}.version`,
    `${alias}.created_at AS "createdAt"`,
    `${alias}.updated_at AS "updatedAt"`,
  ];
  return `const COLUMNS = raw(\`\n  ${inLines(selected)}\`);`;
}

function pageText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, alias, reading } = feature;
  const conditions =
    filtersOf(feature, parts).length > 0 ? 'conditionsOf(list.query)' : `[${always(feature).join('')}]`;
  const where = isPrivate(feature)
    ? `[...${conditions}, ...ownedBy(raw('${alias}.owner_id'), reader, ${reading.permission?.constant ?? ''})]`
    : conditions;
  return `  /** One page of a list${isPrivate(feature) ? ', of the rows that the reader may see' : ''}. */
  async readPage(list: AskedList<${one.pascal}Query>${isPrivate(feature) ? ', reader: Caller' : ''}): Promise<Page<${one.pascal}Row>> {
    return this.pages.read<${one.pascal}Row>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('${name.snake} ${alias}'),
      where: ${where.replace('[...[], ', '[')},
      id: raw('${alias}.id'),
      sort: SORTS[list.query.sort ?? '-createdAt'],
    });
  }`;
}

function findTexts(feature: Feature): string {
  const { name, one, alias, softDelete } = feature;
  const which = `FROM ${name.snake} ${alias} WHERE ${alias}.id = \${id}${softDelete ? ` AND ${alias}.deleted_at IS NULL` : ''}`;
  const closed = isPrivate(feature);
  const version = closed ? `Pick<${one.pascal}Row, 'version' | 'ownerId'>` : `Pick<${one.pascal}Row, 'version'>`;
  return `  async find(id: string): Promise<${one.pascal}Row | undefined> {
    const [row] = await queryShared<${one.pascal}Row>(this.rows.manager, sql\`SELECT \${COLUMNS} ${which}\`);
    return row;
  }

  /** Its version${closed ? ' and owner' : ''} alone. */
  async findVersion(id: string): Promise<${version} | undefined> {
    const [row] = await queryShared<${version}>(
      this.rows.manager,
      sql\`SELECT version${closed ? ', owner_id AS "ownerId"' : ''} ${which}\`,
    );
    return row;
  }`;
}

function writeTexts({ entity, softDelete }: Feature): string {
  const remove = softDelete
    ? ''
    : `

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }`;
  return `  /** Locks a row until the end of the transaction. */
  async lock(id: string): Promise<${entity} | null> {
    declareLock('own row');
    return this.rows.findOne({ where: { id${softDelete ? ', deletedAt: IsNull()' : ''} }, lock: { mode: 'pessimistic_write' } });
  }

  async insert(row: Partial<${entity}>): Promise<void> {
    await this.rows.insert(row);
  }

  async update(id: string, change: Partial<${entity}>): Promise<void> {
    await this.rows.update(id, change);
  }${remove}`;
}

function putText(feature: Feature, { field, member: of }: Part): string {
  const table = linkTable(feature, field);
  const [here, there] = [`${feature.one.snake}_id`, nameOf(of.slice(0, -1)).snake];
  return `  /** Leaves a row with these ${field.name.words}, and no others. @returns whether that changes anything. */
  async put${field.name.pascal}(id: string, ${of}: readonly string[]): Promise<boolean> {
    const changes = await run(
      this.rows.manager,
      sql\`WITH others AS (DELETE FROM ${table} WHERE ${here} = \${id} AND ${there} <> ALL (\${${of}}) RETURNING 1),
          added AS (
            INSERT INTO ${table} (${here}, ${there})
            SELECT \${id}, ${there} FROM unnest(\${${of}}::uuid[]) ${there} ON CONFLICT DO NOTHING RETURNING 1
          ) SELECT 1 FROM others UNION ALL SELECT 1 FROM added\`,
    );
    return changes.length > 0;
  }`;
}

/** The filters of the list, each with its condition. */
const filtersOf = ({ alias, owned }: Feature, parts: readonly Part[]): { parameter: string; condition: string }[] => [
  ...(owned ? [{ parameter: 'ownerId', condition: `${alias}.owner_id = \${query.ownerId}` }] : []),
  ...parts.flatMap((part) => part.filters),
  ...(isSearchable(parts) ? [{ parameter: 'q', condition: `${alias}.search @@ search_query(\${query.q})` }] : []),
];

/** The conditions of every list. */
const always = ({ alias, softDelete }: Feature): string[] => (softDelete ? [`raw('${alias}.deleted_at IS NULL')`] : []);

function conditionsText(feature: Feature, parts: readonly Part[]): string {
  const filters = filtersOf(feature, parts);
  const conditions = [
    ...always(feature),
    ...filters.map(({ parameter, condition }) => `query.${parameter} !== undefined && sql\`${condition}\``),
  ];
  return `const conditionsOf = (query: ${feature.one.pascal}Query): Sql[] =>
  [
    ${conditions.join(',\n    ')},
  ].filter((condition) => condition !== false);`;
}

function sortsText({ one, alias }: Feature, parts: readonly Part[]): string {
  const keys = [
    ...parts.flatMap(({ sort }) => (sort ? [sort] : [])),
    { name: 'createdAt', expression: `${alias}.created_at`, type: 'timestamptz' },
  ];
  const lines = keys.flatMap(({ name, expression, type }) =>
    [false, true].map(
      (descending) =>
        `${descending ? `'-${name}'` : name}: { expression: raw('${expression}'), type: '${type}', descending: ${String(descending)} },`,
    ),
  );
  return `const SORTS: Record<${one.pascal}Sort, SortKey> = {\n  ${lines.join('\n  ')}\n};`;
}

function importsOf(feature: Feature, body: string): string {
  const { name, one, entity, listed, reading } = feature;
  const used = usedIn(body);
  const ifUsed = (...names: string[]): string[] => names.filter((named) => used.has(named.replace('type ', '')));
  return imports({
    '@nestjs/common': ['Injectable'],
    '@nestjs/typeorm': ['InjectRepository'],
    'sql-template-tag': ['default as sql', 'raw', ...ifUsed('type Sql')],
    typeorm: [...ifUsed('IsNull'), 'Repository'],
    '../common/database/keyset.js': ifUsed('type SortKey'),
    '../common/database/locks.js': ifUsed('declareLock'),
    '../common/database/statements.js': ['queryShared', ...ifUsed('run')],
    '../common/http/paging/pages.js': listed ? ['type AskedList', 'type Page', 'Pages'] : [],
    '../common/security/caller.js': ifUsed('type Caller'),
    '../common/security/owners.js': ifUsed('ownedBy'),
    [`./dto/${one.kebab}-query.dto.js`]: listed ? [`type ${one.pascal}Query`, `type ${one.pascal}Sort`] : [],
    [`./dto/${one.kebab}.dto.js`]: [`type ${one.pascal}Row`],
    [`./entities/${one.kebab}.entity.js`]: [entity],
    [reading.permission?.from ?? `./${name.kebab}.permissions.js`]: ifUsed(reading.permission?.constant ?? ''),
  });
}
