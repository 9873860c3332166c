import { ValidateBy } from 'class-validator';

/** RFC 3339 §5.6, without leap seconds: PostgreSQL and JavaScript have none. */
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a point in time that exists, its offset from UTC included. */
export function isDateTime(value: unknown): boolean {
  const [text, day] = typeof value === 'string' ? (DATE_TIME.exec(value) ?? []) : [];
  if (text === undefined || day === undefined) return false;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return false;
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/**
 * Reads a point in time as RFC 3339 has it: `2026-11-20T09:30:00Z`.
 * @public the generator of features writes it
 */
export const IsDateTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDateTime',
    validator: {
      validate: isDateTime,
      defaultMessage: () => '$property must be a date and time with its offset from UTC, like 2026-11-20T09:30:00Z',
    },
  });
