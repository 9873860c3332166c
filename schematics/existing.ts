import type { Field } from './fields.js';
import { member } from './model.js';
import { Refusal } from './refusal.js';

/** By the name of a field, what the rows that there are have in its columns, in SQL. */
export type Existing = ReadonlyMap<string, readonly string[]>;

/** What gives each row a UUID of its own. */
const RANDOM = 'gen_random_uuid()';

/** A value for the rows that there are, in SQL, column by column. @throws Refusal when the field could not have it. */
function existingOf(field: Field, given: string): string[] {
  const refuse = (what: string): Refusal => new Refusal(`--existing ${field.name.camel}=${given}: ${what}`);
  const quoted = `'${given.replaceAll("'", "''")}'`;
  const { min, max } = field;
  switch (field.type) {
    case 'text':
      if (given.length < min || given.length > max)
        throw refuse(`a text of ${String(min)} to ${String(max)} characters goes there.`);
      return [quoted];
    case 'int':
      if (!/^-?\d{1,10}$/.test(given) || Number(given) < min || Number(given) > max)
        throw refuse(`a whole number from ${String(min)} to ${String(max)} goes there.`);
      return [given];
    case 'money': {
      const [, amount, currency] = /^(\d{1,12})\s?([A-Z]{3})$/.exec(given) ?? [];
      if (amount === undefined || currency === undefined)
        throw refuse('an amount in minor units and its currency go there, like 1999GBP.');
      return [amount, `'${currency}'`];
    }
    case 'boolean':
      if (given !== 'true' && given !== 'false') throw refuse('true or false goes there.');
      return [given];
    case 'enum':
      if (!field.values.includes(given)) throw refuse(`one of ${field.values.join(', ')} goes there.`);
      return [quoted];
    case 'date-time':
      if (!/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(given) || Number.isNaN(Date.parse(given)))
        throw refuse('a point in time goes there, like 2026-01-01T00:00:00Z.');
      return [quoted];
    case 'uuid':
    case 'ref':
      if (field.type === 'uuid' && given === 'random') return [RANDOM];
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given))
        throw refuse(
          field.type === 'uuid'
            ? 'a UUID goes there, or random for one of each.'
            : 'the id of one that is there goes there.',
        );
      return [quoted];
    default:
      throw refuse(`${field.type} needs none.`);
  }
}

/** What the rows that there are have in new fields, in SQL. @throws Refusal when a required one has no value, or one that it can't have. */
export function existingValues(fields: readonly Field[], given: readonly string[], shown: readonly string[]): Existing {
  const values = new Map<string, string[]>();
  for (const one of given) {
    const [, name = '', value = ''] = /^([^=]+)=([^]*)$/.exec(one) ?? [];
    const field = fields.find((other) => other.name.camel === name || member(other) === name);
    if (!field) throw new Refusal(`--existing ${one}: say it as name=value, with the name of a field that is added.`);
    if (field.optional)
      throw new Refusal(`--existing ${one}: ${name} is optional, and null in the rows that there are.`);
    values.set(field.name.camel, existingOf(field, value));
  }
  for (const [index, field] of fields.entries()) {
    const { camel } = field.name;
    if (field.optional || field.type === 'json' || field.type === 'refs') continue;
    const said = shown[index] ?? camel;
    if (!values.has(camel)) {
      throw new Refusal(
        `--field ${said}: rows that are there would have no ${camel}. Make it optional, or say what they have: --existing ${camel}=…`,
      );
    }
    if (field.unique && values.get(camel)?.[0] !== RANDOM) {
      throw new Refusal(
        `--field ${said}: rows that are there would all have the same ${camel}. Make it optional, for it is unique.`,
      );
    }
  }
  return values;
}
