import type { Field } from '../fields.js';
import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import { capital } from './text.js';

/** What happens to a row, as the names of its events have it. */
const HAPPENINGS = ['created', 'updated', 'deleted'] as const;

/** The constant of an event: `OfferCreated`. */
export const eventName = ({ one }: Feature, happening: (typeof HAPPENINGS)[number]): string =>
  `${one.pascal}${capital(happening)}`;

/**
 * What the database does to rows by itself when what they refer to is deleted, which no event says. What is only marked as deleted stays
 * referred to.
 */
function unannounced({ name, fields }: Feature, happening: (typeof HAPPENINGS)[number]): string {
  const targetsOf = (isMeant: (field: Field) => boolean): string => {
    const targets = fields.flatMap((field) =>
      field.target && !field.softTarget && isMeant(field) ? [field.target.words] : [],
    );
    return [...new Set(targets)].join(' and ');
  };
  const needed = targetsOf(({ type, optional }) => type === 'ref' && !optional);
  const lost = targetsOf(({ type, optional }) => type === 'refs' || optional);
  if (happening === 'deleted' && needed !== '')
    return ` ${capital(name.words)} of deleted ${needed} are deleted with them, without an event of their own.`;
  if (happening === 'updated' && lost !== '')
    return ` References to deleted ${lost} are removed without an event of their own.`;
  return '';
}

/** What a feature announces; undefined where clients change nothing. */
export function eventsText(feature: Feature): string | undefined {
  const { one, owned, readOnly } = feature;
  if (readOnly) return undefined;
  const data = owned
    ? `/** What an event says of ${withArticle(one.words)} beyond its id and version. */
interface ${one.pascal}EventData {
  ownerId: string;
}

const DATA: DataSchema<${one.pascal}EventData> = {
  ownerId: { type: 'string', format: 'uuid', description: 'The user who owns it.' },
};

`
    : '';
  const events = HAPPENINGS.map(
    (happening) =>
      `export const ${eventName(feature, happening)} = defineEvent('${one.kebab}.${happening}', 1, '${capital(withArticle(one.words))} was ${happening}.${unannounced(feature, happening)}', ${owned ? 'DATA' : '{}'});`,
  );
  return `import { ${owned ? 'type DataSchema, ' : ''}defineEvent } from '../common/events/define-event.js';\n\n${data}${events.join('\n')}\n`;
}
