import sql, { type Sql } from 'sql-template-tag';
import type { Caller } from './caller.js';
import type { Permission } from './permissions.js';

/** A row that belongs to a user. */
interface Owned {
  ownerId: string;
}

/** Whether the caller owns a row, or has the permission for the rows of others. */
export const ownsOrMay = ({ ownerId }: Owned, caller: Caller, others: Permission): boolean =>
  ownerId === caller.userId || caller.permissions.has(others.name);

/**
 * The row, if the caller owns it or has the permission for the rows of others. Someone else's row is reported like a
 * missing one, so that nobody learns which ids exist.
 * @throws what `missing` makes, for no row and for someone else's.
 */
export function requireOwner<T extends Owned>(
  row: T | null | undefined,
  caller: Caller,
  others: Permission,
  missing: () => Error,
): T {
  if (!row || !ownsOrMay(row, caller, others)) throw missing();
  return row;
}

/** The conditions that leave a list the caller's own rows; none where the caller has the permission for those of others. */
export const ownedBy = (owner: Sql, caller: Caller, others: Permission): Sql[] =>
  caller.permissions.has(others.name) ? [] : [sql`${owner} = ${caller.userId}`];
