import type { Schema } from '../json-schema/schema.js';

/** How JSON Schema names the type of a member. */
type TypeName<T> = T extends string
  ? 'string'
  : T extends number
    ? 'integer' | 'number'
    : T extends boolean
      ? 'boolean'
      : T extends null
        ? 'null'
        : T extends readonly unknown[]
          ? 'array'
          : 'object';

/** The schema of a member of type `T`; one that may be left out says so. */
type MemberSchema<T> = Omit<Schema, 'type'> & {
  type: TypeName<Exclude<T, undefined>> | TypeName<Exclude<T, undefined>>[];
} & (undefined extends T ? { optional: true } : { optional?: never });

/** The schema of each member of the data of an event. */
export type DataSchema<Data extends object> = { readonly [Member in keyof Data]-?: MemberSchema<Data[Member]> };

/** An event as its handlers get it. */
export interface PublishedEvent<Data extends object = object> {
  readonly id: string;
  /** Where it stands in the feed: 1, 2, 3 … without a gap. */
  readonly position: number;
  readonly name: string;
  /** The version of the schema that its data was written by. */
  readonly schemaVersion: number;
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** The version of the aggregate that the event is about. */
  readonly version: number;
  readonly data: Data;
  readonly occurredAt: Date;
}

/** Names of members that hold personal data. An id does not. */
const PERSONAL =
  /e-?mail|phone|mobile|address|street|post_?code|postal|zip_?code|birth|surname|iban|card_?number|password|token|secret|^ip$|(?:user|customer|author|owner|person|first|last|middle|full|given|family|display)_?names?$/i;
/** What is about a person, so that its name is one. */
const PEOPLE = new Set(['user', 'customer', 'account', 'person', 'contact']);

/** One kind of event that features announce: {@link defineEvent}. */
export class EventType<Data extends object = object> {
  /** The type of the data, for the compiler only. */
  declare readonly dataType?: Data;
  /** The kind of resource that it is about: `product` of `product.updated`. */
  readonly aggregateType: string;
  /** The JSON Schema of its data. */
  readonly schema: Schema;
  private readonly members: readonly string[];

  constructor(
    readonly name: string,
    readonly version: number,
    readonly description: string,
    members: Readonly<Record<string, Schema & { optional?: boolean }>>,
  ) {
    this.aggregateType = name.slice(0, name.indexOf('.'));
    this.members = Object.keys(members);
    this.schema = {
      type: 'object',
      required: this.members.filter((member) => members[member]?.optional !== true),
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(members).map(([member, { optional: _optional, ...schema }]) => [member, schema]),
      ),
    };
  }

  /** Whether an event is of this kind: then its data has the type. */
  is(event: PublishedEvent): event is PublishedEvent<Data> {
    return event.name === this.name;
  }

  /** The members of `data` that the schema has: an object with more than those, such as a row, announces nothing more. */
  pick(data: Data): object {
    return Object.fromEntries(Object.entries(data).filter(([member]) => this.members.includes(member)));
  }
}

/** The type of the data of a kind of event. */
export type DataOf<T extends EventType> = NonNullable<T['dataType']>;

const registry = new Map<string, EventType>();

/**
 * Registers a kind of event. Its name and schema are a contract: others read them long after the event.
 * @param name `<aggregate>.<verb in the past>`: `product.updated`.
 * @param version of the schema; raised when a member is added.
 * @param description what it means, as the docs say it.
 * @param members the schema of each member of the data.
 * @throws Error when the name is taken or is none, or a member holds personal data: announce an id in its place.
 */
export function defineEvent<Data extends object>(
  name: `${string}.${string}`,
  version: number,
  description: string,
  members: DataSchema<Data>,
): EventType<Data> {
  if (!/^[a-z][a-z0-9-]*\.[a-z][a-z-]*$/.test(name))
    throw new Error(`${name} is no name of an event: write aggregate.verb`);
  if (registry.has(name)) throw new Error(`the event ${name} is defined twice`);
  const type = new EventType<Data>(name, version, description, members);
  const [personal] = personalMembers(type);
  if (personal !== undefined) {
    throw new Error(
      `the event ${name} has personal data in ${personal}: announce the id of who it is about in its place`,
    );
  }
  registry.set(name, type);
  return type;
}

/** Every kind of event there is, by name. */
export const eventTypes = (): ReadonlyMap<string, EventType> => registry;

/** The members of the data of an event, at any depth, whose names stand for personal data. */
function personalMembers({ schema, aggregateType }: EventType): string[] {
  return memberNames(schema).filter(
    (name) => !/(?:Id|_id)s?$/.test(name) && (PERSONAL.test(name) || (name === 'name' && PEOPLE.has(aggregateType))),
  );
}

function memberNames({ properties = {}, items, additionalProperties }: Schema): string[] {
  const below = [...Object.values(properties), items, additionalProperties].filter((one) => typeof one === 'object');
  return [...Object.keys(properties), ...below.flatMap(memberNames)];
}
