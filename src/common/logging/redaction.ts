/** Names of members that are never logged, in any case and with any word before or after: `newPassword`, `Set-Cookie`, `refresh_token`. */
const SECRET_NAME = /pass(?:word|phrase)|token$|secret|authorization|cookie|api[-_]?key|credential/i;

/** What is cut out of any text: JSON Web Tokens and bearer credentials, and digits that look like a card number. */
export const SECRET_PATTERNS = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|Bearer [\w.~+/-]{16,}=*|(?<=[\s"])(?:\d[ -]?){15}\d\b/g;

const REDACTED = '[redacted]';
/** How many levels of an entry are logged. */
const MAX_DEPTH = 8;

/** The members of a log entry, without what a name says is secret, however deep it is (ASVS 16.2.5). */
export function redact(entry: Record<string, unknown>): Record<string, unknown> {
  return withoutSecrets(entry, 0);
}

function withoutSecrets(members: Record<string, unknown>, depth: number): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    kept[name] = SECRET_NAME.test(name) && value !== undefined ? REDACTED : loggable(value, depth + 1);
  }
  return kept;
}

function loggable(value: unknown, depth: number): unknown {
  if (!isNested(value)) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => loggable(item, depth + 1));
  return withoutSecrets({ ...value }, depth);
}

/** Whether a value has members to look at; an error is left to its serializer, and a date or an id says itself how it is written. */
const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Error) && !('toJSON' in value);
