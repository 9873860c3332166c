/** The longest access token that is read, in characters; ours have some 600. */
export const MAX_TOKEN_LENGTH = 4096;

const SCHEME = /^bearer +[^ ]/i;
/** RFC 6750 §2.1. */
const CREDENTIALS = /^bearer +([\w.~+/-]+=*)$/i;

/**
 * The access token in an `Authorization` header; RFC 6750 §2.1. The length comes first, and the patterns are anchored and
 * have one way to match, so that what is no token costs no more than one.
 * @returns undefined for other credentials or none, null for what can be no token.
 */
export function bearerTokenOf(header: string | undefined): string | null | undefined {
  if (header === undefined || !SCHEME.test(header)) return undefined;
  if (header.length > MAX_TOKEN_LENGTH + 'Bearer '.length) return null;
  return CREDENTIALS.exec(header)?.[1] ?? null;
}
