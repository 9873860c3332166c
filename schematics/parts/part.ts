import type { Field } from '../fields.js';

/** A parameter of a list, and the condition that it is. */
export interface Filter {
  parameter: string;
  doc: string;
  decorators: string[];
  type: string;
  /** The condition, as the inside of a `sql` template. */
  condition: string;
}

/** An order of a list. */
interface Sort {
  name: string;
  expression: string;
  type: 'text' | 'bigint' | 'timestamptz';
}

/** A member of a DTO. */
interface Member {
  decorators: string[];
  type: string;
  doc: string[];
}

/** What a field is in each file of its feature. */
export interface Part {
  field: Field;
  member: string;
  /** Of the entity. */
  columns: { name: string; decorator: string; type: string; doc?: string }[];
  /** Of the table, in SQL; none of a list of references, which has a table of its own. */
  definitions: string[];
  constraints: string[];
  /** What is made beside the table: indexes by the sort or filter that they serve, tables of links, triggers. */
  indexes: string[];
  /** What a query selects. */
  selected: string[];
  row: string[];
  /** Reads the body of a request. */
  input: Member & { /** Whether it may be left out. */ left: boolean };
  /** Where a change says it in another way. */
  change?: Member;
  output: Member;
  /** What `to…Dto` gives it. */
  mapped: string;
  filters: Filter[];
  sort?: Sort;
  /** Two values that are good, as JSON. */
  example: unknown;
  other: unknown;
  /** Whether the first of these comes before the second in the order of the field, and its bounds; else they are alike. */
  ordered?: [least: unknown, most: unknown];
  /** One that is refused, and the code that it is refused with. */
  wrong: { value: unknown; code: string };
}
