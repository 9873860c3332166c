import { defineError, type ErrorKind, type ErrorReason } from '../../errors/app-error.js';
import type { Schema } from '../../json-schema/schema.js';

/** What each reason is in HTTP; RFC 9110 §15. */
const STATUSES: Readonly<Record<ErrorReason, number>> = {
  malformed: 400,
  unauthenticated: 401,
  declined: 402,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  outdated: 412,
  unsupported: 415,
  invalid: 422,
  'too-many': 429,
  internal: 500,
  unavailable: 503,
};

/** The statuses of the kinds that there are in HTTP alone. */
const ownStatuses = new Map<ErrorKind, number>();

/** Registers a kind of failure that there is in HTTP alone, with its status. */
export function defineHttpError(
  code: string,
  status: number,
  title: string,
  description: string,
  members: Record<string, Schema> = {},
): ErrorKind {
  const kind = defineError(code, status < 500 ? 'malformed' : 'internal', title, description, members);
  ownStatuses.set(kind, status);
  return kind;
}

/** The status that a kind of failure is answered with. */
export const statusOf = (kind: ErrorKind): number => ownStatuses.get(kind) ?? STATUSES[kind.reason];
