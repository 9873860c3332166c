import { QueryFailedError } from 'typeorm';

/** The name of the constraint that refused a statement, e.g. `products_sku_unique`; undefined for any other failure. */
function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const cause: unknown = error.driverError;
  return typeof cause === 'object' && cause !== null && 'constraint' in cause && typeof cause.constraint === 'string'
    ? cause.constraint
    : undefined;
}

/** The SQLSTATE that a statement failed with; undefined of any other failure. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const cause: unknown = error.driverError;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
}

/** Whether a statement would have deleted or referred to a row against a foreign key. */
export const isForeignKeyViolation = (error: unknown): boolean => sqlStateOf(error) === '23503';

/** By the name of a constraint, what the feature says when it refuses. */
export type ConstraintErrors = Readonly<Record<string, () => Error>>;

/** Awaits a write; when one of the constraints refuses it, throws what the feature says instead. */
export async function mapConstraintErrors<T>(refusals: ConstraintErrors, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const refusal = refusals[violatedConstraint(error) ?? ''];
    throw refusal ? refusal() : error;
  }
}
