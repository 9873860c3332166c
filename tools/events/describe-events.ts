import type { EventType } from '../../src/common/events/define-event.js';
import type { ConsumerNames } from '../../src/common/events/deliveries.repository.js';
import { type Schema, typesOf } from '../../src/common/json-schema/schema.js';

const HEAD = `# Events

What features announce. Written by \`npm run events\`; \`npm run events -- --check\` fails when it is out of date. How to announce an
event, and how to handle one: [extending/event.md](extending/event.md).
`;

/** The page of the docs that lists events by name, each with its data and the handlers that it has. */
export function describeEvents(types: Iterable<EventType>, consumers: readonly ConsumerNames[]): string {
  const sorted = [...types].sort((one, other) => one.name.localeCompare(other.name, 'en'));
  if (sorted.length === 0) return `${HEAD}\nNo feature announces an event yet.\n`;
  return [HEAD, ...sorted.map((type) => describe(type, consumers))].join('\n');
}

function describe({ name, version, description, schema }: EventType, consumers: readonly ConsumerNames[]): string {
  const handlers = consumers.filter(({ events }) => events.includes(name)).map((consumer) => consumer.name);
  const members = Object.entries(schema.properties ?? {}).map(
    ([member, of]) =>
      `| \`${member}\` | ${typeOf(of)} | ${schema.required?.includes(member) === true ? 'always' : 'optional'} | ${cell(of.description ?? '')} |`,
  );
  const data =
    members.length === 0 ? ['No data.'] : ['| member | type | | what it is |', '|---|---|---|---|', ...members];
  return [
    `## \`${name}\``,
    '',
    `${description} Version ${String(version)}. Handled by: ${handlers.length === 0 ? 'nobody' : handlers.sort().join(', ')}.`,
    '',
    ...data,
    '',
  ].join('\n');
}

const typeOf = (schema: Schema): string =>
  [typesOf(schema).join(' or '), schema.format, schema.enum?.map((value) => `\`${String(value)}\``).join(', ')]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
