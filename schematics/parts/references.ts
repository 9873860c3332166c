import type { Field } from '../fields.js';
import { identifier, nameOf } from '../names.js';
import { type Context, equal, exampleDoc, foreignKey, linkTable, plain, scalar } from './context.js';
import type { Part } from './part.js';

const SAMPLE_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** One of another feature: gone with it, or, when it is optional, left without. */
export function refPart(context: Context): Part {
  const { feature, field, column } = context;
  const { name, optional, target = nameOf('') } = field;
  const table = feature.name.snake;
  const doc = `The id of the ${name.words}.`;
  const part = scalar(context, { sql: 'uuid', type: 'string', decorators: ['IsUUID()'], example: SAMPLE_ID });
  const onDelete = optional ? 'SET NULL' : 'CASCADE';
  return {
    ...part,
    definitions: [
      `${part.definitions.join()} CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE ${onDelete}`,
    ],
    indexes: [
      `CREATE INDEX ${identifier(table, 'of', name.snake)} ON ${table} (${column}, created_at, id)`,
      ...(optional
        ? [
            `CREATE TRIGGER ${identifier(table, 'lost', name.snake)} BEFORE UPDATE OF ${column} ON ${table}
        FOR EACH ROW WHEN (NEW.${column} IS NULL AND OLD.${column} IS NOT NULL AND NEW.version = OLD.version)
        EXECUTE FUNCTION bump_version_on_fk_null()`,
          ]
        : []),
      ...living(field, table, [table, 'refers', name.snake], column, foreignKey(feature, field)),
    ],
    // as an example of a body, there is none of that id
    input: { ...part.input, doc: [doc, exampleDoc(optional ? null : SAMPLE_ID)] },
    output: { ...part.output, decorators: ['IsUUID()'], doc: [doc, exampleDoc(SAMPLE_ID)] },
    filters: [equal(context, `Only the rows of this ${name.words}.`, ['IsUUID()'], 'string')],
    other: SAMPLE_ID,
    wrong: { value: 'none', code: 'isUuid' },
  };
}

/** Up to twenty of another feature, in a table of links. */
export function refsPart(context: Context): Part {
  const { feature, field, of } = context;
  const { target = nameOf('') } = field;
  const { name, one, alias } = feature;
  const table = linkTable(feature, field);
  const linked = nameOf(of.camel.slice(0, -1));
  const [here, there] = [`${one.snake}_id`, linked.snake];
  const doc = [`The ids of its ${field.name.words}.`, exampleDoc([])];
  return {
    ...plain(context),
    selected: [
      `coalesce((SELECT array_agg(linked.${there} ORDER BY linked.${there}) FROM ${table} linked WHERE linked.${here} = ${alias}.id), '{}') AS "${of.camel}"`,
    ],
    indexes: [
      `CREATE TABLE ${table} (
            ${here} uuid NOT NULL CONSTRAINT ${identifier(table, one.snake, 'fk')} REFERENCES ${name.snake} (id) ON DELETE CASCADE,
            ${there} uuid NOT NULL CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE CASCADE,
            CONSTRAINT ${identifier(table, 'pk')} PRIMARY KEY (${here}, ${there})
          )`,
      `CREATE INDEX ${identifier(table, 'of', there.replace(/_id$/, ''))} ON ${table} (${there}, ${here})`,
      `CREATE TRIGGER ${identifier(table, 'lost')} AFTER DELETE ON ${table}
        FOR EACH ROW WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION bump_version_on_link_delete('${name.snake}', '${here}')`,
      ...living(field, table, [table, 'refers'], there, foreignKey(feature, field)),
    ],
    row: [`${of.camel}: string[]`],
    input: {
      decorators: [
        'ValidateIf((_, value) => value !== undefined)',
        'IsArray()',
        'ArrayMaxSize(20)',
        'ArrayUnique()',
        'IsUUID(undefined, { each: true })',
      ],
      type: 'string[]',
      left: true,
      doc,
    },
    output: { decorators: ['ArrayMaxSize(20)', 'IsUUID(undefined, { each: true })'], type: 'string[]', doc },
    filters: [
      {
        parameter: linked.camel,
        doc: 'Only the rows that refer to this one.',
        decorators: ['IsUUID()'],
        type: 'string',
        condition: `EXISTS (SELECT FROM ${table} linked WHERE linked.${here} = ${alias}.id AND linked.${there} = \${query.${linked.camel}})`,
      },
    ],
    example: [],
    other: [],
    wrong: { value: ['none'], code: 'isUuid' },
  };
}

/** The trigger that refuses references to what is only marked as deleted, where the other feature does so. */
const living = (
  { softTarget = false, target = nameOf('') }: Field,
  table: string,
  name: string[],
  column: string,
  constraint: string,
): string[] =>
  softTarget
    ? [
        `CREATE TRIGGER ${identifier(...name)} BEFORE INSERT OR UPDATE OF ${column} ON ${table}
        FOR EACH ROW EXECUTE FUNCTION refuse_deleted_reference('${target.snake}', '${column}', '${constraint}')`,
      ]
    : [];
