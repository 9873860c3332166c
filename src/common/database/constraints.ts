import { QueryFailedError } from 'typeorm';

/** The name of the constraint that refused a statement, e.g. `products_sku_unique`; undefined for any other failure. */
function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const cause: unknown = error.driverError;
  return typeof cause === 'object' && cause !== null && 'constraint' in cause && typeof cause.constraint === 'string'
    ? cause.constraint
    : undefined;
}

/** Awaits a write; when the constraint refuses it, throws what the feature says instead. */
export async function refusedBy<T>(constraint: string, refusal: () => Error, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw violatedConstraint(error) === constraint ? refusal() : error;
  }
}
