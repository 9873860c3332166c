import { nameOf, withArticle } from '../names.js';
import { type Context, equal, exampleDoc, foreignKey, plain, scalar } from './context.js';
import type { Part } from './part.js';

const SAMPLE_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

/** One of another feature: gone with it, or, when it is optional, left without. */
export function refPart(context: Context): Part {
  const { feature, field, column } = context;
  const { name, optional, target = nameOf('') } = field;
  const table = feature.name.snake;
  const doc = `The id of ${withArticle(name.words).replace(/^an? /, 'the ')}.`;
  const part = scalar(context, { sql: 'uuid', type: 'string', decorators: ['IsUUID()'], example: SAMPLE_ID });
  const onDelete = optional ? 'SET NULL' : 'CASCADE';
  return {
    ...part,
    definitions: [
      `${part.definitions.join()} CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE ${onDelete}`,
    ],
    indexes: [
      `CREATE INDEX ${table}_of_${name.snake} ON ${table} (${column}, created_at, id)`,
      ...(optional
        ? [
            `CREATE TRIGGER ${table}_lost_${name.snake} BEFORE UPDATE OF ${column} ON ${table}
        FOR EACH ROW WHEN (NEW.${column} IS NULL AND OLD.${column} IS NOT NULL AND NEW.version = OLD.version)
        EXECUTE FUNCTION lost_reference()`,
          ]
        : []),
    ],
    // as an example of a body, there is none of that id
    input: { ...part.input, doc: [doc, exampleDoc(optional ? null : SAMPLE_ID)] },
    output: { ...part.output, doc: [doc, exampleDoc(SAMPLE_ID)] },
    filters: [equal(context, `Only those of this ${name.words}.`, ['IsUUID()'], 'string')],
    other: SAMPLE_ID,
    wrong: { value: 'none', code: 'isUuid' },
  };
}

/** Up to twenty of another feature, in a table of links. */
export function refsPart(context: Context): Part {
  const { feature, field, of } = context;
  const { target = nameOf('') } = field;
  const { name, one, alias } = feature;
  const table = `${one.snake}_${field.name.snake}`;
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
            ${here} uuid NOT NULL CONSTRAINT ${table}_${one.snake}_fk REFERENCES ${name.snake} (id) ON DELETE CASCADE,
            ${there} uuid NOT NULL CONSTRAINT ${foreignKey(feature, field)} REFERENCES ${target.snake} (id) ON DELETE CASCADE,
            CONSTRAINT ${table}_pk PRIMARY KEY (${here}, ${there})
          )`,
      `CREATE INDEX ${table}_of_${there.replace(/_id$/, '')} ON ${table} (${there}, ${here})`,
      `CREATE TRIGGER ${table}_lost AFTER DELETE ON ${table}
        FOR EACH ROW WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION lost_link('${name.snake}', '${here}')`,
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
        doc: 'Only those that have this one.',
        decorators: ['IsUUID()'],
        type: 'string',
        condition: `EXISTS (SELECT FROM ${table} linked WHERE linked.${here} = ${alias}.id AND linked.${there} = \${${linked.camel}})`,
      },
    ],
    example: [],
    other: [],
    wrong: { value: ['none'], code: 'isUuid' },
  };
}
