/** What of an error is logged. */
interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  code?: string;
  constraint?: string;
  table?: string;
  routine?: string;
  cause?: unknown;
}

/** How many causes of an error are logged. */
const MAX_CAUSES = 4;

/**
 * An error as it is logged: what it is and where it came from, but none of what a client sent. A failed statement has its
 * parameters as members, and PostgreSQL's own `detail` quotes the row: both are left out (ASVS 16.2.5).
 */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const details = { ...membersOf(driverErrorOf(error)), ...membersOf(error) };
  const logged: LoggedError = {
    type: error.constructor.name,
    message: messageOf(error),
    ...details,
  };
  if (error.stack !== undefined) logged.stack = isAboutData(error) ? withoutValues(error.stack) : error.stack;
  if (error.cause !== undefined && depth < MAX_CAUSES) logged.cause = serializeError(error.cause, depth + 1);
  return logged;
}

/** The message of an error, without the values that PostgreSQL quotes in one about data. */
export const messageOf = (error: Error): string => (isAboutData(error) ? withoutValues(error.message) : error.message);

/** Whether it is of SQLSTATE class 22, a data exception. */
const isAboutData = (error: Error): boolean =>
  (membersOf(error).code ?? membersOf(driverErrorOf(error)).code ?? '').startsWith('22');

/** What PostgreSQL said, where TypeORM wraps it. */
const driverErrorOf = (error: Error): unknown => ('driverError' in error ? error.driverError : undefined);

function membersOf(error: unknown): Pick<LoggedError, 'code' | 'constraint' | 'table' | 'routine'> {
  if (typeof error !== 'object' || error === null) return {};
  return {
    ...('code' in error && isCode(error.code) && { code: String(error.code) }),
    ...('constraint' in error && typeof error.constraint === 'string' && { constraint: error.constraint }),
    ...('table' in error && typeof error.table === 'string' && { table: error.table }),
    ...('routine' in error && typeof error.routine === 'string' && { routine: error.routine }),
  };
}

const isCode = (code: unknown): code is string | number => typeof code === 'string' || typeof code === 'number';

const withoutValues = (text: string): string => text.replace(/"[^"\n]*"/g, '"…"');
