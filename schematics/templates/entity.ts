import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import { enumName, enumType } from '../parts/scalars.js';
import type { Part } from '../parts/part.js';
import { capital, docOf, imports } from './text.js';

export function entityText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, entity, owned, softDelete } = feature;
  const enums = parts
    .filter(({ field }) => field.type === 'enum')
    .map(
      ({
        field,
      }) => `export const ${enumName(feature, field)} = [${field.values.map((value) => `'${value}'`).join(', ')}] as const;
export type ${enumType(feature, field)} = (typeof ${enumName(feature, field)})[number];`,
    );
  const columns = parts.flatMap(({ columns: own, field }) =>
    own.map(
      ({ name: column, decorator, type, doc }) =>
        `${docOf(doc ? [doc] : field.unique ? ['Unique.'] : [])}@${decorator}\n${column}: ${type};`,
    ),
  );
  const owner = owned ? ["/** The user who made it. */\n@Column('uuid')\nownerId: string;"] : [];
  const deleted = softDelete
    ? [
        "/** Since when it is out of sight; null while it isn't. */\n@Column({ type: 'timestamptz', precision: 3, nullable: true })\ndeletedAt: Date | null;",
      ]
    : [];
  return `${imports({
    typeorm: [...(owned || softDelete || columns.length > 0 ? ['Column'] : []), 'Entity'],
    '../../common/attributes/attributes.js': parts.some(({ field }) => field.type === 'json')
      ? ['type Attributes']
      : [],
    '../../common/database/columns.js': ['VersionedRow'],
  })}

${enums.join('\n\n')}

/** ${capital(withArticle(one.words))}. */
@Entity('${name.snake}')
export class ${entity} extends VersionedRow {
${[...owner, ...columns, ...deleted].join('\n\n')}
}
`;
}
