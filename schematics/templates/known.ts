import type { Feature } from '../model.js';
import { nameOf } from '../names.js';
import type { Part } from '../parts/part.js';
import { imports } from './text.js';

/** A value as code says it. */
export const literal = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/"([A-Za-z_]\w*)":/g, '$1:')
    .replaceAll('"', "'");
export const isReference = ({ field }: Part): boolean => field.type === 'ref' || field.type === 'refs';

/** How long a unique text of the tests is. */
const lengthOf = ({ min, max }: Part['field']): string => String(Math.max(min, Math.min(max, 20)));

/** What stands for one of the feature that is referred to, or for a value that none has yet. */
export function placeholder({ field }: Part): string {
  switch (field.type) {
    case 'text':
      return `--unused:${lengthOf(field)}--`;
    case 'int':
      return `--number:${String(field.min)}--`;
    case 'date-time':
      return '--moment--';
    case 'uuid':
      return '--uuid--';
    default:
      return `--${field.target?.kebab ?? ''}--`;
  }
}

/** A column's value in SQL, by the number `n` of its row. */
function sqlOf(part: Part, isNewest = false): string {
  const { field, example } = part;
  const { min, unique, target } = field;
  switch (field.type) {
    case 'text':
      return unique ? `lpad(n::text, ${lengthOf(field)}, '0')` : `'${String(example)}'`;
    case 'int':
      return unique ? `${String(min)} + n` : String(example);
    case 'money':
      return "1999, 'GBP'";
    case 'boolean':
      return 'true';
    case 'date-time':
      return "timestamptz '2026-01-01Z' + n * interval '1 minute'";
    case 'uuid':
      return 'gen_random_uuid()';
    case 'ref':
      return field.optional
        ? 'NULL'
        : `(SELECT id FROM ${target?.snake ?? ''} ORDER BY id${isNewest ? ' DESC' : ''} LIMIT 1${unique && !isNewest ? ' OFFSET n - 1' : ''})`;
    default:
      return `'${String(example)}'`;
  }
}

/** Whether fresh values are made by counting. */
export const isCounted = ({ field }: Part): boolean =>
  field.unique && ['text', 'int', 'date-time'].includes(field.type);

/** The columns of a row but its id, and their values; there is one at least. */
function rowOf({ owned }: Feature, parts: readonly Part[], isNewest = false): { columns: string[]; values: string[] } {
  const own = parts.filter(({ field }) => field.type !== 'refs' && field.type !== 'json');
  const columns = [
    ...(owned ? ['owner_id'] : []),
    ...own.flatMap((part) => part.columns.map(({ name }) => nameOf(name).snake)),
  ];
  const values = [
    ...(owned ? ['(SELECT id FROM users ORDER BY id LIMIT 1)'] : []),
    ...own.map((part) => sqlOf(part, isNewest)),
  ];
  return columns.length > 0 ? { columns, values } : { columns: ['version'], values: ['1'] };
}

/** A value of the field that no other has, by the expression `number`: a text in TypeScript. */
export function freshValue(part: Part, number: string): string {
  const { field, example } = part;
  if (!field.unique) return literal(example);
  switch (field.type) {
    case 'text':
      return `String(${number}).padStart(${lengthOf(field)}, '0')`;
    case 'int':
      return `${String(field.min)} + ${number}`;
    case 'date-time':
      return `new Date(Date.UTC(2026, 0, 1) + ${number} * 60_000).toISOString()`;
    case 'uuid':
      return 'randomUUID()';
    default:
      return literal(example);
  }
}

export function knownText(feature: Feature, parts: readonly Part[]): string {
  const { name, readOnly, listed, owned, reading } = feature;
  const path = `/api/v1/${name.kebab}`;
  const lists = parts.filter(({ field }) => field.type === 'refs').length;
  // a caller who is signed in is looked up first
  const reads = reading.by === 'public' ? 1 : 2;
  const making = owned ? 'own' : 'post';
  const statements = [
    ...(listed ? [`'GET ${path}': ${String(reads)},`] : []),
    `'GET ${path}/{id}': ${String(reads)},`,
    ...(readOnly
      ? []
      : [
          `'POST ${path}': ${String(6 + lists)},`,
          `'PATCH ${path}/{id}': ${String(7 + lists)},`,
          `'DELETE ${path}/{id}': 6,`,
        ]),
  ];
  const members = parts
    .filter((part) => isReference(part) || part.field.unique || part.field.type === 'uuid')
    .flatMap((part) => {
      const [of, known] = [part.member, `'${placeholder(part)}'`];
      return part.field.type === 'refs'
        ? [`${of}: [${known}],`, `${of.slice(0, -1)}: ${known},`]
        : [`${of}: ${known},`];
    });
  const unique = parts.filter(({ field }) => field.unique && !field.optional && !isReference({ field } as Part));
  const { columns, values } = rowOf(feature, parts);
  const needed = parts.filter(({ field }) => field.type === 'ref' && !field.optional);
  const body = parts
    .filter(({ field }) => !field.optional && field.type !== 'refs')
    .map(
      (part) =>
        `${part.member}: ${part.field.type === 'ref' ? `await make('${part.field.target?.kebab ?? ''}')` : freshValue(part, '++made')}`,
    );
  const thing = readOnly
    ? `async ({ shop${needed.length > 0 ? ', make' : ''} }) => {
      ${needed.map((part) => `await make('${part.field.target?.kebab ?? ''}');`).join('\n')}
      const id = randomUUID();
      await shop.app.get(DataSource).query(
        ${literal(
          `INSERT INTO ${name.snake} (${['id', ...columns].join(', ')}) SELECT $1, ${rowOf(feature, parts, true).values.join(', ')} FROM generate_series($2::int, $2::int) n`,
        )
          .replaceAll("\\'", "'")
          .replace(/^'|'$/g, '`')},
        [id, ++made],
      );
      return id;
    }`
    : `async ({ ${making}${needed.length > 0 ? ', make' : ''} }) => ${making}('${name.kebab}', { ${body.join(', ')} })`;
  const counts = readOnly || unique.some(isCounted);
  const usesUuid = readOnly || unique.some(({ field }) => field.type === 'uuid');
  return `${imports({
    'node:crypto': usesUuid ? ['randomUUID'] : [],
    typeorm: readOnly ? ['DataSource'] : [],
    '../feature.js': ['type Feature'],
  })}

${counts ? 'let made = 1000;\n\n' : ''}export const feature: Feature = {
  statements: {
    ${statements.join('\n    ')}
  },
  ${members.length > 0 ? `members: { ${members.join(' ')} },\n  ` : ''}things: {
    ${name.kebab === name.camel ? name.camel : `'${name.kebab}'`}: ${needed.length > 0 || readOnly ? thing : thing.replace(/^async /, '')},
  },
  ${listed ? `rows: { '${name.snake} (${['id', ...columns].join(', ')})': \`${values.join(', ')}\` },\n` : ''}};
`;
}
