import { getMetadataStorage } from 'class-validator';
import type { DataSource } from 'typeorm';

/** A class, by which class-validator keeps its rules. */
export type DtoClass = abstract new (...args: never[]) => object;

/** A CHECK that refuses what the DTO of a new row allows, and the statements that change it and change it back. */
export interface NarrowCheck {
  /** What is wrong, in words. */
  said: string;
  up: string;
  down: string;
}

/** What a CHECK of one column allows, or a rule: one of some values, a length, a range. */
interface Allowed {
  values?: readonly string[];
  maxLength?: number;
  min?: number;
  max?: number;
}

/**
 * Compares the CHECKs of single columns with what `Create<Entity>Dto` allows in the member of the same name. A value that
 * the DTO allows and the table refuses is a 500 for the client that sends it: an enum that got a value, a longer text, a wider range.
 */
export async function narrowChecks(dataSource: DataSource, dtos: readonly DtoClass[]): Promise<NarrowCheck[]> {
  const rows = await dataSource.query<{ table: string; column: string; name: string; definition: string }[]>(`
    SELECT c.relname AS "table", a.attname AS "column", k.conname AS "name", pg_get_constraintdef(k.oid) AS "definition"
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND c.relnamespace = current_schema()::regnamespace
    ORDER BY k.conname`);
  return rows.flatMap(({ table, column, name, definition }) => {
    const entity = dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
    const member = entity?.columns.find(({ databaseName }) => databaseName === column)?.propertyName;
    const dto = dtos.find((one) => one.name === `Create${entity?.name.replace(/Entity$/, '') ?? ''}Dto`);
    if (member === undefined || !dto) return [];
    const [allowed, checked] = [allowedBy(dto, member), checkedBy(definition)];
    const wanted = widened(column, allowed, checked);
    if (wanted === undefined) return [];
    const change = (check: string): string =>
      `ALTER TABLE ${table} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} ${check}`;
    return [
      {
        said: `${name} refuses what ${dto.name}.${member} allows`,
        up: change(`CHECK (${wanted})`),
        down: change(definition),
      },
    ];
  });
}

/** A rule without arguments has no list of them, although its type says so. */
const firstOf = (constraints?: unknown[]): unknown => constraints?.[0];

/** What the rules of a member allow. */
function allowedBy(dto: DtoClass, member: string): Allowed {
  const allowed: Allowed = {};
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  for (const { name, constraints, propertyName } of rules) {
    if (propertyName !== member) continue;
    const value = firstOf(constraints);
    if (name === 'isIn' && Array.isArray(value)) allowed.values = value.map(String);
    if (name === 'maxLength') allowed.maxLength = Number(value);
    if (name === 'min') allowed.min = Number(value);
    if (name === 'max') allowed.max = Number(value);
  }
  return allowed;
}

/** What a CHECK allows, as far as it is of a form that can be read: as PostgreSQL prints it. */
function checkedBy(definition: string): Allowed {
  const [, list] = /= ANY \(\(?ARRAY\[([^\]]*)\]/.exec(definition) ?? [];
  if (list !== undefined) {
    return { values: Array.from(list.matchAll(/'((?:[^']|'')*)'/g), ([, value = '']) => value.replaceAll("''", "'")) };
  }
  const [, maxLength] = /^CHECK \(\(char_length\(\w+\) <= (\d+)\)\)$/.exec(definition) ?? [];
  if (maxLength !== undefined) return { maxLength: Number(maxLength) };
  const [, min, max] =
    /^CHECK \(\(\(\w+ >= \(?'?(-?\d+)'?(?:::integer\)?)?\)? AND \(\w+ <= \(?'?(-?\d+)'?(?:::integer\)?)?\)?\)\)$/.exec(
      definition,
    ) ?? [];
  return min === undefined || max === undefined ? {} : { min: Number(min), max: Number(max) };
}

/** The condition that allows what both allow, if the CHECK refuses something that the rules allow. */
function widened(column: string, allowed: Allowed, checked: Allowed): string | undefined {
  const missing = allowed.values?.filter((value) => !checked.values?.includes(value)) ?? [];
  if (checked.values && allowed.values && missing.length > 0) {
    const values = [...checked.values, ...missing].map((value) => `'${value.replaceAll("'", "''")}'`);
    return `${column} IN (${values.join(', ')})`;
  }
  if (checked.maxLength !== undefined && (allowed.maxLength ?? 0) > checked.maxLength) {
    return `char_length(${column}) <= ${String(allowed.maxLength)}`;
  }
  const [min, max] = [checked.min ?? 0, checked.max ?? 0];
  if (checked.min === undefined || ((allowed.min ?? min) >= min && (allowed.max ?? max) <= max)) return undefined;
  return `${column} BETWEEN ${String(Math.min(min, allowed.min ?? min))} AND ${String(Math.max(max, allowed.max ?? max))}`;
}
